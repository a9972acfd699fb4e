"""Laws of `torch.distributions` and NumPyro, which share names: parameters stay tensors, so that gradients flow."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, cached_property, partial
from math import inf
from typing import Any

import numpy as np

from plogp.arrays import to_numpy
from plogp.densities import mathematics
from plogp.densities.law import FAMILIES, Floats, Law, parameters
from plogp.densities.mixtures import Mixed
from plogp.densities.sampled import LANDMARKS, of_family

__all__ = ["Tensors", "doubled", "tensor_law"]

Values = tuple[Any, ...]

PLAIN = {"power", "divisor", "origin", "low", "width"}
"""Parameters that formulas take as plain numbers too."""


def power(shape: Any, scale: Any, exponent: Any, divisor: float = 1.0) -> Values:
    """A generalised gamma law at the origin; a shape or scale that's a number becomes an array like the other."""
    if isinstance(shape, float):
        shape = shape + 0.0 * scale
    if isinstance(scale, float):
        scale = scale + 0.0 * shape
    return shape, scale, exponent, divisor, 0.0


def two(m: Any, d: Any) -> Values:
    """p and 1 − p; of logits both from them, as 1 − p may be rounded away."""
    if "logits" not in vars(d):
        return d.probs, 1.0 - d.probs
    return 1.0 / (1.0 + m.exp(-d.logits)), 1.0 / (1.0 + m.exp(d.logits))


def successes(m: Any, d: Any) -> Values:
    p, c = two(m, d)
    return p, c, 0.0


def trials(m: Any, d: Any) -> Values:
    return m.floats(d.total_count), *successes(m, d)


def failures(m: Any, d: Any) -> Values:
    """Torch's negative binomial law counts what SciPy's calls failures."""
    n, p, c, origin = trials(m, d)
    return n, c, p, origin


def interval(m: Any, d: Any) -> Values:
    return m.floats(d.low), m.floats(d.high)


READERS: Mapping[str, tuple[str, Callable[[Any, Any], Values]]] = {
    "Normal": ("normal", lambda m, d: (d.loc, d.scale)),
    "LogNormal": ("lognormal", lambda m, d: (d.loc, None, d.scale, 0.0)),
    "Laplace": ("laplace", lambda m, d: (d.loc, d.scale)),
    "Cauchy": ("cauchy", lambda m, d: (d.loc, d.scale)),
    "HalfCauchy": ("half-cauchy", lambda m, d: (d.scale, 0.0)),
    "Logistic": ("logistic", lambda m, d: (d.loc, d.scale)),
    "Gumbel": ("gumbel", lambda m, d: (d.loc, d.scale)),
    "VonMises": ("von mises", lambda m, d: (d.loc, d.concentration)),
    "StudentT": ("student t", lambda m, d: (d.df, d.loc, d.scale)),
    "Exponential": ("generalised gamma", lambda m, d: power(1.0, m.xp.reciprocal(d.rate), 1.0)),
    "Gamma": ("generalised gamma", lambda m, d: power(d.concentration, m.xp.reciprocal(d.rate), 1.0)),
    "Chi2": ("generalised gamma", lambda m, d: power(d.df / 2.0, 2.0, 1.0)),
    "HalfNormal": ("generalised gamma", lambda m, d: power(0.5, d.scale, 2.0, 0.5)),
    "Weibull": ("generalised gamma", lambda m, d: power(1.0, d.scale, d.concentration)),
    "InverseGamma": ("generalised gamma", lambda m, d: power(d.concentration, d.rate, -1.0)),
    "Levy": ("generalised gamma", lambda m, d: (*power(0.5, d.scale / 2.0, -1.0)[:4], d.loc)),
    "Pareto": ("pareto", lambda m, d: (d.alpha, d.scale, 0.0)),
    "Beta": ("beta", lambda m, d: (d.concentration1, d.concentration0, 0.0, 1.0)),
    "Uniform": ("uniform", lambda m, d: (d.low, d.high, d.high - d.low)),
    "LogUniform": ("log-uniform", lambda m, d: (d.low, d.high, 0.0)),
    "Bernoulli": ("bernoulli", successes),
    "Binomial": ("binomial", trials),
    "Geometric": ("geometric", successes),
    "NegativeBinomial": ("negative binomial", failures),
    "Poisson": ("poisson", lambda m, d: (d.rate, 0.0)),
    "DiscreteUniform": ("discrete uniform", interval),
    "Categorical": ("categorical", lambda m, d: (d.probs,)),
    "OneHotCategorical": ("categorical", lambda m, d: (d.probs,)),
    "Multinomial": ("multinomial", lambda m, d: (m.floats(d.total_count), d.probs)),
    "MultivariateNormal": ("multivariate normal", lambda m, d: (d.loc, d.scale_tril)),
    "LowRankMultivariateNormal": ("multivariate normal", lambda m, d: (d.loc, d.scale_tril)),
    "MultivariateStudentT": ("multivariate t", lambda m, d: (d.df, d.loc, d.scale_tril)),
    "Dirichlet": ("dirichlet", lambda m, d: (d.concentration,)),
    "Wishart": ("wishart", lambda m, d: (d.df if hasattr(d, "df") else d.concentration, d.scale_tril)),
    "InverseWishart": ("inverse wishart", lambda m, d: (d.concentration, d.scale_tril)),
}  # fmt: skip
"""What a class is, and its parameters; NumPyro's names end in Probs or Logits where there are two forms."""


