"""Surprise and entropy."""

import marimo

app = marimo.App(app_title="Surprise and entropy")


@app.cell
def _():
    import marimo as mo
    import numpy as np
    from matplotlib import pyplot

    import plogp as pp

    return mo, np, pp, pyplot


@app.cell
def _(mo):
    mo.md(r"""
    # Surprise and entropy

    How surprised are you by an event of probability $p$? Certain events don't surprise at all; of two independent events
    the surprises add up. Only $-\log p$ does both. With base 2 it is counted in **bits**: a bit is one fair coin.
    """)


@app.cell
def _(mo):
    p = mo.ui.slider(0.01, 1.0, 0.01, value=0.25, label="p", show_value=True, full_width=True)
    p
    return (p,)


@app.cell
def _(mo, p, pp):
    surprise = float(pp.self_information(p.value))
    mo.md(
        f'The surprise is −log₂ {p.value} = <b id="answer">{surprise:.4f}</b> bits: `pp.self_information({p.value})`.'
    )
    return (surprise,)


@app.cell
def _(mo):
    mo.md(r"""
    ## The average surprise

    A coin that falls heads with probability $p$ surprises by $-\log_2 p$ on heads and by $-\log_2(1-p)$ on tails. On average
    that is its **entropy**, $H = -\sum p \log p$: highest where nothing can be foreseen, 0 where all can.
    """)


@app.cell
def _(mo, np, p, pp, pyplot):
    entropy = float(pp.entropy([p.value, 1 - p.value]))
    grid = np.linspace(0, 1, 201)
    curve, axes = pyplot.subplots(figsize=(6, 3), layout="constrained")
    axes.plot(grid, pp.entropy(np.stack([grid, 1 - grid], axis=-1)))
    axes.plot(p.value, entropy, "o")
    axes.set(xlabel="p", ylabel="H in bits", ylim=(0, 1.05))
    mo.vstack([mo.md(f"H = **{entropy:.4f}** bits: `pp.entropy([{p.value}, {1 - p.value:.2f}])`"), curve])
    return (entropy,)


@app.cell
def _(mo, pp):
    cards = [1, 1 / 4, 1 / 52]
    bits = [float(pp.self_information(chance)) for chance in cards]
    mo.md(f"""
    ## The chapter's cards

    "I see a card" tells {bits[0]:.0f} bits, "a heart" {bits[1]:.0f}, "the 3 of spades" {bits[2]:.1f}.
    """)
    return (bits,)


if __name__ == "__main__":
    app.run()
