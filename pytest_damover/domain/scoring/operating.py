"""Operating points: precision, recall and F1 of what a detector finds from a score on, over all classes together.

A match table is greedy by descending score, so its rows from any score on are matched as if the rest had never been
reported: one table serves every threshold. Precision = right / counted, recall = found / known objects, F1 = 2 * right
/ (counted + known) (van Rijsbergen, Information Retrieval, 1979, chapter 7, with equal weight). What is counted in a
class without ground truth is counted.

Worked by hand: 4 known objects; scores 0.9 right, 0.8 right, 0.6 wrong, 0.3 right. From 0.8: precision 2/2, recall 2/4,
F1 4/6. From 0.3: precision 3/4, recall 3/4, F1 6/8, the best. A recall of 3/4 is reached from 0.3 down, one of 1 never.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.scoring.matching import MatchTable

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """Right detections, counted detections and known objects (each times its image's weight) from a score on.

    `threshold` is None where each image has its own.
    """

    threshold: float | None
    right: float
    counted: float
    objects: float

    @property
    def precision(self) -> float | None:
        """In 0..1; None when nothing was counted."""
        return self.right / self.counted if self.counted > 0 else None

    @property
    def recall(self) -> float | None:
        """In 0..1; None when no object is known."""
        return self.right / self.objects if self.objects > 0 else None

    @property
    def f1(self) -> float | None:
        """In 0..1; None when no object is known."""
        return 2 * self.right / (self.counted + self.objects) if self.objects > 0 else None


@dataclass(frozen=True, slots=True, eq=False)
class _Curve:
    """A point for each score that occurs, from the highest down; three arrays of one length."""

    score: Floats
    right: Floats
    counted: Floats
    objects: float

    def at(self, place: int) -> OperatingPoint:
        threshold, right, counted = (float(one[place]) for one in (self.score, self.right, self.counted))
        return OperatingPoint(threshold, right, counted, self.objects)


def operating_point(table: MatchTable, threshold: float | Floats, weights: Floats | None = None) -> OperatingPoint:
    """What counts at score >= `threshold`, one for all or (images,); `weights`: (images,), 1 each when left out."""
    each = np.ones(table.images) if weights is None else weights
    counted = counts_from(table, threshold)
    weight = each[table.image] * counted
    return OperatingPoint(
        threshold if isinstance(threshold, (int, float)) else None,
        right=float(weight[table.hit].sum()),
        counted=float(weight.sum()),
        objects=float(each[table.truth_image[~table.truth_ignored]].sum()),
    )


def best_f1(table: MatchTable, weights: Floats | None = None) -> OperatingPoint | None:
    """The point of highest F1 over all scores, of equal ones the highest score; None without objects or detections."""
    curve = _curve(table, weights)
    if not (curve.objects > 0 and len(curve.score) > 0):
        return None
    return curve.at(int(np.argmax(2 * curve.right / (curve.counted + curve.objects))))


def reaching(table: MatchTable, recall: float, weights: Floats | None = None) -> OperatingPoint | None:
    """The point of highest score whose recall is at least `recall`; None when none is."""
    curve = _curve(table, weights)
    if not curve.objects > 0:
        return None
    enough = np.flatnonzero(curve.right / curve.objects >= recall)
    return curve.at(int(enough[0])) if len(enough) else None


def recall_curve(table: MatchTable, most: int = 120) -> tuple[OperatingPoint, ...]:
    """Points from the highest score down, at most `most`: the first at each of evenly spread recalls, and the last.

    Empty without objects or detections. By hand, for the example above: recalls 1/4, 2/4 and 3/4, at precisions 1, 1
    and 3/4; the wrong one at 0.6 brings no recall of its own.
    """
    curve = _curve(table, None)
    if not (curve.objects > 0 and len(curve.score) > 0):
        return ()
    wanted = np.linspace(0.0, float(curve.right[-1]), most - 1)
    places = np.append(np.searchsorted(curve.right, wanted), len(curve.score) - 1)
    return tuple(curve.at(int(place)) for place in np.unique(places))


def counts_from(table: MatchTable, threshold: float | Floats) -> NDArray[np.bool_]:
    """Which rows count: score >= `threshold`, one for all or (images,), and not on an object to ignore."""
    least = threshold if isinstance(threshold, (int, float)) else threshold[table.image]
    counts: NDArray[np.bool_] = (table.score >= least) & ~table.ignored
    return counts


def _curve(table: MatchTable, weights: Floats | None) -> _Curve:
    each = np.ones(table.images) if weights is None else weights
    weight = each[table.image] * ~table.ignored
    is_last = np.append(table.score[1:] < table.score[:-1], True)[: len(table.score)]
    return _Curve(
        table.score[is_last],
        np.cumsum(weight * table.hit)[is_last],
        np.cumsum(weight)[is_last],
        float(each[table.truth_image[~table.truth_ignored]].sum()),
    )
