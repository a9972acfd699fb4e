"""What a caller may hand in, turned into a Law; and what isn't one, refused with the door that takes it."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from plogp.densities import mathematics
from plogp.densities.law import Law
from plogp.densities.mixtures import Mixed, Mixture
from plogp.errors import InvalidType, InvalidValue, ShapeMismatch

__all__ = ["law", "pair"]

NEEDED = (
    "a frozen distribution of scipy.stats, one of its new distribution objects, of torch.distributions or NumPyro, a "
    "fitted GaussianMixture or a plogp.densities.Mixture is needed"
)


def law(name: str, d: Any) -> Law:
    """The law of a distribution object.

    Raises:
        InvalidType: samples, a family without its parameters, or anything else that isn't a distribution.
        InvalidValue: parameters of which there is no law.
    """
    reader = _BY_TYPE.get(type(d))
    if reader is None:
        reader = _BY_TYPE[type(d)] = _meet(name, d)
    return reader(d)


def _meet(name: str, d: Any) -> Callable[[Any], Law]:
    """What reads a type that comes for the first time."""
    packages = {base.__module__.partition(".")[0] for base in type(d).__mro__}
    if packages & {"torch", "numpyro"} and hasattr(d, "log_prob"):
        from plogp.densities.from_torch import tensor_law

        return tensor_law
    if "sklearn" in packages and hasattr(d, "covariance_type"):
        return lambda d: mixture(gaussian_mixture(d))
    if "scipy" in packages:
        return _of_scipy(name, d)
    raise _refused(name, d)


def _of_scipy(name: str, d: Any) -> Callable[[Any], Law]:
    from scipy import stats

    from plogp.densities.from_scipy import custom_law, frozen_law, histogram_law, modern_law, vector_law

    if hasattr(d, "dist") and hasattr(d, "args"):
        return frozen_law
    if isinstance(d, stats.rv_discrete) and hasattr(d, "xk"):
        return custom_law
    if isinstance(d, stats.rv_histogram):
        return histogram_law
    if isinstance(d, stats.rv_continuous | stats.rv_discrete):
        raise InvalidType(
            f"`{name}` is {d.name}, a family without its parameters; needed: a distribution",
            hint=f"such as scipy.stats.{d.name}({d.shapes or 'loc=0'})",
        )
    if type(d).__name__ == "Mixture":
        return lambda d: mixture(Mixture(d.weights, d.components))
    if hasattr(d, "iccdf"):
        return modern_law
    if type(d).__name__.endswith("_frozen"):
        return vector_law
    raise _refused(name, d)


def _refused(name: str, d: Any) -> InvalidType:
    if isinstance(d, type):
        return InvalidType(f"`{name}` is the class {d.__name__}; {NEEDED}", hint="give it its parameters")
    hint = "samples? plogp.estimate; probabilities? plogp.entropy(p)" if hasattr(d, "__len__") else ""
    return InvalidType(f"`{name}` is of type {type(d).__name__}; {NEEDED}", hint=hint)


def gaussian_mixture(model: Any) -> Mixture:
    """The density that scikit-learn's mixture was fitted to.

    Raises:
        InvalidValue: it wasn't fitted.
    """
    from scipy.stats import multivariate_normal

    if not hasattr(model, "weights_"):
        raise InvalidValue(f"{type(model).__name__} isn't fitted; needed: its components", hint="call .fit(x) first")
    means, d = model.means_, model.means_.shape[1]
    covariances: Mapping[str, Callable[[int], Any]] = {
        "full": lambda i: model.covariances_[i],
        "tied": lambda i: model.covariances_,
        "diag": lambda i: np.diag(model.covariances_[i]),
        "spherical": lambda i: model.covariances_[i] * np.eye(d),
    }
    own = covariances[model.covariance_type]
    return Mixture(model.weights_, [multivariate_normal(mean, own(i)) for i, mean in enumerate(means)])


def mixture(d: Mixture) -> Law:
    """The law of a mixture of unbatched laws.

    Raises:
        ShapeMismatch: batches, or components of several shapes.
        InvalidType: continuous components with discrete ones.
    """
    parts = [law(f"components[{i}]", c) for i, c in enumerate(d.components)]
    if any(part.batch for part in parts) or len({part.event for part in parts}) > 1:
        shapes = ", ".join(f"{part.batch}/{part.event}" for part in parts[:5])
        raise ShapeMismatch(
            f"the components of a mixture have batch and event shapes {shapes}; needed: no batch, one event shape"
        )
    if len({part.discrete for part in parts}) > 1:
        raise InvalidType("a mixture of discrete and continuous components came; needed: all of one kind")
    first = parts[0]
    return Law(
        "mixture", "mixture", (d.weights, parts), mathematics.FLOATS, first.discrete, (), first.event,
        lambda index: Mixed(d.weights, [part.element(()) for part in parts]),
    )  # fmt: skip


def pair(p: Any, q: Any) -> tuple[Law, Law, tuple[int, ...]]:
    """Two laws that can be compared, and the shape of the batch that they have together.

    Raises:
        InvalidType: one discrete, one continuous; or of two frameworks.
        ShapeMismatch: different event shapes, or batches that don't broadcast.
    """
    a, b = law("p", p), law("q", q)
    if a.discrete != b.discrete:
        kinds = ["discrete" if x.discrete else "continuous" for x in (a, b)]
        raise InvalidType(
            f"p is {kinds[0]} ({a.name}) and q is {kinds[1]} ({b.name}); needed: two of one kind",
            hint="a probability and a density can't be compared; discretise the continuous one, if that is meant",
        )
    if a.event != b.event:
        raise ShapeMismatch(
            f"p has values of shape {tuple(a.event)} and q of {tuple(b.event)}; needed: the same",
            hint="of a law of vectors with independent coordinates, compare Independent(…, 1)",
        )
    try:
        return a, b, a.batch if a.batch == b.batch else np.broadcast_shapes(a.batch, b.batch)
    except ValueError:
        raise ShapeMismatch(
            f"p is a batch of shape {tuple(a.batch)} and q of {tuple(b.batch)}; needed: shapes that broadcast"
        ) from None


_BY_TYPE: dict[type, Callable[[Any], Law]] = {Mixture: mixture}
