"""Box edges move by less than a third of a pixel."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import with_boxes

HARM = None
WHY = "Another implementation of resizing, or half precision."
MOST_PX = 0.3


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """Each edge moved by at most 0.3 pixels."""
    return with_boxes(detections, detections.boxes + rng.uniform(-MOST_PX, MOST_PX, detections.boxes.shape), context)
