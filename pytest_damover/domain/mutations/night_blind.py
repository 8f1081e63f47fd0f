"""Nothing is found in the dark."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import EMPTY, Detections
from pytest_damover.domain.mutations import Context

HARM = Severity.CRITICAL
WHY = "The new training set holds no picture that was taken at night."
DARK = frozenset({"night", "dark", "dusk", "low-light", "brightness:dark"})


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """No detection in a picture of a dark slice."""
    del rng
    return EMPTY if DARK.intersection(context.slices) else detections
