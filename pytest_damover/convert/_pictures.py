"""Pictures that need no suite: extremes, odd sizes, noise, and shapes that a detector may take for something."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pytest_damover.images import Image, open_image

_SEED = 20250101


def generated_images() -> tuple[Image, ...]:
    """The same pictures every time, with keys below `generated/`."""
    random = np.random.default_rng(_SEED)
    pictures = {
        "black": _plain(0),
        "white": _plain(255),
        "one-pixel": _plain(128, 1, 1),
        "wide-1x97": _plain(200, 97, 1),
        "tall-131x33": random.integers(0, 256, (131, 33, 3), dtype=np.uint8),
        "noise-320x240": random.integers(0, 256, (240, 320, 3), dtype=np.uint8),
        "noise-225x321": random.integers(0, 256, (321, 225, 3), dtype=np.uint8),
    } | {f"shapes-{index}": _shapes(random) for index in range(4)}
    return tuple(open_image(pixels, key=f"generated/{name}") for name, pixels in pictures.items())


def _plain(value: int, width_px: int = 320, height_px: int = 240) -> NDArray[np.uint8]:
    return np.full((height_px, width_px, 3), value, dtype=np.uint8)


def _shapes(random: np.random.Generator, width_px: int = 320, height_px: int = 240) -> NDArray[np.uint8]:
    """Twelve rectangles of any colour, each with a darker one in it, on a plain ground."""
    pixels = np.tile(random.integers(0, 256, 3, dtype=np.uint8), (height_px, width_px, 1))
    for _ in range(12):
        left, top = int(random.integers(0, width_px - 20)), int(random.integers(0, height_px - 20))
        width, height = int(random.integers(10, 80)), int(random.integers(10, 120))
        colour = random.integers(0, 256, 3, dtype=np.uint8)
        pixels[top : top + height, left : left + width] = colour
        pixels[top + 3 : top + height - 3, left + 3 : left + width - 3] = colour // 4
    return pixels
