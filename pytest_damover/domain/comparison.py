"""The comparison of one candidate with the baseline: facts and intervals, no limits (those are the gate's)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pytest_damover.domain.case import Severity
from pytest_damover.domain.journal import Finished
from pytest_damover.domain.revision import Revision


class Change(str, Enum):
    """What became of one case or Python test between baseline and candidate."""

    KEPT = "kept"
    REGRESSION = "regression"
    FIXED = "fixed"
    KNOWN_FAILURE = "known failure"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class CaseComparison:
    """One case (or Python test, `probe` tells) on both sides; a side is None when it did not finish."""

    suite: str
    case: str
    probe: str
    severity: Severity
    slices: tuple[str, ...]
    baseline: Finished | None
    candidate: Finished | None
    change: Change


@dataclass(frozen=True, slots=True)
class SliceComparison:
    """AP50 of one slice (`slice` None: the whole suite) on both sides.

    AP as a fraction in 0..1, None where there is no ground truth or no complete pair; `interval` is that of
    `difference` (candidate minus baseline) and `candidate_interval` that of the candidate's own AP50.
    """

    suite: str
    slice: str | None
    images: int
    objects: int
    baseline: float | None
    candidate: float | None
    difference: float | None
    interval: tuple[float, float] | None
    candidate_interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class LatencyComparison:
    """The race of one suite: median milliseconds an image, and the median ratio candidate over baseline."""

    suite: str
    pairs_ns: tuple[tuple[int, int], ...]
    baseline_ms: float
    candidate_ms: float
    ratio: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that was measured about one candidate; with no baseline the baseline side is None everywhere."""

    baseline: Revision | None
    candidate: Revision
    cases: tuple[CaseComparison, ...]
    slices: tuple[SliceComparison, ...]
    latencies: tuple[LatencyComparison, ...]
