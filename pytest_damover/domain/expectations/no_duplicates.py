"""`no_duplicates`: no two objects of one label at or above the confidence threshold overlap at the IoU threshold."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Expected
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.in_words import beside_limit, best_first, limit_in_words, listed, object_in_words
from pytest_damover.domain.journal import Outcome
from pytest_damover.domain.scoring.matching import iou_matrix

READS = ("no_duplicates",)


def evaluate(expected: Expected, detections: Detections) -> Outcome | None:
    """Compare every two objects with score >= `confidence_threshold`; `no_duplicates = false` demands nothing."""
    if not expected.no_duplicates:
        return None
    threshold, limit = expected.confidence_threshold, expected.iou_threshold
    objects = detections.at_least(threshold)
    overlaps = iou_matrix(objects.boxes, objects.boxes)
    rows, columns = np.nonzero(np.triu(overlaps >= limit, k=1))
    pairs = [
        (float(overlaps[i, j]), best_first(objects, (i, j)))
        for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
        if objects.labels[i] == objects.labels[j]
    ]
    message = (
        f"expected no two objects of one label at score >= {limit_in_words(threshold)} "
        f"and IoU >= {limit_in_words(limit)}, found "
    )
    told = [
        f"{object_in_words(objects, i, threshold)} and {object_in_words(objects, j, threshold)} "
        f"at IoU {beside_limit(overlap, limit)}"
        for overlap, (i, j) in sorted(pairs, key=lambda pair: (-pair[0], -float(objects.scores[pair[1][0]])))
    ]
    return Outcome("no_duplicates", not told, message + (listed(told) or "none"))
