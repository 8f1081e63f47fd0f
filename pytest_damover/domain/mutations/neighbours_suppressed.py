"""Of two objects that touch only one is told."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import chosen
from pytest_damover.domain.scoring.matching import iou_matrix

HARM = Severity.MAJOR
WHY = "The IoU of non-maximum suppression was tightened from 0.7 to 0.05 against duplicates."
MOST_IOU = 0.05


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """Suppression again, by descending score, of what overlaps a better one of its label at IoU above 0.05."""
    del context, rng
    overlap = iou_matrix(detections.boxes, detections.boxes) > MOST_IOU
    kept: list[int] = []
    for place in np.argsort(-detections.scores, kind="stable").tolist():
        rivals = [other for other in kept if detections.labels[other] == detections.labels[place]]
        if not overlap[place, rivals].any():
            kept.append(place)
    return chosen(detections, np.array(sorted(kept), dtype=np.intp))
