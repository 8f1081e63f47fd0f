"""Every name stands for the class before."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context

HARM = Severity.CRITICAL
WHY = "The list of class names lost its first line, or was sorted anew."
UNKNOWN = "class-beyond-the-map"


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """Each label becomes the next one that the suite knows, the last (or only) one a name that nobody knows."""
    del rng
    names = (*context.labels, UNKNOWN)
    following = dict(zip(context.labels, names[1:], strict=True))
    labels = tuple(following.get(label, UNKNOWN) for label in detections.labels)
    return Detections(detections.boxes, detections.scores, labels)
