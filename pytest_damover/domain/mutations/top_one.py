"""Only the best detection of a picture is told."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import chosen

HARM = Severity.CRITICAL
WHY = "An export with max_detections=1, left over from a demonstration."


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """The detection with the highest score."""
    del context, rng
    best = np.argsort(-detections.scores, kind="stable")[:1]
    return chosen(detections, best)
