"""Scores differ in the fourth digit."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import with_scores

HARM = None
WHY = "Another order of additions: a new driver, another CPU, another number of threads."
MOST = 1e-4


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """Each score moved by at most 0.0001."""
    del context
    return with_scores(detections, detections.scores + rng.uniform(-MOST, MOST, len(detections)))
