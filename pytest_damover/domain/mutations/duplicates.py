"""Every object is told three times."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import joined, with_boxes, with_scores

HARM = Severity.CRITICAL
WHY = "The IoU of non-maximum suppression was loosened from 0.7 to 0.95, or it was left out of an export."


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """Two more of each detection, an eighth of its size to the right and down, with 0.95 and 0.9 of its score."""
    del rng
    eighth = (detections.boxes[:, 2:] - detections.boxes[:, :2]) / 8
    right, down = np.zeros_like(detections.boxes), np.zeros_like(detections.boxes)
    right[:, 0::2], down[:, 1::2] = eighth[:, :1], eighth[:, 1:]
    copies = [
        with_boxes(with_scores(detections, detections.scores * share), detections.boxes + moved, context)
        for moved, share in ((right, 0.95), (down, 0.9))
    ]
    return joined(detections, *copies)
