"""How often the intervals of `plogp.language` hold the truth: `python -m benchmarks.language [samples]`.

Documents differ in their rate (3 ± 0.4 nats a token) and in their length; in the second half of the table, longer ones
have lower rates. Beside the jackknife stands the percentile bootstrap over documents. Nominal coverage is 95 %.
"""

import sys

import numpy as np
from numpy.typing import NDArray

from plogp.language import _interval

Floats = NDArray[np.float64]

LENGTHS = {
    "equal": lambda rng, n: np.full(n, 200.0),
    "lognormal, σ = ½": lambda rng, n: rng.lognormal(5, 0.5, n),
    "lognormal, σ = 1": lambda rng, n: rng.lognormal(5, 1.0, n),
    "Pareto, infinite variance": lambda rng, n: 20 * (1 + rng.pareto(1.5, n)),
}
DOCUMENTS = (2, 3, 5, 10, 30, 100, 1000)
RESAMPLES = 400


def sample(rng: np.random.Generator, n: int, lengths: str, related: bool) -> tuple[Floats, Floats]:
    """Nats and tokens of n documents."""
    tokens = np.maximum(5, np.round(LENGTHS[lengths](rng, n)))
    rate = 3 + 0.4 * rng.standard_normal(n) - 0.15 * related * (np.log(tokens) - 5)
    return rng.gamma(np.maximum(rate**2 / 4, 1e-3) * tokens, 4 / rate), tokens  # a token's standard deviation is 2


def bootstrap(rng: np.random.Generator, nats: Floats, tokens: Floats) -> Floats:
    """The percentile bootstrap over documents."""
    drawn = rng.integers(0, len(nats), (RESAMPLES, len(nats)))
    return np.quantile(nats[drawn].sum(1) / tokens[drawn].sum(1), [0.025, 0.975])


def main(samples: int) -> None:
    """A Markdown table of coverage in per cent."""
    rng = np.random.default_rng(0)
    print("| lengths | rate goes with length | documents | plogp | percentile bootstrap |\n|---|---|---|---|---|")
    for related in (False, True):
        for lengths in LENGTHS:
            nats, tokens = sample(rng, 3_000_000, lengths, related)
            truth = nats.sum() / tokens.sum()
            for n in DOCUMENTS:
                covered = np.zeros(2)
                for _ in range(samples):
                    nats, tokens = sample(rng, n, lengths, related)
                    for i, (low, high) in enumerate((_interval(nats, tokens), bootstrap(rng, nats, tokens))):
                        covered[i] += low <= truth <= high
                ours, theirs = 100 * covered / samples
                print(f"| {lengths} | {'yes' if related else 'no'} | {n} | {ours:.1f} | {theirs:.1f} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
