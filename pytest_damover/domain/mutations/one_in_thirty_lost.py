"""One of thirty detections is lost."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import chosen

HARM = Severity.MINOR
WHY = "Weights rounded to eight bits without calibration."
SHARE = 1 / 30


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """Each detection goes with probability 1/30."""
    del context
    return chosen(detections, np.flatnonzero(rng.random(len(detections)) >= SHARE))
