"""Boxes are half a pixel off."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import with_boxes

HARM = None
WHY = "Resizing that counts pixels by their corners where the old one counted them by their centres."
SHIFT_PX = 0.5


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """All boxes 0.5 pixels to the right and down."""
    del rng
    return with_boxes(detections, detections.boxes + SHIFT_PX, context)
