"""The confusion matrix of a detector: what each known object was found as, with a row and a column for background.

In each image the detections that count, by descending score, each take the still free object of highest IoU >=
`iou_threshold`, whatever its class; of equal overlaps one of its own class, then the first listed. An object that
nobody takes was found as background; a detection that takes nothing found an object in the background. This is greedy
by score, as in FiftyOne's `evaluate_detections(..., classwise=False)`; tools that take the best overlapping pairs first
(Ultralytics, supervision) can differ in crowds, and AP, which matches within a class, can find more.

Crowds and objects to ignore are left out, and so is what lies on one of them and on no object that counts.

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
from pytest_damover.domain.greedy import pair_ious


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
    counted = [
        _without_ignored(image, found.at_least(least), iou_threshold)
        for image, found, least in zip(truths, detections, thresholds, strict=True)
    ]
    known = [[truth for truth in image if truth.counts] for image in truths]
    seen = {truth.label for image in known for truth in image}.union(*(found.labels for found in counted))
    names = sorted(seen.union(labels))
    number = {label: place for place, label in enumerate(names)}
    background = len(names)
    counts = np.zeros((background + 1, background + 1), dtype=np.intp)
    for image, found in zip(known, counted, strict=True):
        partner = _partners(image, found, iou_threshold)
        for label, truth in zip(found.labels, partner, strict=True):
            counts[background if truth is None else number[image[truth].label], number[label]] += 1
        for place in set(range(len(image))).difference(partner):
            counts[number[image[place].label], background] += 1
    return Confusion(tuple(names), tuple(tuple(row) for row in counts.tolist()))


def _without_ignored(truths: Sequence[GroundTruth], found: Detections, iou_threshold: float) -> Detections:
    """Without what lies on a crowd or an object to ignore, and on none that counts."""
    ignored = [truth for truth in truths if not truth.counts]
    if not ignored or not len(found):
        return found
    near_ignored = _overlaps(found, ignored).max(axis=1) >= iou_threshold
    near_known = _overlaps(found, [truth for truth in truths if truth.counts]).max(axis=1, initial=0) >= iou_threshold
    kept = np.flatnonzero(~near_ignored | near_known)
    return Detections(found.boxes[kept], found.scores[kept], tuple(found.labels[place] for place in kept))


def _overlaps(found: Detections, truths: Sequence[GroundTruth]) -> NDArray[np.float64]:
    boxes = np.array([truth.box for truth in truths], dtype=np.float64).reshape(-1, 4)
    crowd = np.array([truth.crowd for truth in truths], dtype=np.bool_)
    return pair_ious(found.boxes[:, None, :], boxes[None, :, :], crowd)


def _partners(truths: Sequence[GroundTruth], found: Detections, iou_threshold: float) -> list[int | None]:
    """The object that each detection takes, None for none."""
    partner: list[int | None] = [None] * len(found)
    if not truths or not len(found):
        return partner
    overlap = _overlaps(found, truths)
    is_own = np.array([[label == truth.label for truth in truths] for label in found.labels])
    free = np.ones(len(truths), dtype=np.bool_)
    for place in np.argsort(-found.scores, kind="stable").tolist():
        near = np.flatnonzero(free & (overlap[place] >= iou_threshold))
        if len(near):
            best = near[np.lexsort((near, ~is_own[place, near], -overlap[place, near]))[0]]
            partner[place] = int(best)
            free[best] = False
    return partner
