"""The chapter's printed numbers as plogp reproduces them, and the right ones: `python -m benchmarks.chapter`.

A Markdown table of example × framework. The chapter doesn't run on NumPy and JAX; they stand beside.
"""

from collections.abc import Iterator

from backends import FRAMEWORKS, backend
from chapter_examples import EXAMPLES, SORTED_SAMPLES, kls_of_sorted_samples, sorted_samples

Row = tuple[str, ...]

HEAD = ("example", "framework", "printed", "reproduced", "right")
PAIRS = ("KL(p ‖ q1) of sorted samples", "KL(p ‖ q2) of sorted samples", "KL(q2 ‖ p) of sorted samples")
RIGHT_KL = "0.72134752 bits"


def main() -> None:
    for row in (HEAD, ("---",) * len(HEAD), *example_rows(), *sample_rows()):
        print("|", " | ".join(row), "|")


def example_rows() -> Iterator[Row]:
    for example in EXAMPLES:
        for name in FRAMEWORKS:
            printed = ", ".join(example.printed.get(name, "–"))
            values = ", ".join(map("{:.8g}".format, example.reproduced(backend(name))))
            yield example.name, name, printed, values, f"{example.right:.8g} {example.unit}"


def sample_rows() -> Iterator[Row]:
    """TensorFlow's can't be reproduced: the chapter sets no seed there."""
    torch, mx = backend("torch").torch, backend("mxnet").mx
    torch.manual_seed(1)
    samples = {
        "torch": sorted_samples(lambda mean, n: torch.normal(mean, 1, (n,))),
        "mxnet": sorted_samples(lambda mean, n: mx.np.random.normal(mean, 1, (n,)).asnumpy()),  # first of the process
    }
    for name, printed in SORTED_SAMPLES.items():
        drawn = name in samples
        values = (
            map("{:.8g}".format, kls_of_sorted_samples(backend(name), *samples[name])) if drawn else ["no seed"] * 3
        )
        for pair, was, value in zip(PAIRS, printed, values, strict=True):
            yield pair, name, was, value, RIGHT_KL


if __name__ == "__main__":
    main()
