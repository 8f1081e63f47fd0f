"""The picture lies on its side."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.mutations import Pixels

HARM = Severity.CRITICAL
WHY = "The new loader does not apply the EXIF orientation that telephones write."


def mutate_image(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A quarter turn."""
    del rng
    return np.ascontiguousarray(np.rot90(pixels))
