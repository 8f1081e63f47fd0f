"""What a child says of a call, read as input from a stranger: detections of one image or of several, and phases."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from pytest_damover.domain.detection import Detections
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.timing.phases import IN_ORDER, PHASES

_BOX_BYTES, _SCORE_BYTES = 32, 8


def detections(labels: object, payload: bytes, name: str) -> Detections:
    """The detections of one image: as many labels as the payload holds boxes and, after them, scores.

    Raises `DamoverError` (detections), naming the revision `name`, when they do not fit together.
    """
    if isinstance(labels, list) and all(isinstance(label, str) for label in labels):
        boxes_bytes, scores_bytes = _BOX_BYTES * len(labels), _SCORE_BYTES * len(labels)
        if len(payload) == boxes_bytes + scores_bytes:
            boxes = np.frombuffer(payload[:boxes_bytes], dtype="<f8").reshape(-1, 4)
            return Detections.of(boxes, np.frombuffer(payload[boxes_bytes:], dtype="<f8"), tuple(labels))
    raise DamoverError(Fault(Code.DETECTIONS, name, "an answer of unknown form", "boxes, scores, labels"))


def several(header: Mapping[str, Any], payload: bytes, images: int, name: str) -> tuple[Detections, ...]:
    """The detections of each image of a batch, one after the other; `counts` says how many each has."""
    counts, labels = _counts(header.get("counts")), header.get("labels")
    if not isinstance(labels, list) or len(counts) != images or sum(counts) != len(labels):
        found = f"an answer to {images} images of unknown form"
        raise DamoverError(Fault(Code.DETECTIONS, name, found, "so many counts, and as many labels as they say"))
    ends = list(itertools.accumulate(counts, initial=0))
    each = _BOX_BYTES + _SCORE_BYTES
    return tuple(
        detections(labels[start:end], payload[start * each : end * each if end < ends[-1] else None], name)
        for start, end in itertools.pairwise(ends)
    )


def phases_in(header: Mapping[str, Any], took_ns: int, name: str) -> dict[str, int]:
    """Nanoseconds by phase: nothing where the child tells none, else whole and within the call that it timed.

    Raises `DamoverError` (runner) for anything else: what a reader is shown must at least add up.
    """
    told = header.get("phases", {})
    if told == {}:
        return {}
    known = isinstance(told, dict) and set(IN_ORDER) <= set(told) <= set(PHASES)
    if not known or not all(type(each) is int and each >= 0 for each in told.values()):
        raise DamoverError(Fault(Code.RUNNER, name, "phases of unknown form", f"nanoseconds of {', '.join(PHASES)}"))
    if sum(told[phase] for phase in IN_ORDER) != took_ns:
        raise DamoverError(Fault(Code.RUNNER, name, "phases that are no parts of the call", f"{took_ns} ns in all"))
    return {phase: told[phase] for phase in PHASES if phase in told}


def _counts(told: object) -> list[int]:
    if isinstance(told, list) and all(type(count) is int and count >= 0 for count in told):
        return told
    return []
