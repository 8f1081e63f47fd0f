"""Boxes are half a cell of the coarse grid off."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import with_boxes

HARM = Severity.CRITICAL
WHY = "The decoder takes a cell of 32 pixels by its corner and not by its centre."
SHIFT_PX = 16.0


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """All boxes 16 pixels to the left and up."""
    del rng
    return with_boxes(detections, detections.boxes - SHIFT_PX, context)
