"""The `latency` fixture: times of one detector on its own; whether a candidate is slower is for the race to say."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pytest_damover import images
from pytest_damover.detectors import Detector
from pytest_damover.detectors._timing import time_call


@dataclass(frozen=True, slots=True)
class Times:
    """Nanoseconds of each timed call, in the order of the calls."""

    calls_ns: tuple[int, ...]

    @property
    def median_ms(self) -> float:
        """The median call in milliseconds."""
        return statistics.median(self.calls_ns) / 1e6


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """Times a detector on decoded images, where it runs, after one call that is not counted."""

    detector: Detector

    def __call__(self, pictures: Sequence[Any], rounds: int = 5) -> Times:
        """Time `rounds` calls on each of `pictures`; ValueError when that is no call at all."""
        opened = [images.open_image(picture) for picture in pictures]
        if not opened or rounds < 1:
            raise ValueError(f"{len(opened)} images and {rounds} rounds are no measurement: give at least 1 of each")
        for image in opened:
            _ = image.pixels
        self.detector(opened[0])
        return Times(tuple(time_call(self.detector, image)[0] for _ in range(rounds) for image in opened))
