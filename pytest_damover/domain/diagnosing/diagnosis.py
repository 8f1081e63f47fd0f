"""Why a comparison came out as it did: kinds of errors, confusions, calibration, what is found from which score on.

Nothing here decides, and nothing here is computed until somebody asks: the report does. Two operating points are told
apart throughout: `native`, everything that a revision reports, and `shared`, the lowest score from which on both sides
report everything. An AP50 of a detector that is cut at 0.5 lies below its AP50 cut at 0.05, whatever its weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pytest_damover.domain.comparing.comparison import Comparison
from pytest_damover.domain.comparing.measured import Cut, MeasuredImages, measured_images
from pytest_damover.domain.diagnosing.breakdown import Breakdown, break_down
from pytest_damover.domain.diagnosing.calibration import Calibration, calibrate
from pytest_damover.domain.diagnosing.confusion import Confusion, confusion_matrix
from pytest_damover.domain.diagnosing.score_histogram import ScoreHistogram, score_histogram
from pytest_damover.domain.diagnosing.tide import FOREGROUND_IOU, Tide, tide
from pytest_damover.domain.run import Run
from pytest_damover.domain.scoring.box_arrays import BoxArrays, box_arrays
from pytest_damover.domain.scoring.matching import MatchTable, match_arrays
from pytest_damover.domain.scoring.metrics import average_precision
from pytest_damover.domain.scoring.operating import OperatingPoint, best_f1, operating_point, reaching, recall_curve


@dataclass(frozen=True, slots=True)
class SideDiagnosis:
    """One side, at IoU 0.5 throughout (but AP50:95 and AR of `breakdown`).

    `working` counts from each case's own threshold on, as the cases do, and so does `confusion`; `native` and
    `ap50_native` are of all that the revision reports, `shared`, `ap50_shared` and `calibration` of what both sides
    would report; `best_f1` is None without objects or detections. `tide`, `curve`,
    `scores` and `breakdown` are of all that the revision reports.
    """

    revision: str
    cut: Cut
    ap50_native: float | None
    ap50_shared: float | None
    tide: Tide
    confusion: Confusion
    calibration: Calibration
    working: OperatingPoint
    native: OperatingPoint
    shared: OperatingPoint
    best_f1: OperatingPoint | None
    curve: tuple[OperatingPoint, ...]
    scores: ScoreHistogram
    breakdown: Breakdown


@dataclass(frozen=True, slots=True)
class SuiteDiagnosis:
    """One suite on both sides, `baseline` None without one.

    `working_threshold` is the score that the cases count from, None when they differ; `restoring` the highest threshold
    at which the candidate's recall reaches the baseline's at the working threshold, None when none does, or without a
    baseline or objects. `left_out` images have missing or unreadable detections on a side.
    """

    suite: str
    images: int
    objects: int
    left_out: int
    working_threshold: float | None
    shared_cut: float
    baseline: SideDiagnosis | None
    candidate: SideDiagnosis
    restoring: OperatingPoint | None


def diagnose(run: Run, comparison: Comparison) -> tuple[SuiteDiagnosis, ...]:
    """Every suite of the comparison that has an image with ground truth, in the order of the plan."""
    measured = [(suite.name, measured_images(run, comparison, suite.name)) for suite in run.plan.suites]
    return tuple(_diagnose_suite(name, images, comparison) for name, images in measured if images.truths)


def _diagnose_suite(name: str, images: MeasuredImages, comparison: Comparison) -> SuiteDiagnosis:
    found = box_arrays(images.truths, images.candidate)
    after = match_arrays(found, (FOREGROUND_IOU,))[0][0]
    labels = _counted_labels(found, images)
    baseline = restoring = None
    if comparison.baseline is not None and images.baseline is not None and images.baseline_cut is not None:
        found_before = box_arrays(images.truths, images.baseline)
        before = match_arrays(found_before, (FOREGROUND_IOU,))[0][0]
        labels |= _counted_labels(found_before, images)
        baseline = _diagnose_side(comparison.baseline.name, images.baseline_cut, before, found_before, images, labels)
        recall = baseline.working.recall
        restoring = None if recall is None else reaching(after, recall)
    candidate = _diagnose_side(comparison.candidate.name, images.candidate_cut, after, found, images, labels)
    return SuiteDiagnosis(
        suite=name,
        images=len(images.truths),
        objects=images.objects,
        left_out=images.left_out,
        working_threshold=images.working_threshold,
        shared_cut=images.shared_cut,
        baseline=baseline,
        candidate=candidate,
        restoring=restoring,
    )


def _diagnose_side(
    revision: str, cut: Cut, table: MatchTable, found: BoxArrays, images: MeasuredImages, labels: frozenset[str]
) -> SideDiagnosis:
    shared, working = images.shared_cut, images.working_threshold
    from_shared = match_arrays(found.detected(found.score >= shared), (FOREGROUND_IOU,))[0][0]
    return SideDiagnosis(
        revision=revision,
        cut=cut,
        ap50_native=average_precision(table),
        ap50_shared=average_precision(from_shared),
        tide=tide(found, table),
        confusion=confusion_matrix(found, images.thresholds, FOREGROUND_IOU, labels),
        calibration=calibrate(table, shared),
        working=operating_point(table, images.thresholds if working is None else working),
        native=operating_point(table, 0.0),
        shared=operating_point(table, shared),
        best_f1=best_f1(table),
        curve=recall_curve(table),
        scores=score_histogram(table),
        breakdown=break_down(found),
    )


def _counted_labels(found: BoxArrays, images: MeasuredImages) -> frozenset[str]:
    """Every class that is counted on a side, so that both sides' confusions have it."""
    counted = np.unique(found.label[found.score >= images.thresholds[found.image]])
    return frozenset(found.labels[label] for label in counted.tolist())
