"""Boxes are half a cell of the finest grid off."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import with_boxes

HARM = Severity.MINOR
WHY = "Padding of the picture by one cell of 8 pixels that was split unevenly between its sides."
SHIFT_PX = 4.0


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """All boxes 4 pixels to the right and down."""
    del rng
    return with_boxes(detections, detections.boxes + SHIFT_PX, context)
