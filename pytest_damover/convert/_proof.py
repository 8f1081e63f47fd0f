"""Original and twin on the same images: equal to the last bit, or refused with what differs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_damover.detectors import Detector
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.images import Image

MAX_FAULTS = 5
_ALLOWED = "equal detections: the same boxes, scores and labels in the same order"


@dataclass(frozen=True, slots=True)
class Proof:
    """How much was compared and found equal."""

    images: int
    detections: int


def prove(original: Detector, twin: Detector, images: Iterable[Image]) -> Proof:
    """Run both on every image and count what was compared; scores and box edges must be the very same numbers.

    Raises `DamoverError` (detections) with the first images in which they are not, and when nothing at all was
    detected, which proves nothing.
    """
    images_seen = detections = 0
    faults: list[Fault] = []
    for image in images:
        expected = original(image)
        difference = _difference(expected, twin(image))
        images_seen += 1
        detections += len(expected)
        if difference:
            where = image.key or image.sha256[:12]
            faults.append(Fault(Code.DETECTIONS, where, f"the twin differs: {difference}", _ALLOWED))
        if len(faults) == MAX_FAULTS:
            break
    if faults:
        raise DamoverError(*faults)
    if detections == 0:
        found = f"nothing was detected in {images_seen} images, which proves nothing"
        raise DamoverError(Fault(Code.DETECTIONS, "proof", found, "one detection or more", "add images that show any"))
    return Proof(images_seen, detections)


def _difference(expected: Detections, found: Detections) -> str:
    """The first thing that is not equal, in words; empty when all is."""
    for index in range(min(len(expected), len(found))):
        label, twin_label = expected.labels[index], found.labels[index]
        if label != twin_label:
            return f"box {index} is {twin_label!r} instead of {label!r}"
        numbers, twin_numbers = (
            np.append(detections.boxes[index], detections.scores[index]) for detections in (expected, found)
        )
        if not np.array_equal(numbers, twin_numbers):
            by = float(np.abs(numbers - twin_numbers).max())
            return f"box {index} {_words(twin_numbers)} instead of {_words(numbers)}, at most {by:.3g} apart"
    if len(expected) != len(found):
        return f"{len(found)} detections instead of {len(expected)}"
    return ""


def _words(numbers: NDArray[np.float64]) -> str:
    *edges, score = map(repr, numbers.tolist())
    return f"({', '.join(edges)}) at {score}"
