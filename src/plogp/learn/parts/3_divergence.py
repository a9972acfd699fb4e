"""KL divergence, both ways."""

import marimo

app = marimo.App(app_title="KL divergence")


@app.cell
def _():
    import marimo as mo
    import numpy as np
    from matplotlib import pyplot
    from scipy import stats

    import plogp as pp

    return mo, np, pp, pyplot, stats


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
def _(deviation, mean, mo, np, pp, pyplot, stats):
    p, q = stats.norm(0, 1), stats.norm(mean.value, deviation.value)
    there, back = pp.densities.kl_divergence(p, q), pp.densities.kl_divergence(q, p)
    x = np.linspace(-8, 8, 400)
    curves, axes = pyplot.subplots(figsize=(6, 3), layout="constrained")
    axes.plot(x, p.pdf(x), label="p")
    axes.plot(x, q.pdf(x), label="q")
    axes.legend()
    said = mo.md(
        f'D(P‖Q) = <b id="answer">{float(there):.4f}</b> bits, and D(Q‖P) = <b id="back">{float(back):.4f}</b> bits: '
        f"`pp.densities.kl_divergence(stats.norm(0, 1), stats.norm({mean.value}, {deviation.value}))`, which says how it knows: "
        f"*{there.route}*."
    )
    mo.vstack([said, curves])
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
    loaded, forth = float(pp.kl_divergence(die, fair)), float(pp.kl_divergence(fair, die))
    said_of_dice = mo.md(
        f'`pp.kl_divergence(die, fair)` = <b id="loaded">{loaded:.4f}</b> bits, and the other way `pp.kl_divergence(fair, die)` = {forth:.4f}. '
        "A die that always shows a six makes the second infinite: the fair one shows faces that it says can't come."
    )
    mo.vstack([said_of_dice, pp.plot.divergences(die, fair, outcomes=range(1, 7))])
    return forth, loaded


if __name__ == "__main__":
    app.run()
