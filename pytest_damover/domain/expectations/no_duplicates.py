"""`no_duplicates`: no two objects of one label at or above the confidence threshold overlap at the IoU threshold."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Expected
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.journal import Outcome
from pytest_damover.domain.matching import iou_matrix

READS = ("no_duplicates",)
SHOWN = 5


def evaluate(expected: Expected, detections: Detections) -> Outcome | None:
    """Compare every two objects with score >= `confidence_threshold`; `no_duplicates = false` demands nothing."""
    if not expected.no_duplicates:
        return None
    objects = detections.at_least(expected.confidence_threshold)
    overlaps = iou_matrix(objects.boxes, objects.boxes)
    rows, columns = np.nonzero(np.triu(overlaps >= expected.iou_threshold, k=1))
    duplicates = [
        f"{objects.labels[i]} {objects.scores[i]:.2f} and {objects.scores[j]:.2f} at IoU {overlaps[i, j]:.2f}"
        for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
        if objects.labels[i] == objects.labels[j]
    ]
    message = (
        f"expected no two objects of one label at score >= {expected.confidence_threshold:.2f} "
        f"and IoU >= {expected.iou_threshold:.2f}, found "
    )
    if not duplicates:
        return Outcome("no_duplicates", True, message + "none")
    more = f" and {len(duplicates) - SHOWN} more" if len(duplicates) > SHOWN else ""
    return Outcome("no_duplicates", False, message + "; ".join(duplicates[:SHOWN]) + more)
