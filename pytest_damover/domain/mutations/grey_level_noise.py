"""Pixels differ by one grey level."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.mutations import Pixels

HARM = None
WHY = "Another JPEG decoder, or another version of it."


def mutate_image(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Each value moved by -1, 0 or 1."""
    moved = pixels.astype(np.int16) + rng.integers(-1, 2, pixels.shape)
    return np.asarray(np.clip(moved, 0, 255), dtype=np.uint8)
