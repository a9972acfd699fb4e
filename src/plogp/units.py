"""Bits, nats and hartleys: the only code that knows a log base.

Everything inside plogp is in nats; a value is divided by the nats of one unit on its way out.
"""

from typing import Literal, get_args

from plogp.errors import UnknownName, did_you_mean

__all__ = ["Unit", "convert", "nats_per"]

Unit = Literal["bits", "nats", "hartleys"]


def nats_per(unit: str) -> float:
    """How many nats one `unit` is.

    >>> nats_per("nats")
    1.0
    """
    match unit:  # numbers that stand here needn't be looked up by each call that `torch.compile` has made
        case "bits":
            return 0.6931471805599453  # ln 2
        case "nats":
            return 1.0
        case "hartleys":
            return 2.302585092994046  # ln 10
    raise UnknownName(
        f"unit={unit!r} is not a unit of information; needed: 'bits', 'nats' or 'hartleys'",
        hint=did_you_mean(str(unit), get_args(Unit)),
    )


def convert(value: float, from_: str, to: str) -> float:
    """Carry a value from one unit to another.

    >>> convert(3.0, "bits", "bits")
    3.0
    >>> round(convert(1.0, "nats", "bits"), 6)
    1.442695
    """
    return value * (nats_per(from_) / nats_per(to))
