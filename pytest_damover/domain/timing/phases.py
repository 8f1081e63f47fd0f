"""The phases of one call: how long each took on both sides of a race, and the ratio; they decide nothing.

`preprocess`, `forward` and `postprocess` follow each other without a gap, so they sum to the call. `forward_device` is
the forward phase once more, by the GPU's own clock. `decode` is no part of a call: a picture is decoded once, for both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # journals are read without numpy
    from pytest_damover.domain.timing.latency import Pairs

PREPROCESS, FORWARD, POSTPROCESS = IN_ORDER = ("preprocess", "forward", "postprocess")
FORWARD_DEVICE = "forward_device"
PHASES = (PREPROCESS, FORWARD, FORWARD_DEVICE, POSTPROCESS)

PhasePairs = Mapping[str, "Pairs"]
"""By phase: (baseline, candidate) nanoseconds, one for each pair of the race, in its order."""


@dataclass(frozen=True, slots=True)
class PhaseTimes:
    """Median milliseconds of one phase on both sides, the ratio candidate over baseline and its interval.

    NaN where a time is no positive number; `interval` is None then, and with too few pairs.
    """

    name: str
    baseline_ms: float
    candidate_ms: float
    ratio: float
    interval: tuple[float, float] | None


def phase_times(phases_ns: PhasePairs, counted: int, alpha: float | None) -> tuple[PhaseTimes, ...]:
    """Every known phase, estimated as the whole call is (`latency.race`) from the first `counted` pairs of the race.

    The intervals miss with probability `alpha` each, whatever the race's looks: nothing is decided by them.

    By hand: of a call of 10 and 11 ms whose forward takes 8 on both sides, the forward's ratio is 1 and what is left,
    2 and 3 ms, has the ratio 1.5: the loss is all there.
    """
    return tuple(_estimated(name, phases_ns[name][:counted], alpha) for name in PHASES if phases_ns.get(name))


def _estimated(name: str, pairs_ns: Pairs, alpha: float | None) -> PhaseTimes:
    from pytest_damover.domain.timing.latency import race

    try:
        raced = race(pairs_ns, alpha)
    except ValueError:
        return PhaseTimes(name, math.nan, math.nan, math.nan, None)
    return PhaseTimes(name, raced.baseline_ms, raced.candidate_ms, raced.ratio, raced.interval)
