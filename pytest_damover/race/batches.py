"""Races of calls with several images, size by size: run as any race is, with a batch in place of an image."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pytest_damover.detectors import Detector
from pytest_damover.detectors._timing import can_batch, time_batch
from pytest_damover.domain.timing.race_times import BatchPairs
from pytest_damover.images import Image
from pytest_damover.race import Course, Sides, race

MOST_BATCHES = 16

Batches = Mapping[int, tuple[Image, ...]]
"""By the id of its first image, which stands for the batch in the race."""


@dataclass(frozen=True, slots=True)
class Batched:
    """A detector of which one call, with the image that stands for a batch, is a call with the whole batch."""

    detector: Detector
    batches: Batches

    def timed(self, image: Image) -> tuple[int, Any]:
        """Nanoseconds of one call with the batch of `image`, and what was found in each of its images."""
        return time_batch(self.detector, self.batches[id(image)])


def why_not(sides: Mapping[str, Detector]) -> str:
    """Why calls with several images cannot be raced, '' when they can; `sides` by the revision's name."""
    unable = [name for name, detector in sides.items() if not can_batch(detector)]
    return f"the detector of {' and '.join(unable)} takes one image at a time" if unable else ""


def race_batches(sides: Callable[[int], Sides], course: Course, size: int) -> BatchPairs:
    """The race of calls with `size` of the course's images, as `race` runs it; its `check` is told of each image."""
    batches = {id(batch[0]): batch for batch in batches_of(course.images, size)}

    def batched(heat: int) -> Any:
        return tuple(Batched(side, batches) for side in sides(heat))

    def check(side: int, image: Image, found: Any) -> None:
        for each, one in zip(batches[id(image)], found, strict=True):
            course.check(side, each, one)

    raced = race(batched, replace(course, images=[batch[0] for batch in batches.values()], check=check))
    return BatchPairs(size, raced.pairs_ns)


def batches_of(images: Sequence[Image], size: int) -> tuple[tuple[Image, ...], ...]:
    """Batches of `size` images that are equally large, of the size that most of `images` have.

    Each begins where the one before ended, and the images begin anew where there are too few. By hand: a, b, c at
    size 2 give ab, ca, bc.
    """
    shapes = [image.pixels.shape for image in images]
    most = max(dict.fromkeys(shapes), key=shapes.count)
    alike = [image for image, shape in zip(images, shapes, strict=True) if shape == most]
    turns = range(min(MOST_BATCHES, len(alike)))
    return tuple(tuple(_own(alike[(size * turn + place) % len(alike)]) for place in range(size)) for turn in turns)


def _own(image: Image) -> Image:
    """The same picture as an object of its own, for the first of a batch stands for it and may be in others too."""
    return Image(image.key, None, image.pixels, image.sha256)
