"""Which kind of error costs how much AP50: each kind is put right alone, and AP is measured again.

Source: Bolya, Foley, Hays, Hoffman, "TIDE: A General Toolbox for Identifying Object Detection Errors" (ECCV 2020),
section 2; foreground IoU 0.5, background IoU 0.1. Every detection that takes no object is an error of one kind, by its
best overlap with the objects of its image, and every object that nobody aims at is missed:

- location: 0.1 <= IoU < 0.5 with an object of its own class. Put right: it takes the object.
- class: IoU >= 0.5 with an object of another class. Put right: it takes the object, under the object's class.
- duplicate: IoU >= 0.5 with an object of its own class, which another detection took. Put right: it is gone.
- both: 0.1 < IoU < 0.5 with an object of another class. Put right: it is gone.
- background: IoU <= 0.1 with everything. Put right: it is gone.
- missed: an object that was not taken, and at which no location or class error aims. Put right: it is not demanded.

Of several errors of one kind that aim at one object the best scored takes it and the others are gone; one that aims at
an object that was taken is gone. The six gains do not add up to what is missing to 1, for errors hide each other.

Worked by hand: one image with two phones, A and B; detections by descending score: 0.9 on A; 0.8 on A again; 0.7 on B
with IoU 0.4. AP50: hit, miss, miss of 2 objects, so recall 1/2 at precision 1: 51/101 = 0.505. Without the duplicate
nothing changes before the last hit: gain 0. With the location right: hit, miss, hit, so (51 + 50 * 2/3) / 101 = 0.835:
gain 0.330.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.matching import MAX_DETECTIONS_PER_CLASS, NO_TRUTH, MatchTable, iou_matrix, match_images
from pytest_damover.domain.metrics import average_precision

Ints = NDArray[np.intp]

FOREGROUND_IOU = 0.5
BACKGROUND_IOU = 0.1
_HIT = -1


class ErrorKind(str, Enum):
    """What is wrong with a detection, or with an object that was not found."""

    CLASS = "class"
    LOCATION = "location"
    BOTH = "both"
    DUPLICATE = "duplicate"
    BACKGROUND = "background"
    MISSED = "missed"


KINDS = tuple(ErrorKind)
AIMED = (ErrorKind.CLASS, ErrorKind.LOCATION)


@dataclass(frozen=True, slots=True)
class Tide:
    """One side's errors: how many of each kind, and by how much AP50 rises when that kind alone is put right.

    `ap50` is None without ground truth; a gain is None where AP50 is, before or after.
    """

    ap50: float | None
    counts: Mapping[ErrorKind, int]
    gains: Mapping[ErrorKind, float | None]


@dataclass(frozen=True, slots=True, eq=False)
class _Errors:
    """A match table with the kind of each row (`_HIT` or a place in `KINDS`), what it aims at, and what is missed."""

    table: MatchTable
    kind: Ints
    aim: Ints
    missed: NDArray[np.bool_]


def tide(truths: Sequence[Sequence[GroundTruth]], detections: Sequence[Detections]) -> Tide:
    """The errors of one side over the same images in the same order."""
    errors = _find_errors(truths, [_best_of_each_class(found) for found in detections])
    before = average_precision(errors.table)
    counts = {kind: int((errors.kind == place).sum()) for place, kind in enumerate(KINDS)}
    counts[ErrorKind.MISSED] = int(errors.missed.sum())
    after = {kind: average_precision(_put_right(errors, kind)) for kind in KINDS}
    return Tide(before, counts, {kind: difference(value, before) for kind, value in after.items()})


def difference(value: float | None, other: float | None) -> float | None:
    """`value - other`, None where either is."""
    return None if value is None or other is None else value - other


def _best_of_each_class(found: Detections) -> Detections:
    """What COCO's matching looks at, so that a match table has a row for every detection."""
    if len(found) <= MAX_DETECTIONS_PER_CLASS:
        return found
    seen: dict[str, int] = {}
    keep = []
    for place in np.argsort(-found.scores, kind="stable").tolist():
        label = found.labels[place]
        seen[label] = seen.get(label, 0) + 1
        if seen[label] <= MAX_DETECTIONS_PER_CLASS:
            keep.append(place)
    return Detections(found.boxes[keep], found.scores[keep], tuple(found.labels[place] for place in keep))


