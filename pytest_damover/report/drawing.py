"""Where things stand in a chart: plain arithmetic from values to SVG units, rounded so that bytes stay the same."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pytest_damover.report.text import Drawn

_GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear scale from `low`..`high` to `left`..`right` SVG units; what lies outside is held at the edge."""

    low: float
    high: float
    left: float
    right: float

    def at(self, value: float) -> float:
        """The place of `value`, to a tenth of a unit."""
        span = self.high - self.low
        share = 0.5 if span <= 0 else min(1.0, max(0.0, (value - self.low) / span))
        return round(self.left + share * (self.right - self.left), 1)

    def ticks(self, most: int = 5) -> list[tuple[float, float]]:
        """(value, place) of at most about `most` round values inside the scale."""
        step = _round_step((self.high - self.low) / max(1, most))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [(round(index * step, 12), self.at(index * step)) for index in range(first, last + 1)]


def scale_over(values: Iterable[float | None], left: float, right: float, pad: float = 0.12) -> Scale:
    """A scale that shows every finite value of `values` with room on both sides."""
    finite = [value for value in values if value is not None and math.isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    room = (high - low) * pad or max(abs(high), 1.0) * 0.1
    return Scale(low - room, high + room, left, right)


def strip(values: Sequence[float], scale: Scale, top: float, height: float) -> Drawn:
    """Path data of one dot a value (a zero-length line with round caps), spread evenly between top and bottom."""
    heights = (top + height * (place * _GOLDEN % 1.0) for place in range(1, len(values) + 1))
    return Drawn("".join(f"M{scale.at(value):g} {y:.1f}h0" for value, y in zip(values, heights, strict=True)))


def thinned(values: Sequence[float], most: int) -> Sequence[float]:
    """At most `most` of the values, taken evenly, in their order."""
    if len(values) <= most:
        return values
    return [values[index * len(values) // most] for index in range(most)]


def _round_step(raw: float) -> float:
    if raw <= 0 or not math.isfinite(raw):
        return 1.0
    power = float(10 ** math.floor(math.log10(raw)))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if raw <= step * power * (1 + 1e-9))
