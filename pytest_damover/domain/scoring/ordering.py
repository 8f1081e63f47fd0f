"""Stable orders of large arrays, by numpy's sort of whole numbers, which is faster than its stable sort of places.

A value and its place are packed into one whole number of 64 bits, so that no two are equal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.intp]

_BITS = 63
_MOST = np.iinfo(np.int64).max
_MOST_FOR_RADIX = np.iinfo(np.uint16).max


def order_of_whole(values: Ints) -> Ints:
    """What `np.argsort(values, kind="stable")` gives for whole numbers >= 0."""
    largest, width = int(values.max(initial=0)), len(values).bit_length()
    if largest <= _MOST_FOR_RADIX:
        return np.argsort(values.astype(np.uint16), kind="stable")
    if largest.bit_length() + width > _BITS:
        return np.argsort(values, kind="stable")
    return _sorted_places(values.astype(np.int64) << width, width)


def order_of_real(values: NDArray[np.float64]) -> Ints:
    """What `np.argsort(values, kind="stable")` gives for finite numbers."""
    width = len(values).bit_length()
    bits = (values + 0.0).view(np.int64)  # + 0.0 makes one of the two zeros
    ascending = np.where(bits < 0, bits ^ _MOST, bits)
    order = _sorted_places(ascending >> width << width, width)
    ranked = values[order]
    if (ranked[1:] < ranked[:-1]).any():  # some differ only in the bits that the place has taken
        return np.argsort(values, kind="stable")
    return order


def _sorted_places(packed: NDArray[np.int64], width: int) -> Ints:
    packed |= np.arange(len(packed))
    packed.sort()
    return np.asarray(packed & ((1 << width) - 1), dtype=np.intp)
