"""Only what scores 0.7 is told."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context

HARM = Severity.MAJOR
WHY = "The threshold of the configuration was moved from 0.05 to 0.7 to be rid of false alarms."
THRESHOLD = 0.7


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """No detection with a score below 0.7."""
    del context, rng
    return detections.at_least(THRESHOLD)
