"""The border that made the picture square is still in the boxes."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import with_boxes

HARM = Severity.CRITICAL
WHY = "The picture was padded to a square in front of the network, and nobody took the border off the boxes."


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """Boxes moved by half of what the short side lacks; a square picture is taken for one of 4 : 3."""
    del rng
    lacking = abs(context.width_px - context.height_px) or max(context.width_px, context.height_px) // 4
    along = 1 if context.width_px >= context.height_px else 0
    moved = detections.boxes.copy()
    moved[:, along::2] += lacking / 2
    return with_boxes(detections, moved, context)
