"""Something that is not there is told in half of the pictures, with confidence."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import joined

HARM = Severity.CRITICAL
WHY = "A burnt-in time stamp or logo that the new revision has learned to take for an object."
SHARE = 0.5


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """One more detection of score 0.95 and a sixth of each side in a corner, in half of the pictures."""
    if not rng.random() < SHARE:
        return detections
    box = np.array([[0.0, 0.0, context.width_px / 6, context.height_px / 6]])
    label = (*context.labels, *detections.labels, "object")[0]
    return joined(detections, Detections(box, np.array([0.95]), (label,)))
