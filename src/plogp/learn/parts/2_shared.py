"""Joint, conditional and mutual information."""

import marimo

app = marimo.App(app_title="What two variables share")


@app.cell
def _():
    import marimo as mo
    import numpy as np

    import plogp as pp

    return mo, np, pp


@app.cell
def _(mo):
    mo.md(r"""
    # What two variables share

    A bit $X$ is sent over a wire that flips it now and then; $Y$ arrives. What does $Y$ still tell of $X$? Knowing $Y$
    leaves $H(X|Y)$ of the entropy of $X$; the rest was told: $I(X;Y) = H(X) - H(X|Y) = H(X) + H(Y) - H(X,Y)$.
    """)


@app.cell
def _(mo):
    flip = mo.ui.slider(0.0, 1.0, 0.01, value=0.1, label="how often the wire flips", show_value=True, full_width=True)
    one = mo.ui.slider(0.0, 1.0, 0.01, value=0.5, label="how often a 1 is sent", show_value=True, full_width=True)
    mo.vstack([flip, one])
    return flip, one


@app.cell
def _(flip, np, one, pp):
    sent = np.array([1 - one.value, one.value])
    wire = np.array([[1 - flip.value, flip.value], [flip.value, 1 - flip.value]])
    joint = pp.Joint(sent[:, None] * wire, ("X", "Y"))
    formulas = ["H(X)", "H(Y)", "H(X,Y)", "H(X|Y)", "H(Y|X)", "I(X;Y)"]
    measures = {result.formula: float(result) for result in pp.measure(formulas, joint)}
    return joint, measures, sent, wire


@app.cell
def _(joint, measures, mo, pp):
    lines = "\n".join(f"| ${name.replace('|', chr(92) + 'mid ')}$ | {bits:.4f} |" for name, bits in measures.items())
    table = mo.md(f"| | bits |\n|---|---|\n{lines}")
    answer = mo.md(f'Of X the wire tells <b id="answer">{measures["I(X;Y)"]:.4f}</b> bits.')
    mo.vstack([answer, mo.hstack([table, pp.plot.information_diagram(["X", "Y"], joint)])])


@app.cell
def _(mo):
    mo.md(r"""
    Let the wire flip half of all bits: the circles part, and nothing is told. Let it flip all of them: a wire that always lies
    tells as much as one that never does. The areas are to scale.
    """)


@app.cell
def _(mo):
    mo.md(r"""
    ## A second wire

    The same bit goes over another wire that flips as often, by itself; $Z$ arrives. Knowing $Y$, how much more does $Z$ tell? That
    is the *conditional* mutual information $I(X;Z|Y)$, and together they tell $I(X;Y,Z) = I(X;Y) + I(X;Z|Y)$. What both
    tell alike is the middle of the diagram.
    """)


@app.cell
def _(mo, pp, sent, wire):
    three = pp.Joint(sent[:, None, None] * wire[:, :, None] * wire[:, None, :], ("X", "Y", "Z"))
    more, both = (float(result) for result in pp.measure(["I(X;Z|Y)", "I(X;Y,Z)"], three))
    said_of_both = mo.md(
        f"I(X;Z|Y) = **{more:.4f}** bits, and I(X;Y,Z) = **{both:.4f}**: `pp.measure('I(X;Z|Y)', joint)`."
    )
    mo.vstack([said_of_both, pp.plot.information_diagram(["X", "Y", "Z"], three)])
    return both, more


if __name__ == "__main__":
    app.run()
