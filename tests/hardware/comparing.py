"""What an estimate is, and what it means that something else was measured."""

from collections.abc import Callable, Mapping
from math import inf

import msgspec

from hardware.session import Facts, Result

Found = Mapping[str, Facts]


class Estimate(msgspec.Struct, frozen=True):
    """`figure` is what is estimated, in the report's words; `words` are the page's own. `measure(found)` is what was
    measured, in `unit`, None where it was not: it agrees from `low` to `high`, or when it is `wanted`. Without a
    `probe` the kit does not measure it, and `why` says so."""

    what: str
    figure: str
    page: str
    words: str
    probe: str = ""
    measure: Callable[[Found], float | str | None] = lambda _: None
    low: float = -inf
    high: float = inf
    wanted: str = ""
    unit: str = ""
    why: str = ""


def outcome(estimate: Estimate, results: Mapping[str, Result]) -> tuple[str, str]:
    """(what was measured, what that says) as they stand in the report."""
    result = results.get(estimate.probe)
    if result is None:
        return "–", estimate.why or "not reached"
    measured = estimate.measure({name: other.facts for name, other in results.items()})
    if measured is None or result.failed:
        return "–", result.failed or result.skipped or "not told"
    if isinstance(measured, str):
        return measured, "as estimated" if measured == estimate.wanted else "otherwise than estimated"
    says = "less than estimated" if measured < estimate.low else "more than estimated"
    if estimate.low <= measured <= estimate.high:
        says = "as estimated"
    return f"{measured:.{0 if abs(measured) >= 10 else 1}f} {estimate.unit}".strip(), says


def plain(probe: str, name: str, divisor: float = 1) -> Callable[[Found], float | str | None]:
    """A fact, a number in another unit."""

    def measure(found: Found) -> float | str | None:
        value = found[probe].get(name)
        return value / divisor if isinstance(value, int) else value

    return measure


def ratio(probe: str, above: str, below: str, factor: float = 1) -> Callable[[Found], float | None]:
    """One number over another; None where no time has passed, as on the virtual board."""

    def measure(found: Found) -> float | None:
        top, bottom = found[probe].get(above), found[probe].get(below)
        return factor * top / bottom if isinstance(top, int) and isinstance(bottom, int) and bottom > 0 else None

    return measure
