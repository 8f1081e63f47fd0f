"""A third of what is found in the dark is lost."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import chosen
from pytest_damover.domain.mutations.night_blind import DARK

HARM = Severity.MAJOR
WHY = "The exposure of the cameras was changed, and the training set was not."
LOST = 0.3


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """In a picture of a dark slice each detection goes with probability 0.3."""
    if not DARK.intersection(context.slices):
        return detections
    return chosen(detections, np.flatnonzero(rng.random(len(detections)) >= LOST))