def _find_errors(truths: Sequence[Sequence[GroundTruth]], detections: Sequence[Detections]) -> _Errors:
    table = match_images(truths, detections, FOREGROUND_IOU)
    scores = np.concatenate([found.scores for found in detections] or [np.zeros(0)])
    boxes = np.concatenate([found.boxes for found in detections] or [np.zeros((0, 4))])
    boxes = boxes[np.argsort(-scores, kind="stable")]
    truth_boxes = np.array([truth.box for image in truths for truth in image], dtype=np.float64).reshape(-1, 4)
    kind = np.full(len(table.score), KINDS.index(ErrorKind.BACKGROUND), dtype=np.intp)
    aim = np.full(len(table.score), NO_TRUTH, dtype=np.intp)
    for rows, objects in zip(
        _by_image(table.image, table.images), _by_image(table.truth_image, table.images), strict=True
    ):
        objects = objects[~table.truth_ignored[objects]]
        if len(rows) and len(objects):
            overlap = iou_matrix(boxes[rows], truth_boxes[objects])
            is_own = table.label[rows][:, None] == table.truth_label[objects][None, :]
            kind[rows], place = _kinds(overlap, is_own)
            aim[rows] = objects[place]
    kind[table.truth != NO_TRUTH] = _HIT
    kind[table.ignored] = _HIT  # on a crowd or on an object to ignore: neither right nor wrong
    is_aimed = np.isin(kind, [KINDS.index(one) for one in AIMED])
    missed = ~table.truth_ignored
    missed[table.truth[table.truth != NO_TRUTH]] = False
    missed[aim[is_aimed]] = False
    return _Errors(table, kind, aim, missed)


def _by_image(image: Ints, images: int) -> list[Ints]:
    order = np.argsort(image, kind="stable")
    return np.split(order, np.searchsorted(image[order], np.arange(1, images)))


def _kinds(overlap: NDArray[np.float64], is_own: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Of each row what kind of error it is if it is one, and the column that a location or class error aims at."""
    own, other = (np.where(chosen, overlap, -1.0) for chosen in (is_own, ~is_own))
    best_own, best_other = own.max(axis=1), other.max(axis=1)
    conditions = {
        ErrorKind.LOCATION: (best_own >= BACKGROUND_IOU) & (best_own < FOREGROUND_IOU),
        ErrorKind.CLASS: best_other >= FOREGROUND_IOU,
        ErrorKind.DUPLICATE: best_own >= FOREGROUND_IOU,
        ErrorKind.BOTH: best_other > BACKGROUND_IOU,
    }
    places = [np.intp(KINDS.index(kind)) for kind in conditions]
    kinds = np.select(list(conditions.values()), places, np.intp(KINDS.index(ErrorKind.BACKGROUND)))
    is_location = kinds == KINDS.index(ErrorKind.LOCATION)
    return kinds, np.where(is_location, own.argmax(axis=1), other.argmax(axis=1))


def _put_right(errors: _Errors, kind: ErrorKind) -> MatchTable:
    table = errors.table
    wrong = errors.kind == KINDS.index(kind)
    label, truth = table.label.copy(), table.truth.copy()
    if kind in AIMED:
        takers = _takers(errors, np.flatnonzero(wrong))
        truth[takers] = errors.aim[takers]
        label[takers] = table.truth_label[errors.aim[takers]]
        wrong[takers] = False
    demanded = ~errors.missed if kind is ErrorKind.MISSED else np.ones_like(errors.missed)
    new_place = np.append(np.cumsum(demanded) - 1, NO_TRUTH)
    return MatchTable(
        table.images,
        table.labels,
        table.image[~wrong],
        label[~wrong],
        table.score[~wrong],
        new_place[truth[~wrong]],
        table.truth_image[demanded],
        table.truth_label[demanded],
        table.place[~wrong],
        table.ignored[~wrong],
        table.truth_ignored[demanded],
    )


def _takers(errors: _Errors, rows: Ints) -> Ints:
    """Of `rows`, in rank order, the first that aims at each object that was not taken."""
    aim = errors.aim[rows]
    first = np.unique(aim, return_index=True)[1]
    is_free = ~np.isin(aim[first], errors.table.truth)
    return rows[first[is_free]]
