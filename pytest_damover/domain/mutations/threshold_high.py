"""Only what scores 0.9 is told."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context

HARM = Severity.CRITICAL
WHY = "A threshold tuned on an easy set went into the configuration."
THRESHOLD = 0.9


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """No detection with a score below 0.9."""
    del context, rng
    return detections.at_least(THRESHOLD)
