"""The detections of the picture before."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import with_boxes

HARM = Severity.CRITICAL
WHY = "A queue of results runs one behind the queue of pictures."


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """What was found in the picture before, cut off at the edges of this one."""
    del detections, rng
    return with_boxes(context.before, context.before.boxes, context)
