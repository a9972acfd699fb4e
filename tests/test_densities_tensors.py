"""Distributions of PyTorch and NumPyro: values as SciPy's, batches, gradients, and what isn't known in closed form."""

import jax
import numpy as np
import numpyro.distributions as nd
import pytest
import torch
from scipy import stats
from torch import distributions as td

from plogp import densities
from plogp.errors import InvalidType, InvalidValue, ShapeMismatch

BATCH = (3, 2)


def kl(p, q, **how):
    return densities.kl_divergence(p, q, unit="nats", **how)


def rates(seed, *shape, least=0.3):
    return torch.from_numpy(np.random.default_rng(seed).uniform(least, 3, shape or BATCH))


def lower(seed, d):
    return torch.tril(rates(seed, *BATCH, d, d))


IN_TORCH = {
    "Normal": lambda i: td.Normal(rates(i), rates(i + 1)),
    "LogNormal": lambda i: td.LogNormal(rates(i), rates(i + 1)),
    "HalfNormal": lambda i: td.HalfNormal(rates(i)),
    "Laplace": lambda i: td.Laplace(rates(i), rates(i + 1)),
    "Exponential": lambda i: td.Exponential(rates(i)),
    "Gamma": lambda i: td.Gamma(rates(i), rates(i + 1)),
    "InverseGamma": lambda i: td.InverseGamma(rates(i), rates(i + 1)),
    "Chi2": lambda i: td.Chi2(rates(i)),
    "Beta": lambda i: td.Beta(rates(i), rates(i + 1)),
    "Gumbel": lambda i: td.Gumbel(rates(i), rates(i + 1)),
    "Pareto": lambda i: td.Pareto(rates(5), rates(i + 1)),
    "Uniform": lambda i: td.Uniform(-rates(5), rates(5) + i + rates(i)),
    "Cauchy": lambda i: td.Cauchy(rates(i), rates(i + 1)),
    "HalfCauchy": lambda i: td.HalfCauchy(rates(i)),
    "Bernoulli": lambda i: td.Bernoulli(rates(i) / 4),
    "Bernoulli of logits": lambda i: td.Bernoulli(logits=20 * rates(i) - 30),
    "Binomial": lambda i: td.Binomial(5, rates(i) / 4),
    "Poisson": lambda i: td.Poisson(rates(i)),
    "Geometric": lambda i: td.Geometric(rates(i) / 4),
    "Categorical": lambda i: td.Categorical(rates(i, *BATCH, 4)),
    "OneHotCategorical": lambda i: td.OneHotCategorical(rates(i, *BATCH, 4)),
    "Dirichlet": lambda i: td.Dirichlet(rates(i, *BATCH, 4)),
    "MultivariateNormal": lambda i: td.MultivariateNormal(rates(i, *BATCH, 3), scale_tril=lower(i, 3)),
    "Independent": lambda i: td.Independent(td.Normal(rates(i), rates(i + 1)), 1),
    "Independent vectors": lambda i: td.Independent(td.Dirichlet(rates(i, *BATCH, 4)), 2),
}  # fmt: skip


