"""Boxes are half a cell of their own level's grid off."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import with_boxes

HARM = Severity.MAJOR
WHY = "The new decoder takes each cell by its corner and not by its centre."


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """To the left and up by 4, 8 or 16 pixels: strides 8, 16 and 32 for sides below 64, below 128 and above."""
    del rng
    side = (detections.boxes[:, 2:] - detections.boxes[:, :2]).max(axis=1, initial=0.0)
    stride = np.select([side < 64, side < 128], [8.0, 16.0], default=32.0)
    return with_boxes(detections, detections.boxes - stride[:, None] / 2, context)
