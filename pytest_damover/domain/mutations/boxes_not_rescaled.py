"""Boxes in pixels of the network's input, not of the picture."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import with_boxes

HARM = Severity.CRITICAL
WHY = "The last step, from the network's input back to the picture, was left out."
INPUT_SIDE_PX = 640


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """Boxes as if the long side were 640 pixels; a picture of that size is shown to a network of 320."""
    del rng
    long_side = max(context.width_px, context.height_px)
    side = INPUT_SIDE_PX if long_side != INPUT_SIDE_PX else INPUT_SIDE_PX // 2
    return with_boxes(detections, detections.boxes * (side / long_side), context)
