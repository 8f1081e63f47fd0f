"""The centre of a box is taken for its corner."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import with_boxes

HARM = Severity.CRITICAL
WHY = "The head gives centre and size, and the new post-processing reads corner and size."


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """Each box moved by half its width to the right and half its height down."""
    del rng
    half = (detections.boxes[:, 2:] - detections.boxes[:, :2]) / 2
    return with_boxes(detections, detections.boxes + np.hstack([half, half]), context)
