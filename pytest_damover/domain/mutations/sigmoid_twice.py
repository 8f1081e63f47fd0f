"""Scores went through the sigmoid twice."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import with_scores

HARM = Severity.CRITICAL
WHY = "The export ends with a sigmoid, and the post-processing applies its own."


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """1 / (1 + exp(-score)): nothing is below 0.5 and nothing above 0.74. The ranks stay, so AP sees nothing of it."""
    del context, rng
    return with_scores(detections, 1 / (1 + np.exp(-detections.scores)))
