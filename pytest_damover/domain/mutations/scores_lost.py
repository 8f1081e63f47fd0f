"""Every detection has full score."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import with_scores

HARM = Severity.CRITICAL
WHY = "An export that drops the scores, and a loader that fills in ones."


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """All scores 1."""
    del context, rng
    return with_scores(detections, np.ones(len(detections)))
