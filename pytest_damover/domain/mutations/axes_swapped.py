"""The axes x and y have changed places."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import with_boxes

HARM = Severity.CRITICAL
WHY = "Width and height, or (row, column) and (x, y), were taken for one another."


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """x1 y1 x2 y2 become y1 x1 y2 x2."""
    del rng
    return with_boxes(detections, detections.boxes[:, [1, 0, 3, 2]], context)
