"""How long one call of a detector takes, measured where the model runs."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from pytest_damover.detectors import Detector
from pytest_damover.domain.detection import Detections
from pytest_damover.images import Image

Clock = Callable[[], int]
Timed = tuple[int, Detections]


def time_call(detector: Detector, image: Image, clock: Clock = time.perf_counter_ns) -> Timed:
    """Nanoseconds of one call on an image that is decoded already, and what it found; a GPU is waited for on both ends.

    A detector that runs elsewhere measures itself there (`timed`), so that the way to it and back does not count.
    """
    elsewhere: Callable[[Image], Timed] | None = getattr(detector, "timed", None)
    if elsewhere is not None:
        return elsewhere(image)
    _wait_for_device()
    began = clock()
    found = detector(image)
    _wait_for_device()
    return clock() - began, found


def _wait_for_device() -> None:
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.synchronize()