@pytest.mark.parametrize("name", IN_TORCH)
def test_divergences_are_those_of_pytorch(name):
    p, q = IN_TORCH[name](0), IN_TORCH[name](10)
    found, theirs = kl(p, q), td.kl_divergence(p, q)
    assert found.estimator == "closed-form"
    assert isinstance(found.value, torch.Tensor)
    assert found.value.dtype == torch.float64
    assert found.value.shape == theirs.shape == p.batch_shape
    torch.testing.assert_close(found.value, theirs, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize(
    "name", [n for n in IN_TORCH if n not in ("Binomial", "Poisson", "InverseGamma", "HalfCauchy")]
)
def test_entropies_are_those_of_pytorch(name):
    p = IN_TORCH[name](0)
    torch.testing.assert_close(densities.entropy(p, unit="nats").value, p.entropy(), rtol=1e-10, atol=1e-10)


IN_BOTH = {
    "Weibull": (lambda a, b: td.Weibull(b, a), lambda a, b: stats.weibull_min(a, scale=b)),
    "VonMises": (lambda a, b: td.VonMises(a, b), lambda a, b: stats.vonmises(b, a)),
    "StudentT": (lambda a, b: td.StudentT(a, b, b), lambda a, b: stats.t(a, b, b)),
    "NegativeBinomial": (
        lambda a, b: td.NegativeBinomial(3.0, a / 4),
        lambda a, b: stats.nbinom(3.0, 1 - a / 4),
    ),
    "InverseGamma": (lambda a, b: td.InverseGamma(a, b), lambda a, b: stats.invgamma(a, scale=b)),
    "Gamma": (lambda a, b: td.Gamma(1e5 * a, b), lambda a, b: stats.gamma(1e5 * a, scale=1 / b)),
}


@pytest.mark.parametrize("name", IN_BOTH)
def test_tensors_and_scipy_agree(name):
    """Also with one of each: PyTorch's registry has no row for most of these."""
    ours, scipys = IN_BOTH[name]
    at = [(rates(i), rates(i + 1)) for i in (0, 10)]
    p, q = (ours(*x) for x in at)
    p_, q_ = (scipys(*(v.numpy() for v in x)) for x in at)
    expected = kl(p_, q_).value
    np.testing.assert_allclose(kl(p, q).value, expected, rtol=1e-10, atol=1e-9)
    np.testing.assert_allclose(kl(p, q_).value, expected, rtol=1e-10, atol=1e-9)
    np.testing.assert_allclose(kl(p_, q).value, expected, rtol=1e-10, atol=1e-9)


def test_a_number_of_scipy_keeps_its_digits_beside_a_tensor():
    q = td.Normal(torch.tensor(0.3, dtype=torch.float64), torch.tensor(1.1, dtype=torch.float64))
    assert float(kl(stats.norm(0.1, 0.7), q)) == pytest.approx(
        kl(stats.norm(0.1, 0.7), stats.norm(0.3, 1.1)).value, rel=1e-14
    )


def test_wishart_laws():
    p, q = (td.Wishart(torch.tensor(4.5 + i).double(), scale_tril=lower(i, 3)[0, 0]) for i in (0, 1))
    p_, q_ = (stats.wishart(float(d.df), d.covariance_matrix.numpy()) for d in (p, q))
    assert float(kl(p, q)) == pytest.approx(kl(p_, q_).value, rel=1e-10)


@pytest.mark.parametrize(
    "measure",
    [
        lambda a, b: kl(td.Gamma(a, b), td.Gamma(2 * b, a)),
        lambda a, b: kl(td.Beta(a, b), td.Beta(b, 1.1 * a)),
        lambda a, b: kl(td.Weibull(a, b), td.Weibull(b, a)),
        lambda a, b: kl(td.Normal(a, b), td.Normal(b, 1.01 * b)),
        lambda a, b: kl(td.Laplace(a, b), td.Normal(b, a)),
        lambda a, b: kl(td.VonMises(a, b), td.VonMises(b, a)),
        lambda a, b: kl(td.Bernoulli(logits=a), td.Bernoulli(logits=b)),
        lambda a, b: kl(td.Dirichlet(torch.stack([a, b])), td.Dirichlet(torch.stack([b, b]))),
        lambda a, b: densities.entropy(td.Gamma(a, b)),
        lambda a, b: densities.renyi_divergence(td.Normal(a, b), td.Normal(b, a), 0.6),
        lambda a, b: densities.mutual_information(normal_of(a[0] / 9, b), 1),
        lambda a, b: densities.conditional_entropy(normal_of(a[0] / 9, b), [1]),
    ],
)
def test_gradients(measure):
    at = tuple(rates(i, 2, least=0.5).requires_grad_() for i in (0, 1))
    assert torch.autograd.gradcheck(lambda a, b: measure(a, b).value, at)


def normal_of(rho, b):
    covariance = torch.stack([torch.stack([b[0], rho]), torch.stack([rho, b[1]])])
    return td.MultivariateNormal(torch.zeros(2).double(), covariance)


def test_gradients_at_equal_laws_are_zero():
    a = torch.tensor([0.02, 3.0, 1e5], dtype=torch.float64, requires_grad=True)
    found = kl(td.Gamma(a, 1.0), td.Gamma(a.detach(), 1.0)).value
    assert (found == 0).all()
    assert (torch.autograd.grad(found.sum(), a)[0] == 0).all()


def test_float32_stays_float32():
    found = kl(td.Normal(0.0, 1.0), td.Normal(1.0, 2.0))
    assert found.value.dtype == torch.float32
    assert float(found) == pytest.approx(0.4431472, abs=1e-6)


def test_scales_whose_ratio_has_no_square():
    """The ratio of variances would be 0 in the dtype, and the divergence is finite."""
    nats = 25 * np.log(10) - 0.5
    p, q = (td.Normal(0.0, torch.tensor([scale], dtype=torch.float32)) for scale in (1e-25, 1.0))
    assert densities.kl_divergence(p, q, unit="nats").value.numpy() == pytest.approx(nats, rel=1e-6)
    nats = 170 * np.log(10) - 0.5
    for p, q in ((stats.norm(0, 1e-170), stats.norm(0, 1)), (stats.lognorm(1e-170), stats.lognorm(1))):
        assert densities.kl_divergence(p, q, unit="nats").value == pytest.approx(nats, rel=1e-14)


# The law of a scale in SciPy and in PyTorch, and for a ratio r of the scales, of logarithm y, the divergence.
BY_SCALE = {
    "normal": (lambda s: stats.norm(0, s), lambda s: td.Normal(0 * s, s), lambda r, y: (r * r - 1 - 2 * y) / 2),
    "laplace": (lambda s: stats.laplace(0, s), lambda s: td.Laplace(0 * s, s), lambda r, y: r - 1 - y),
    "cauchy": (
        lambda s: stats.cauchy(0, s),
        lambda s: td.Cauchy(0 * s, s),
        lambda r, y: 2 * np.logaddexp(y, 0) - y - np.log(4),
    ),
    "gamma": (lambda s: stats.gamma(3, scale=s), lambda s: td.Gamma(0 * s + 3, 1 / s), lambda r, y: 3 * (r - 1 - y)),
    "pareto": (
        lambda s: stats.pareto(2, scale=s),
        lambda s: td.Pareto(s, 0 * s + 2),
        lambda r, y: np.where(y >= 0, 2 * y, np.inf),
    ),
}


@pytest.mark.parametrize("family", BY_SCALE)
def test_scales_whose_ratio_has_no_room_in_the_dtype(family):
    """1e-300 over 1e300 isn't 0, nor the other way round infinite: not where the divergence isn't."""
    of_scipy, of_torch, divergence = BY_SCALE[family]
    for scales, dtype, tolerance in (
        ([1e-300, 1e-160, 1.0, 1e160, 1e300], torch.float64, 1e-13),
        ([1e-20, 1e-10, 1.0, 1e10, 1e20], torch.float32, 1e-5),
    ):
        s, t = (torch.tensor(x.ravel(), dtype=dtype) for x in np.meshgrid(scales, scales))
        with np.errstate(over="ignore", under="ignore"):
            nats = divergence(s.numpy() / t.numpy(), np.log(s.numpy()) - np.log(t.numpy()))
        found = kl(of_torch(s), of_torch(t)).value.numpy()
        np.testing.assert_allclose(found, nats, rtol=tolerance, atol=tolerance)
        if dtype is torch.float64:
            with np.errstate(all="ignore"):
                arrays = kl(of_scipy(s.numpy()), of_scipy(t.numpy())).value
            np.testing.assert_allclose(arrays, nats, rtol=tolerance, atol=tolerance)
            numbers = [float(kl(of_scipy(a), of_scipy(b))) for a, b in zip(s.tolist(), t.tolist(), strict=True)]
            np.testing.assert_allclose(numbers, nats, rtol=tolerance, atol=tolerance)


def test_what_has_no_closed_form_is_a_constant():
    a = torch.tensor([3.0, 5.0], requires_grad=True)
    found = kl(td.StudentT(a), td.Laplace(0.0, 1.0))
    assert found.estimator == "quadrature"
    assert "gradients flow through closed forms only" in found.notes[-1]
    assert not found.value.requires_grad
    expected = [kl(stats.t(v), stats.laplace()).value for v in (3, 5)]
    np.testing.assert_allclose(found.value, expected, rtol=1e-9)


def test_a_law_that_only_pytorch_knows():
    p, q = td.Kumaraswamy(torch.tensor(2.0), torch.tensor(3.0)), td.Beta(2.0, 3.0)
    found, drawn = kl(p, q), kl(p, q, rung="monte-carlo", tolerance=0.003)
    assert abs(float(found) - float(drawn)) < 5 * drawn.std_error
    np.testing.assert_allclose(float(densities.entropy(p, unit="nats")), float(p.entropy()), rtol=1e-6)


def test_mixtures_of_pytorch():
    m = td.MixtureSameFamily(
        td.Categorical(torch.tensor([0.3, 0.7])), td.Normal(torch.tensor([0.0, 5.0]), torch.tensor([1.0, 2.0]))
    )
    ours = densities.Mixture([0.3, 0.7], [stats.norm(0, 1), stats.norm(5, 2)])
    assert float(densities.entropy(m)) == pytest.approx(densities.entropy(ours).value, abs=1e-7)


def test_draws_leave_the_generator_of_pytorch_alone():
    before = torch.random.get_rng_state()
    p = td.Independent(td.StudentT(torch.tensor([3.0, 4.0])), 1)
    first = densities.entropy(p, rung="monte-carlo", tolerance=0.1)
    assert torch.equal(before, torch.random.get_rng_state())
    assert float(first) == float(densities.entropy(p, rung="monte-carlo", tolerance=0.1))
    assert float(first) != float(densities.entropy(p, rung="monte-carlo", tolerance=0.1, seed=1))
    assert abs(float(first) - float(densities.entropy(p))) < 5 * first.std_error


def test_what_pytorch_lets_pass():
    """Its constraints have nothing against an infinite mean; and infinities of a batch are said."""
    with pytest.raises(InvalidValue, match=r"Normal has loc=tensor\(inf\); needed: a finite number"):
        kl(td.Normal(torch.tensor(float("inf")), 1.0), td.Normal(0.0, 1.0))
    p, q = td.Uniform(torch.zeros(2), 2 * torch.ones(2)), td.Uniform(torch.zeros(2), torch.tensor([1.0, 3.0]))
    assert "+∞ in places" in kl(p, q).notes[0]
    assert "+∞ in a coordinate" in kl(td.Independent(p, 1), td.Independent(q, 1)).notes[0]
    whole = kl(td.Independent(td.Normal(torch.zeros(3), 1.0), 1), td.Independent(td.Normal(torch.ones(2, 3), 1.0), 1))
    torch.testing.assert_close(whole.value, torch.tensor([1.5, 1.5]))


def test_what_is_refused():
    with pytest.raises(InvalidType, match="type Tensor"):
        densities.entropy(torch.zeros(3))
    with pytest.raises(ShapeMismatch, match=r"batch of shape \(3,\) and q of \(2,\)"):
        kl(td.Normal(torch.zeros(3), 1.0), td.Normal(torch.zeros(2), 1.0))
    with pytest.raises(ShapeMismatch, match=r"hint: .*Independent"):
        kl(td.Normal(torch.zeros(3), 1.0), td.MultivariateNormal(torch.zeros(3), torch.eye(3)))
    with pytest.raises(InvalidValue, match="needed: a positive number"):
        densities.entropy(td.Normal(0.0, torch.tensor([1.0, -1.0]), validate_args=False))
    with pytest.raises(InvalidType, match="needed: laws of one framework, or of SciPy"):
        kl(td.Normal(0.0, 1.0), nd.Normal(0.0, 1.0))


# ---- NumPyro --------------------------------------------------------------------------------------------------------

EYE = np.eye(2)
PAIRS = [
    (nd.Normal(0.3, 1.2), nd.Normal(-0.2, 0.9), stats.norm(0.3, 1.2), stats.norm(-0.2, 0.9)),
    (nd.Gamma(2.0, 3.0), nd.Gamma(2.2, 3.0), stats.gamma(2, scale=1 / 3), stats.gamma(2.2, scale=1 / 3)),
    (nd.Weibull(1.0, 2.0), nd.Exponential(1.0), stats.weibull_min(2), stats.expon()),
    (nd.Logistic(0.3, 1.0), nd.Logistic(0.0, 1.0), stats.logistic(0.3), stats.logistic()),
    (nd.Bernoulli(logits=1.0), nd.Bernoulli(0.3), stats.bernoulli(1 / (1 + np.exp(-1))), stats.bernoulli(0.3)),
    (nd.Wishart(5.0, EYE), nd.Wishart(7.0, 2 * EYE), stats.wishart(5, EYE), stats.wishart(7, 2 * EYE)),
    (nd.StudentT(3.0), nd.Normal(0.0, 1.0), stats.t(3), stats.norm()),
    (nd.NegativeBinomialProbs(3.0, 0.4), nd.GeometricProbs(0.5), stats.nbinom(3, 0.6), stats.geom(0.5, loc=-1)),
]  # fmt: skip


@pytest.mark.parametrize(("p", "q", "p_", "q_"), PAIRS)
def test_numpyro(p, q, p_, q_):
    """In float32 unless JAX is told otherwise."""
    assert float(kl(p, q)) == pytest.approx(kl(p_, q_).value, rel=2e-5)


def test_batches_events_and_transformations_of_numpyro():
    zeros = np.zeros(3)
    assert kl(nd.Normal(zeros, 1.0), nd.Normal(1.0, 1.0)).value.shape == (3,)
    assert kl(nd.Normal(0.0, 1.0).expand([3]), nd.Normal(1.0, 1.0)).value.shape == (3,)
    whole = kl(nd.Normal(zeros, 1.0).to_event(1), nd.Normal(1.0, 1.0).expand([3]).to_event(1))
    assert float(whole) == pytest.approx(1.5)
    gradient = jax.grad(lambda u: kl(nd.Normal(u, 1.0), nd.Normal(1.0, 2.0)).value)(0.5)
    assert float(gradient) == pytest.approx(-0.125)
    traced = jax.jit(lambda a: kl(nd.Gamma(a, 1.0), nd.Gamma(2.0, 1.0)).value)(3.0)
    assert float(traced) == pytest.approx(kl(stats.gamma(3), stats.gamma(2)).value, rel=1e-5)
