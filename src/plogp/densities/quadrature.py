"""Integrals over the line, adaptive, with an error estimate and an account of the tails.

The line is cut at landmarks of the laws. From each cut the way to the middle of its neighbour (or to infinity) is
walked on a logarithmic scale, x = cut ± e^s, so that an integrable singularity at the cut, a spike there, a heavy tail
and a normal one all become smooth in s and are resolved where they are. Panels in s are halved where the Gauss-Kronrod
pair disagrees. What remains beyond the largest double is judged by how the integrand falls: g(s) no faster than 1/|s|
means an infinite integral, which is a statement of the tail, not of an overflow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite, log, nan

import numpy as np

from plogp.densities.law import Floats

__all__ = ["TINY", "Integral", "integrate"]

# Gauss (10) and Kronrod (21), QUADPACK, Piessens et al. 1983, doi:10.1007/978-3-642-61786-7
KRONROD_NODES = (
    0.995657163025808080735527280689003, 0.973906528517171720077964012084452, 0.930157491355708226001207180059508,
    0.865063366688984510732096688423493, 0.780817726586416897063717578345042, 0.679409568299024406234327365114874,
    0.562757134668604683339000099272694, 0.433395394129247190799265943165784, 0.294392862701460198131126603103866,
    0.148874338981631210884826001129720, 0.0,
)  # fmt: skip
KRONROD_WEIGHTS = (
    0.011694638867371874278064396062192, 0.032558162307964727478818972459390, 0.054755896574351996031381300244580,
    0.075039674810919952767043140916190, 0.093125454583697605535065465083366, 0.109387158802297641899210590325805,
    0.123491976262065851077958109585166, 0.134709217311473325928054001771707, 0.142775938577060080797094273138717,
    0.147739104901338491374841515972068, 0.149445554002916905664936468389821,
)  # fmt: skip
GAUSS_WEIGHTS = (
    0.066671344308688137593568809893332, 0.149451349150580593145863396957658, 0.219086362515982043995534934228163,
    0.269266719309996355091226921569469, 0.295524224714752870173815619188769,
)  # fmt: skip
NODES = np.array([*(-x for x in KRONROD_NODES[:10]), *KRONROD_NODES[::-1]])
WEIGHTS = np.array([*KRONROD_WEIGHTS, *KRONROD_WEIGHTS[9::-1]])
GAUSS = np.zeros(21)
GAUSS[1::2] = [*GAUSS_WEIGHTS, *GAUSS_WEIGHTS[::-1]]

FAR = 705.0
"""log of the largest number that is looked at; its reciprocal, the smallest."""
NEGLIGIBLE = 1e-20
STEP = 0.5
FAR_ENOUGH = 100.0
"""How large |s| must be for its tail to tell: x beyond 1e43, or nearer to the cut than 1e-43."""
LEAST = 1e-200
"""A density that isn't followed by one which is too small for a double."""
TINY = 600.0
"""A log ratio beyond this is near to where a density is too small for a double."""
LARGE = 1e100
"""An integrand over the density that comes before an overflow, and not before a density that underflows."""
ROUNDS = 40
MOST_PANELS = 20_000
HARMONIC = 1.05
"""An integrand that falls as |s|^(−b) with b no larger than this counts as one whose integral is infinite."""

Integrand = Callable[[Floats, float], tuple[Floats, Floats]]
"""(x, cut) -> the integrand and the density of p at cut + x."""


@dataclass(frozen=True, slots=True)
class Integral:
    """The value, an estimate of its error, and how much of p's mass was met on the way."""

    value: float
    error: float
    mass: float
    gap: bool = False
    """Whether it's infinite because q has a gap where p has mass."""


def integrate(f: Integrand, support: tuple[float, float], landmarks: Floats, tolerance: float) -> Integral:
    """∫ f over a support, to an absolute tolerance where that can be reached."""
    with np.errstate(all="ignore"):
        parts = [_half(f, *half, tolerance) for half in halves(support, landmarks)]
    infinite = {part.value for part in parts if not isfinite(part.value)}
    value = sum(part.value for part in parts) if not infinite else infinite.pop() if len(infinite) == 1 else nan
    gap = any(part.gap for part in parts)
    return Integral(value, sum(part.error for part in parts), sum(part.mass for part in parts), gap)


def halves(support: tuple[float, float], landmarks: Floats) -> list[tuple[float, float, float]]:
    """(cut, direction, log of the length) of each walk."""
    low, high = support
    inner = np.unique(landmarks[(landmarks > low) & (landmarks < high) & np.isfinite(landmarks)])
    if not len(inner) and not isfinite(low) and not isfinite(high):
        inner = np.zeros(1)
    ends = [low, *inner.tolist(), high]
    walks = []
    for a, b in pairwise(ends):
        length = log(b - a) - (log(2) if isfinite(a) and isfinite(b) else 0.0) if isfinite(b - a) else FAR
        walks += [(a, 1.0, length)] if isfinite(a) else []
        walks += [(b, -1.0, length)] if isfinite(b) else []
    return walks


