"""Boxes are a tenth too wide and too high on every side."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import with_boxes

HARM = Severity.MAJOR
WHY = "The regression of the box was trained for too few epochs, or its loss was given too little weight."
SHARE = 0.1


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """Each side moved outwards by a tenth of the box."""
    del rng
    tenth = (detections.boxes[:, 2:] - detections.boxes[:, :2]) * SHARE
    return with_boxes(detections, detections.boxes + np.hstack([-tenth, tenth]), context)