def tensor_law(d: Any) -> Law:
    """A distribution of PyTorch or NumPyro, or a batch of them."""
    reader = _BY_TYPE.get(type(d))
    if reader is None:
        reader = _BY_TYPE[type(d)] = _meet(d)
    return reader(d)


def _meet(d: Any) -> Callable[[Any], Law]:
    """What reads a type that comes for the first time."""
    kind = type(d)
    name = kind.__name__.removesuffix("Probs").removesuffix("Logits")
    m = _mathematics(_is_torch(kind))
    if name == "Independent":
        return _independent
    if name == "ExpandedDistribution":
        return lambda d: replace(tensor_law(d.base_dist), batch=d.batch_shape, element=partial(Tensors, d))
    if name == "MixtureSameFamily":
        return lambda d: _unknown(d, name, m, "mixture", partial(_mixture, d))
    if name in READERS and kind.__module__.startswith(("torch.distributions", "numpyro.distributions")):
        return partial(_known, name, *READERS[name], m, bool(d.support.is_discrete))
    return lambda d: _unknown(d, name, m, "", partial(Tensors, d))


def _known(name: str, family: str, read: Callable[[Any, Any], Values], m: Any, discrete: bool, d: Any) -> Law:
    values = read(m, d)
    if m.framework.name == "JAX":  # NumPyro leaves plain numbers as they came
        named = zip(FAMILIES[family], values, strict=True)
        values = tuple(m.floats(v) if isinstance(v, int | float) and k not in PLAIN else v for k, v in named)
    at = parameters(name, family, values, None if d._validate_args else m.holds)  # the library has looked already
    return Law(
        name, family, at, m, discrete, d.batch_shape, d.event_shape, partial(of_family, family, at, d.batch_shape)
    )


def _unknown(d: Any, name: str, m: Any, family: str, element: Callable[[tuple[int, ...]], Any]) -> Law:
    return Law(name, family, None, m, bool(d.support.is_discrete), d.batch_shape, d.event_shape, element)


def _independent(d: Any) -> Law:
    base = tensor_law(d.base_dist)
    n = base.independent + d.reinterpreted_batch_ndims
    return replace(base, batch=d.batch_shape, event=d.event_shape, independent=n, element=partial(Tensors, d))


def _is_torch(kind: type) -> bool:
    return all(not base.__module__.startswith("numpyro") for base in kind.__mro__)


