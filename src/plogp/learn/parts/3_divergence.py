"""KL divergence, both ways."""

import marimo

app = marimo.App(app_title="KL divergence")


@app.cell
def _():
    from math import log

    import marimo as mo
    import numpy as np
    from matplotlib import pyplot

    import plogp as pp

    return log, mo, np, pp, pyplot


@app.cell
def _(mo):
    mo.md(r"""
    # KL divergence

    $D(P\|Q) = E_P[\log p(x)/q(x)]$: how many bits more you need if $P$ is true and you believe $Q$. It is 0 where they are
    the same, and it isn't a distance: the other way round it is another number.

    ## Two Gaussians

    $P$ is a Gaussian of mean 0 and deviation 1; you choose $Q$.
    """)


@app.cell
def _(mo):
    mean = mo.ui.slider(-3.0, 3.0, 0.1, value=1.0, label="mean of Q", show_value=True, full_width=True)
    deviation = mo.ui.slider(0.3, 3.0, 0.1, value=2.0, label="deviation of Q", show_value=True, full_width=True)
    mo.vstack([mean, deviation])
    return deviation, mean


@app.cell
def _(deviation, log, mean, mo, np, pyplot):
    def gaussians(m1, s1, m2, s2):
        """D of two Gaussians, in bits."""
        return (log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s2**2) - 0.5) / log(2)

    there = gaussians(0, 1, mean.value, deviation.value)
    back = gaussians(mean.value, deviation.value, 0, 1)
    x = np.linspace(-8, 8, 400)
    curves, axes = pyplot.subplots(figsize=(6, 3), layout="constrained")
    for name, m, s in (("p", 0, 1), ("q", mean.value, deviation.value)):
        axes.plot(x, np.exp(-((x - m) ** 2) / (2 * s**2)) / (s * np.sqrt(2 * np.pi)), label=name)
    axes.legend()
    mo.vstack(
        [mo.md(f'D(P‖Q) = <b id="answer">{there:.4f}</b> bits, and D(Q‖P) = <b id="back">{back:.4f}</b> bits.'), curves]
    )
    return back, there


@app.cell
def _(mo):
    mo.md(r"""
    A wide Q forgives: wherever P puts something, Q expects it a little. A narrow Q doesn't: where it expects nothing and P puts
    something, bits are lost without end.

    ## Two histograms

    The same on a loaded die: of six faces one comes more often. Q is the fair die.
    """)


@app.cell
def _(mo):
    load = mo.ui.slider(0.0, 1.0, 0.05, value=0.5, label="how often a six comes", show_value=True, full_width=True)
    load
    return (load,)


@app.cell
def _(load, mo, pp):
    die, fair = [(1 - load.value) / 5] * 5 + [load.value], [1 / 6] * 6
    loaded = float(pp.kl_divergence(die, fair))
    mo.vstack(
        [mo.md(f"`pp.kl_divergence(die, fair)` = {loaded:.4f}"), pp.plot.divergences(die, fair, outcomes=range(1, 7))]
    )
    return (loaded,)


if __name__ == "__main__":
    app.run()
