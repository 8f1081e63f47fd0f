"""The images of a suite that can be measured on both sides, and from which score on each side says anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.comparing.comparison import Comparison
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.revision import Revision
from pytest_damover.domain.run import Run
from pytest_damover.domain.scoring.resampling import group_numbers

SCORE_THRESHOLD = "score_threshold"
"""What a detector calls the score under which its own pipeline reports nothing, among the facts of a load."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The score under which a revision reports nothing.

    When its detector does not say (`is_known` False), `score` is the lowest score that it ever reported, and the cut is
    at most that; None when it never reported anything.
    """

    score: float | None
    is_known: bool


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredImages:
    """Images with ground truth that ran wherever they had to, in the order of the plan, all sequences alike.

    `thresholds`: (images,), from which score on each case counts; `groups`: (images,), the number of each image's
    group, None where no case names one; `unreadable` names the sides that have an image with
    missing or unreadable detections: those images are not among these. `baseline` and its cut are None without one.
    """

    truths: tuple[Sequence[GroundTruth], ...]
    thresholds: NDArray[np.float64]
    groups: NDArray[np.intp] | None
    baseline: tuple[Detections, ...] | None
    candidate: tuple[Detections, ...]
    baseline_cut: Cut | None
    candidate_cut: Cut
    unreadable: tuple[str, ...]
    left_out: int

    @property
    def objects(self) -> int:
        """How many objects have to be found."""
        return sum(truth.counts for image in self.truths for truth in image)

    @property
    def working_threshold(self) -> float | None:
        """The score that every case counts from; None when they differ, or there is none."""
        values = np.unique(self.thresholds)
        return float(values[0]) if len(values) == 1 else None

    @property
    def shared_cut(self) -> float:
        """The lowest score from which on both sides report everything: the larger of the two cuts."""
        cuts = [cut.score for cut in (self.baseline_cut, self.candidate_cut) if cut is not None]
        return max((score for score in cuts if score is not None), default=0.0)


def measured_images(run: Run, comparison: Comparison, suite: str) -> MeasuredImages:
    """The images of `suite`, with what the two sides of `comparison` found in them."""
    alone = comparison.baseline is None
    chosen = [(image.case, image.baseline, image.candidate) for image in comparison.images.get(suite, ())]
    readable = [
        (case, before, after) for case, before, after in chosen if after is not None and (alone or before is not None)
    ]
    baseline = tuple(before for _, before, _ in readable if before is not None)
    candidate = tuple(after for _, _, after in readable if after is not None)
    bad_sides = {
        "baseline": not alone and any(before is None for _, before, _ in chosen),
        "candidate": any(after is None for _, _, after in chosen),
    }
    return MeasuredImages(
        truths=tuple(case.expected.expected_boxes or () for case, _, _ in readable),
        thresholds=np.array([case.expected.confidence_threshold for case, _, _ in readable], dtype=np.float64),
        groups=group_numbers([case.group for case, _, _ in readable]),
        baseline=None if alone else baseline,
        candidate=candidate,
        baseline_cut=None if comparison.baseline is None else native_cut(run, comparison.baseline, baseline),
        candidate_cut=native_cut(run, comparison.candidate, candidate),
        unreadable=tuple(side for side, is_bad in bad_sides.items() if is_bad),
        left_out=len(chosen) - len(readable),
    )


def native_cut(run: Run, revision: Revision, found: Sequence[Detections]) -> Cut:
    """The cut that the revision's own pipeline applies, as its detector said when it was loaded.

    The highest, when it was loaded with several; one that reports lower scores than it says is not believed.
    """
    told = [facts.get(SCORE_THRESHOLD) for name, facts in run.journal.loads if name == revision.name]
    stated = [score for score in told if isinstance(score, (int, float)) and not isinstance(score, bool)]
    lowest = min((float(one.scores.min()) for one in found if len(one)), default=None)
    if stated and 0 <= max(stated) <= 1 and (lowest is None or lowest >= max(stated)):
        return Cut(float(max(stated)), True)
    return Cut(lowest, False)
