"""The negative control of goldens: a planted candidate must drift from what the real one was accepted with.

No run holds the golden itself. What the candidate found stands in for it where the two match.
"""

from __future__ import annotations

from dataclasses import replace

from pytest_damover.domain.comparing.comparison import CaseComparison
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.golden import drift
from pytest_damover.domain.golden_result import GoldenOutcome, Tolerance
from pytest_damover.domain.journal import Finished, ItemOutcome, Outcome
from pytest_damover.domain.slicing.slices import readable_detections

KIND = "golden"


def must_drift(compared: CaseComparison, strangers: bool) -> bool:
    """True when the candidate matched its golden, and one that is planted cannot.

    `strangers` are in no golden; without them nothing at all is planted, and where the candidate found something, so
    has its golden.
    """
    accepted = _accepted(compared)
    return accepted is not None and (strangers or len(accepted[0]) > 0)


def held(end: Finished, planted: Detections, compared: CaseComparison) -> Finished:
    """The end of the planted candidate, failed where it drifted."""
    accepted = _accepted(compared)
    if accepted is None or not drift(accepted[0], planted, accepted[1]):
        return end
    missed = Outcome(KIND, False, "what was planted has drifted")
    return replace(end, outcome=ItemOutcome.FAILED, failed_expectations=(*end.failed_expectations, missed))


def _accepted(compared: CaseComparison) -> tuple[Detections, Tolerance] | None:
    """What the candidate found in a case where it matches its golden, and how far that may lie off."""
    end = compared.candidate
    matched = () if end is None else tuple(one for one in end.goldens if one.outcome is GoldenOutcome.MATCH)
    if end is None or not matched:
        return None
    found = readable_detections(end.detections)
    return None if found is None else (found, matched[0].tolerance)
