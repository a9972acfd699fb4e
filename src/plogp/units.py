"""Bits, nats and hartleys: the only code that knows a log base.

Everything inside plogp is in nats; a value is divided by the nats of one unit on its way out.
"""

from math import log
from typing import Literal

from plogp.errors import UnknownName, did_you_mean

__all__ = ["NATS", "Unit", "convert", "nats_per"]

Unit = Literal["bits", "nats", "hartleys"]

NATS: dict[str, float] = {"bits": log(2), "nats": 1.0, "hartleys": log(10)}
"""How many nats one unit is: ln 2, 1, ln 10."""


def nats_per(unit: str) -> float:
    """How many nats one `unit` is.

    >>> nats_per("nats")
    1.0
    """
    try:
        return NATS[unit]
    except (KeyError, TypeError):
        raise UnknownName(
            f"unit={unit!r} is not a unit of information; needed: 'bits', 'nats' or 'hartleys'",
            hint=did_you_mean(str(unit), NATS),
        ) from None


def convert(value: float, from_: str, to: str) -> float:
    """Carry a value from one unit to another.

    >>> convert(3.0, "bits", "bits")
    3.0
    >>> round(convert(1.0, "nats", "bits"), 6)
    1.442695
    """
    return value * (nats_per(from_) / nats_per(to))
