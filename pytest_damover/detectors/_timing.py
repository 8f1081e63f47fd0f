"""How long one call of a detector takes, measured where the model runs."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from pytest_damover.detectors import Detector
from pytest_damover.images import Image

Clock = Callable[[], int]


def time_call_ns(detector: Detector, image: Image, clock: Clock = time.perf_counter_ns) -> int:
    """Nanoseconds of one call on an image that is decoded already; a GPU is waited for, before and after.

    A detector that runs elsewhere measures itself there (`time_ns`), so that the way to it and back does not count.
    """
    elsewhere: Callable[[Image], int] | None = getattr(detector, "time_ns", None)
    if elsewhere is not None:
        return elsewhere(image)
    _wait_for_device()
    began = clock()
    detector(image)
    _wait_for_device()
    return clock() - began


def _wait_for_device() -> None:
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.synchronize()
