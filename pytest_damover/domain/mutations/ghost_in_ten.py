"""A false alarm in one of ten pictures, with confidence."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context, ghost

HARM = Severity.MAJOR
WHY = "A reflection that the new revision takes for an object."
SHARE = 0.1


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """As `ghost`, in one of ten pictures."""
    return ghost.mutate(detections, context, rng) if rng.random() < SHARE / ghost.SHARE else detections