def _half(f: Integrand, cut: float, direction: float, length: float, tolerance: float) -> Integral:
    """One walk: s from −FAR to the log of its length. Where the integrand isn't known, p's mass isn't met either.

    It isn't where p is 0, which may mean that p is too small for a double, but not where it was large a step before.
    """

    def g(s: Floats) -> tuple[Floats, Floats, Floats]:
        step = np.exp(s)
        value, density = (out.reshape(s.shape) * step for out in f((direction * step).ravel(), cut))
        known = np.isfinite(value)
        return np.where(known, value, 0.0), np.where(known, density, 0.0), value

    grid = np.arange(length, -FAR, -STEP)[::-1]
    value, mass, as_found = g(grid)

    def ends(at: int, beyond: int) -> bool:
        """Whether nothing is left beyond a point."""
        return bool(
            np.isfinite(as_found[beyond]) or (np.isnan(as_found[beyond]) and mass[at] > LEAST * np.exp(grid[at]))
        )

    big = np.flatnonzero(np.abs(value) + mass > NEGLIGIBLE)
    if not len(big):
        return Integral(0.0, 0.0, 0.0)
    first, last = big[0], big[-1]
    open_left = first == 0 or not ends(first, first - 1)
    open_right = length >= FAR if last == len(grid) - 1 else not ends(last, last + 1)
    for at, beyond in ((first, first - 1), (last, last + 1)):
        if 0 <= beyond < len(grid) and as_found[beyond] == inf and _jumps(f, cut, direction, grid[at], grid[beyond]):
            return Integral(inf, 0.0, 0.0, gap=True)
    tails = [_tail(grid[first:], value[first:], mass[first:])] if open_left else []
    tails += [_tail(*(out[: last + 1][::-1] for out in (grid, value, mass)))] if open_right else []
    if infinite := [tail for tail in tails if tail == -inf]:
        sign = value[first] if open_left and tails[0] == infinite[0] else value[last]
        return Integral(float(np.copysign(inf, sign)), 0.0, 0.0)
    window = grid[max(first - 1, 0) : last + 2]
    total, error, met = _panels(lambda s: g(s)[:2], window[0], window[-1], tolerance)
    return Integral(total, error + sum(tails), met)


def _jumps(f: Integrand, cut: float, direction: float, known: float, beyond: float) -> bool:
    """Whether log p/q is small until it is infinite, instead of growing until q is too small for a double."""
    size = inf
    for _ in range(60):
        middle = (known + beyond) / 2
        value, density = f(direction * np.exp(np.array([middle])), cut)
        if np.isfinite(value[0]) and density[0] > 0:
            known, size = middle, abs(float(value[0] / density[0]))
        else:
            beyond = middle
    return size < TINY


def _tail(s: Floats, value: Floats, mass: Floats) -> float:
    """What may remain beyond s[0], where the walk ends and the integrand doesn't; −inf if that is infinite.

    An integrand g(s) that falls as |s|^(−b) has |s| g/(b − 1) left there. That it isn't known further out may be
    because log q is too large for a double: if it grows up to there, what remains is infinite.
    """
    far = abs(s[0]) >= FAR_ENOUGH
    reach = min(len(s) - 1, 20 if far else 1)
    if reach == 0 or value[0] == 0 or value[reach] == 0:
        return abs(float(value[0])) if reach else inf
    fall = np.log(abs(value[reach] / value[0])) / abs(s[reach] - s[0])  # per unit of s
    b = fall * abs(s[0])
    if (b <= HARMONIC and far) or (fall <= 0 and abs(value[0]) > LARGE * mass[0]):
        return -inf
    return float(abs(value[0]) * abs(s[0]) / (b - 1)) if b > HARMONIC else inf


def _panels(
    g: Callable[[Floats], tuple[Floats, Floats]], low: float, high: float, tolerance: float
) -> tuple[float, float, float]:
    """∫ g from low to high: value, error and mass."""
    edges = np.linspace(low, high, int(np.clip((high - low) / 2, 4, 200)) + 1)
    total, error, mass = _pair(g, edges[:-1], edges[1:])
    left, right = edges[:-1], edges[1:]
    for _ in range(ROUNDS):
        worst = error > max(tolerance / 10, 1e-14 * np.abs(total).sum()) / len(error)
        if error.sum() <= tolerance / 10 or not worst.any() or len(error) > MOST_PANELS:
            break
        middle = (left[worst] + right[worst]) / 2
        a, b = np.concatenate([left[worst], middle]), np.concatenate([middle, right[worst]])
        news = _pair(g, a, b)
        total, error, mass = (
            np.concatenate([old[~worst], new]) for old, new in zip((total, error, mass), news, strict=True)
        )
        left, right = np.concatenate([left[~worst], a]), np.concatenate([right[~worst], b])
    return float(total.sum()), float(error.sum()), float(mass.sum())


def _pair(g: Callable[[Floats], tuple[Floats, Floats]], a: Floats, b: Floats) -> tuple[Floats, Floats, Floats]:
    """Kronrod's value for each panel, the error that QUADPACK reads from its distance to Gauss's, and the mass."""
    half = (b - a) / 2
    value, density = g((a + b)[:, None] / 2 + half[:, None] * NODES)
    kronrod, gauss = value @ WEIGHTS, value @ GAUSS
    spread = np.abs(value - kronrod[:, None] / 2) @ WEIGHTS
    apart = np.abs(kronrod - gauss)
    scaled = np.where(
        spread > 0, spread * np.minimum(1.0, (200 * apart / np.where(spread > 0, spread, 1.0)) ** 1.5), 0.0
    )
    floor = 1e-15 * (np.abs(value) @ WEIGHTS)
    return half * kronrod, half * np.maximum(scaled, floor), half * (density @ WEIGHTS)
