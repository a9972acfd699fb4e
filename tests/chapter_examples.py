"""The numbers that the chapter prints: what goes in, what each framework printed, and what is right.

`bare` is the chapter's formula in the words of plogp, on whatever the chapter gave it; `sound` is the checked measure
of what it should have been given. A printed number is a text, so that it keeps the digits that it was printed with.
TensorFlow's printed vectors are sums of rows, because its chapter sums over the last axis only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from backends import Backend
from numpy.typing import NDArray

from plogp import losses, pmf

__all__ = [
    "EXAMPLES",
    "PREDICTED",
    "SORTED_SAMPLES",
    "Example",
    "agrees",
    "kls_of_sorted_samples",
    "signed_kl_of_positive_ratios",
    "sorted_samples",
]

Array = Any
Measure = Callable[..., Array]
Floats = NDArray[np.float32]
Printed = tuple[str, ...]

ALL_AXES = (-2, -1)
P = [0.1, 0.5, 0.1, 0.3]
P_XY = [[0.1, 0.5], [0.1, 0.3]]
LABELS = [0, 2]
PREDICTED = [[0.3, 0.6, 0.1], [0.2, 0.3, 0.5]]


@dataclass(frozen=True, kw_only=True)
class Example:
    """One printed number of the chapter.

    Attributes:
        name, section: what it is, and where.
        inputs: what the chapter computes it from, by name; nested lists, which become arrays of float32.
        printed: by framework; several numbers where it printed a vector.
        bare: the formula of the chapter, of an axis and the inputs.
        sound: the checked measure, of the inputs that the chapter should have had.
        sound_inputs: those, where they differ.
        right: the value of `sound`.
        unit: of all these numbers.
        refusal: what the checked `bare` formula says of the chapter's inputs; None where they are sound.
    """

    name: str
    section: str
    inputs: Mapping[str, Any]
    printed: Mapping[str, Printed]
    bare: Measure
    sound: Measure
    sound_inputs: Mapping[str, Any] | None = None
    right: float
    unit: str = "bits"
    refusal: str | None = None

    def reproduced(self, xp: Backend) -> list[float]:
        """What the bare formula gives on a framework, in the shape that was printed there."""
        axis = -1 if len(self.printed.get(xp.name, ())) > 1 else ALL_AXES
        return numbers(xp, self.bare(axis, check=False, **arrays(xp, self.inputs)))

    def checked(self, xp: Backend) -> list[float]:
        """The same, but checked."""
        return numbers(xp, self.bare(ALL_AXES, check=True, **arrays(xp, self.inputs)))

    def corrected(self, xp: Backend, dtype: str = "float32") -> float:
        """What the checked measure gives for sound inputs."""
        return float(self.sound(**arrays(xp, self.sound_inputs or self.inputs, dtype)))


def arrays(xp: Backend, inputs: Mapping[str, Any], dtype: str = "float32") -> dict[str, Array]:
    """Arrays of a framework: floats in `dtype`, labels in int64."""
    return {name: xp.asarray(x, "int64" if name == "targets" else dtype) for name, x in inputs.items()}


def numbers(xp: Backend, value: Array) -> list[float]:
    """The entries of a result, as floats."""
    return [float(x) for x in np.ravel(xp.to_numpy(value))]


def agrees(value: float, printed: str) -> bool:
    """Whether a value rounds to what was printed, give or take a unit in the last place of a float32."""
    last = 10.0 ** -len(printed.partition(".")[2])
    return abs(value - float(printed)) <= last / 2 + float(np.spacing(np.float32(abs(value))))


EXAMPLES = (
    Example(
        name="self-information",
        section="19.11.1.1",
        inputs={"p": 1 / 64},
        printed={"torch": ("6.0",), "mxnet": ("6.0",), "tensorflow": ("6.0",)},
        bare=lambda axis, p, check: pmf.self_information(p, check=check),
        sound=pmf.self_information,
        right=6.0,
    ),
    Example(
        name="entropy",
        section="19.11.2.2",
        inputs={"p": P},
        printed={"torch": ("1.6855",), "mxnet": ("1.6854753",), "tensorflow": ("1.6854753",)},
        bare=lambda axis, p, check: pmf.entropy(p, check=check),
        sound=pmf.entropy,
        right=1.6854752972273344,
    ),
    Example(
        name="joint entropy",
        section="19.11.3.1",
        inputs={"p_xy": P_XY},
        printed={"torch": ("1.6855",), "mxnet": ("1.6854753",), "tensorflow": ("0.8321928", "0.8532826")},
        bare=lambda axis, p_xy, check: pmf.entropy(p_xy, axis=axis, check=check),
        sound=pmf.joint_entropy,
        right=1.6854752972273344,
    ),
    Example(
        name="conditional entropy",
        section="19.11.3.2",
        inputs={"p_xy": [[0.1, 0.5], [0.2, 0.3]], "p_x": [0.2, 0.8]},
        printed={"torch": ("0.8635",), "mxnet": ("0.8635472",), "tensorflow": ("0.43903595", "0.42451128")},
        bare=lambda axis, p_xy, p_x, check: pmf.cross_entropy(p_xy, p_xy / p_x, axis=axis, check=check),
        sound=lambda p_xy: pmf.conditional_entropy(p_xy, given=1),
        sound_inputs={"p_xy": P_XY},
        right=0.9635472023399723,
        refusal=r"`p` sums to 1\.1",
    ),
    Example(
        name="mutual information",
        section="19.11.3.3",
        inputs={"p_xy": P_XY, "p_x": [0.2, 0.8], "p_y": [[0.75, 0.25]]},
        printed={"torch": ("0.7195",), "mxnet": ("0.7194603",), "tensorflow": ("0.60246783", "0.1169925")},
        bare=lambda axis, p_xy, p_x, p_y, check: pmf.kl_divergence(p_xy, p_x * p_y, axis=axis, check=check),
        sound=pmf.mutual_information,
        sound_inputs={"p_xy": P_XY},
        right=0.0074033921146965,
        refusal=r"`p` of shape \(2, 2\) and `q` of shape \(1, 2\) don't go together",
    ),
    Example(
        name="cross-entropy",
        section="19.11.5.1",
        inputs={"probs": PREDICTED, "targets": LABELS},
        printed={"torch": ("0.9486",), "mxnet": ("0.94856",), "tensorflow": ("0.94856",)},
        bare=lambda axis, probs, targets, check: losses.cross_entropy(probs=probs, targets=targets),
        sound=lambda probs, targets: losses.cross_entropy(probs=probs, targets=targets),
        right=0.9485599924429406,
        unit="nats",
    ),
    Example(
        name="negative log-likelihood",
        section="19.11.5.3",
        inputs={"log_probs": np.log(PREDICTED).tolist(), "targets": LABELS},
        printed={"torch": ("0.9486",), "mxnet": ("0.9485599994659424",), "tensorflow": ("0.94856",)},
        bare=lambda axis, log_probs, targets, check: losses.cross_entropy(log_probs=log_probs, targets=targets),
        sound=lambda log_probs, targets: losses.cross_entropy(log_probs=log_probs, targets=targets),
        right=0.9485599924429406,
        unit="nats",
    ),
)

SORTED_SAMPLES = {
    "torch": ("8582.0341796875", "8828.3095703125", "14130.125"),
    "mxnet": ("8470.638", "8664.998", "13536.835"),
    "tensorflow": ("8626.121", "8585.482", "13792.76"),
}
"""Section 19.11.4.3: "KL" of p to q1, p to q2 and q2 to p, which are sorted samples of 10,000 Gaussian numbers."""


def sorted_samples(normal: Callable[[int, int], Any], n: int = 10_000) -> list[Floats]:
    """p, q1 and q2 of that section, drawn in this order: `normal(mean, n)` draws n numbers of variance 1."""
    return [np.sort(np.asarray(normal(mean, n))) for mean in (0, -1, 1)]


def kls_of_sorted_samples(xp: Backend, p: Floats, q1: Floats, q2: Floats) -> list[float]:
    """What the chapter calls the KL divergences, in bits, as a framework computes them.

    Its nansum drops the terms whose ratio is negative, and its abs hides the sign of the sum of the others.
    """
    return [abs(signed_kl_of_positive_ratios(xp, *pair)) for pair in ((p, q1), (p, q2), (q2, p))]


def signed_kl_of_positive_ratios(xp: Backend, p: Floats, q: Floats) -> float:
    """The bare formula on the entries of two samples that have the same sign, in bits."""
    same_sign = p / q > 0
    p, q = (xp.asarray(x[same_sign], "float32") for x in (p, q))
    return float(pmf.kl_divergence(p, q, check=False))
