"""The confusion matrix of a detector: what each known object was found as, with a row and a column for background.

In each image the detections that count, by descending score, each take the still free object of highest IoU >=
`iou_threshold`, whatever its class; of equal overlaps one of its own class, then the first listed. An object that
nobody takes was found as background; a detection that takes nothing found an object in the background. This is greedy
by score, as in FiftyOne's `evaluate_detections(..., classwise=False)`; tools that take the best overlapping pairs first
(Ultralytics, supervision) can differ in crowds, and AP, which matches within a class, can find more.

Worked by hand: a phone and a cup; detections 0.9 "phone" on the phone, 0.8 "phone" on the cup, 0.7 "cup" nowhere. Rows
known, columns found, both phone, cup, background: [[1, 0, 0], [1, 0, 0], [0, 1, 0]].
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.matching import iou_matrix


@dataclass(frozen=True, slots=True)
class Confusion:
    """`counts[known][found]` over `labels` and, last, background; background found as background is 0."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def confusion_matrix(
    truths: Sequence[Sequence[GroundTruth]],
    detections: Sequence[Detections],
    thresholds: Sequence[float],
    iou_threshold: float,
    labels: Iterable[str] = (),
) -> Confusion:
    """Count what objects were found as; a detection counts at score >= its image's threshold.

    All three sequences are over the same images. `labels` are shown even where neither side has them, so that two
    matrices have the same rows.
    """
    counted = [found.at_least(least) for found, least in zip(detections, thresholds, strict=True)]
    names = sorted(
        {
            *labels,
            *(truth.label for image in truths for truth in image),
            *(name for one in counted for name in one.labels),
        }
    )
    number = {label: place for place, label in enumerate(names)}
    background = len(names)
    counts = np.zeros((background + 1, background + 1), dtype=np.intp)
    for image, found in zip(truths, counted, strict=True):
        partner = _partners(image, found, iou_threshold)
        for label, truth in zip(found.labels, partner, strict=True):
            counts[background if truth is None else number[image[truth].label], number[label]] += 1
        for place in set(range(len(image))).difference(partner):
            counts[number[image[place].label], background] += 1
    return Confusion(tuple(names), tuple(tuple(row) for row in counts.tolist()))


def _partners(truths: Sequence[GroundTruth], found: Detections, iou_threshold: float) -> list[int | None]:
    """The object that each detection takes, None for none."""
    partner: list[int | None] = [None] * len(found)
    if not truths or not len(found):
        return partner
    boxes: NDArray[np.float64] = np.array([truth.box for truth in truths], dtype=np.float64)
    overlap = iou_matrix(found.boxes, boxes)
    is_own = np.array([[label == truth.label for truth in truths] for label in found.labels])
    free = np.ones(len(truths), dtype=np.bool_)
    for place in np.argsort(-found.scores, kind="stable").tolist():
        near = np.flatnonzero(free & (overlap[place] >= iou_threshold))
        if len(near):
            best = near[np.lexsort((near, ~is_own[place, near], -overlap[place, near]))[0]]
            partner[place] = int(best)
            free[best] = False
    return partner