@cache
def _mathematics(is_torch: bool) -> mathematics.Mathematics:
    if is_torch:
        import torch

        return mathematics.of(torch.zeros(()))
    import jax

    return mathematics.of(jax.numpy.zeros(()))


def _mixture(d: Any, index: tuple[int, ...]) -> Mixed:
    """The weights at an index of the batch, and the components, which are the last axis of a batch of their own."""
    weights = getattr(d, "mixture_distribution", None) or d.mixing_distribution
    components = tensor_law(getattr(d, "component_distribution", None) or d._component_distribution)
    w = np.asarray(to_numpy(weights.probs), dtype=np.float64)
    own = w[index] if w.ndim > 1 else w
    return Mixed(own / own.sum(), [components.element((*index, j)) for j in range(len(own))])


class Tensors:
    """A distribution of PyTorch or NumPyro as it is, at an index of its batch; PyTorch's in float64."""

    def __init__(self, d: Any, index: tuple[int, ...]) -> None:
        self.torch = _is_torch(type(d))
        self.d, self.index = doubled(d) if self.torch else d, index
        self.batch, self.event = len(d.batch_shape), len(d.event_shape)

    @cached_property
    def support(self) -> tuple[float, float]:
        """The ends, where it says them."""
        s = self.d.support
        low, high = (
            np.asarray(to_numpy(getattr(s, f"{end}_bound", out))) for end, out in (("lower", -inf), ("upper", inf))
        )
        return float(low[self.index] if low.ndim else low), float(high[self.index] if high.ndim else high)

    @cached_property
    def landmarks(self) -> Floats:
        """Some quantiles of a sample."""
        return np.quantile(self.draw(2001, 0), LANDMARKS)

    def log_density(self, x: Floats, near: float = 0.0) -> Floats:
        """log of the density or mass at near + x, (n,) or (n, *event)."""
        x = near + x
        spread = x.reshape(len(x), *(1,) * self.batch, *x.shape[1:])
        inside = np.ones(len(x), dtype=bool) if self.event else (x >= self.support[0]) & (x <= self.support[1])
        safe = np.where(inside.reshape(-1, *(1,) * (spread.ndim - 1)), spread, self._possible)
        if self.torch:
            import torch

            value = self.d.log_prob(torch.from_numpy(safe)).numpy()
        else:
            value = np.asarray(self.d.log_prob(safe), dtype=np.float64)
        out: Floats = np.where(inside, value[:, *self.index], -inf)
        return out

    @cached_property
    def _possible(self) -> Floats:
        one: Floats = self.draw(1, 0)[0]
        return one

    def draw(self, n: int, seed: int) -> Floats:
        """n independent values, (n,) or (n, *event)."""
        if self.torch:
            import torch

            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                values = self.d.sample((n,)).double().numpy()
        else:
            import jax

            values = np.asarray(self.d.sample(jax.random.PRNGKey(seed), (n,)), dtype=np.float64)
        own: Floats = values[:, *self.index]
        return own

    def cdf(self, x: Floats) -> Floats | None:
        """Left to those who know it."""
        return None

    def moments(self) -> tuple[Floats, Floats] | None:
        """Left to those who know them."""
        return None


def doubled(x: Any) -> Any:
    """A distribution of PyTorch with its tensors in float64, and without its gradients and its checks."""
    import torch

    if isinstance(x, torch.Tensor):
        return x.detach().double() if x.is_floating_point() else x.detach()
    if isinstance(x, list | tuple):
        return type(x)(map(doubled, x)) if not hasattr(x, "_fields") else x
    if not isinstance(
        x, torch.distributions.Distribution | torch.distributions.Transform | torch.distributions.constraints.Constraint
    ):
        return x
    new = copy.copy(x)
    vars(new).update({name: doubled(value) for name, value in vars(x).items()})
    if isinstance(x, torch.distributions.Distribution):
        new._validate_args = False
    return new


_BY_TYPE: dict[type, Callable[[Any], Law]] = {}
