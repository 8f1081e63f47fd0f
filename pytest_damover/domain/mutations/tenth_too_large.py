"""Coordinates are a tenth too large."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import with_boxes

HARM = Severity.CRITICAL
WHY = "The picture was resized for another input size than the one that boxes are scaled back from (704 and 640)."
FACTOR = 1.1


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """All coordinates times 1.1."""
    del rng
    return with_boxes(detections, detections.boxes * FACTOR, context)
