"""What an image is like, as three numbers: they travel in the journal, so that the judge needs no pixels."""

from __future__ import annotations

import math
from typing import NamedTuple


class ImageProperties(NamedTuple):
    """Measured on the luma of a small copy (`luma.py`): its mean and its standard deviation, both in 0..255, and the
    variance of its Laplacian, which is low where nothing is sharp."""

    brightness: float
    contrast: float
    blur: float

    @classmethod
    def from_json(cls, data: object) -> ImageProperties | None:
        """The inverse of writing it as a list; None of None. TypeError or ValueError for anything else."""
        if data is None:
            return None
        if not isinstance(data, list) or not all(type(value) in (int, float) for value in data):
            raise TypeError(f"{data!r} is no list of numbers")
        brightness, contrast, blur = map(float, data)
        if not all(math.isfinite(value) and value >= 0 for value in (brightness, contrast, blur)):
            raise ValueError(f"{data!r} are no properties of an image")
        return cls(brightness, contrast, blur)
