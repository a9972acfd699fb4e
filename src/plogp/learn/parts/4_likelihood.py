"""Cross-entropy and maximum likelihood."""

import marimo

app = marimo.App(app_title="Cross-entropy and maximum likelihood")


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
    # Cross-entropy and maximum likelihood

    A classifier gives each class a probability. How surprised is it by the true classes, on average? That is its
    **cross-entropy**, $-\frac1n\sum_i \log q(y_i|x_i)$, and minus $n$ times that is the log-likelihood of the labels: to make the one
    least is to make the other greatest. Below a classifier learns three clouds of points by going downhill.
    """)


@app.cell
def _(np):
    draw = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 60)
    points = np.array([[-2, 0], [2, 0], [0, 2.5]])[labels] + draw.normal(size=(180, 2))
    features = np.column_stack([points, np.ones(180)])
    return features, labels, points


@app.cell
def _(mo):
    steps = mo.ui.slider(0, 200, 1, value=10, label="steps downhill", show_value=True, full_width=True)
    steps
    return (steps,)


@app.cell
def _(features, labels, np, pp, steps):
    def train(n_steps):
        """Weights after so many steps, and the loss before each and after the last."""
        weights, losses = np.zeros((3, 3)), []
        for _step in range(n_steps + 1):
            logits = features @ weights
            losses.append(float(pp.losses.cross_entropy(logits=logits, targets=labels, unit="bits")))
            probabilities = np.exp(logits - logits.max(axis=1, keepdims=True))
            probabilities /= probabilities.sum(axis=1, keepdims=True)
            if len(losses) <= n_steps:
                weights = weights - 0.2 * features.T @ (probabilities - np.eye(3)[labels]) / len(labels)
        return probabilities, losses

    probabilities, losses = train(steps.value)
    log_likelihood = float(np.log2(probabilities[np.arange(180), labels]).sum())
    accuracy = float((probabilities.argmax(axis=1) == labels).mean())
    return accuracy, log_likelihood, losses, probabilities


@app.cell
def _(accuracy, log_likelihood, losses, mo, points, probabilities, pyplot):
    picture, (left, right) = pyplot.subplots(1, 2, figsize=(8, 3), layout="constrained")
    left.scatter(*points.T, c=probabilities, s=12)
    left.set_title("the colour is what it believes")
    right.plot(losses)
    right.set(xlabel="steps", ylabel="cross-entropy in bits", ylim=(0, None))
    said = mo.md(
        f'Cross-entropy <b id="answer">{losses[-1]:.4f}</b> bits a point; log-likelihood {log_likelihood:.2f} bits, which is '
        f"−180 times as much; {100 * accuracy:.0f} % are right. Before any step it was log₂ 3 = {losses[0]:.4f}."
    )
    mo.vstack([said, picture])


if __name__ == "__main__":
    app.run()
