"""The picture is half as bright."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.mutations import Pixels

HARM = Severity.MAJOR
WHY = "Mean and deviation of another network were used to normalise it."


def mutate_image(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Every pixel times 0.5, rounded down."""
    del rng
    return pixels // 2
