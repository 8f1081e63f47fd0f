"""The phases of the calls of a race, pair by pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_damover.detectors import Detector
from pytest_damover.detectors._timing import Clock, TimedCall, time_call, time_phases
from pytest_damover.domain.timing.phases import PHASES, PhasePairs
from pytest_damover.images import Image

PairPhases = tuple[Mapping[str, int], Mapping[str, int]]
"""Nanoseconds by phase of the baseline's call and of the candidate's."""


def tell_phases(sides: Sequence[Detector]) -> bool:
    """Do both sides tell their phases? Else both are timed as wholes, for a GPU is waited for between phases."""
    return all(hasattr(side, "timed_in_phases") or hasattr(side, "phases") for side in sides)


def timed(detector: Detector, image: Image, clock: Clock, with_phases: bool) -> TimedCall:
    """One call, with its phases or as a whole."""
    if with_phases:
        return time_phases(detector, image, clock)
    return TimedCall(*time_call(detector, image, clock))


def pairs_by_phase(pairs: Sequence[PairPhases]) -> PhasePairs:
    """(baseline, candidate) nanoseconds by phase, of the phases that every call told.

    By hand: ({"forward": 3}, {"forward": 4, "postprocess": 1}) gives {"forward": ((3, 4),)}.
    """
    calls = [call for pair in pairs for call in pair]
    told = [name for name in PHASES if calls and all(name in call for call in calls)]
    return {name: tuple((before[name], after[name]) for before, after in pairs) for name in told}
