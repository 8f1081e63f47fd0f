"""One of ten detections is lost."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import chosen

HARM = Severity.MAJOR
WHY = "A revision that was trained for too short a time."
SHARE = 0.1


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """Each detection goes with probability 0.1."""
    del context
    return chosen(detections, np.flatnonzero(rng.random(len(detections)) >= SHARE))
