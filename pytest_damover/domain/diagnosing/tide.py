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

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.scoring.box_arrays import BoxArrays
from pytest_damover.domain.scoring.box_pairs import Boxes, Pairs, best_columns, overlapping
from pytest_damover.domain.scoring.matching import NO_TRUTH, MatchTable, ranked_rows
from pytest_damover.domain.scoring.metrics import average_precision

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]

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


def tide(arrays: BoxArrays, table: MatchTable) -> Tide:
    """The errors of one side; `table` matches these arrays at `FOREGROUND_IOU`."""
    errors = _find_errors(arrays, table)
    before = average_precision(errors.table)
    counts = {kind: int((errors.kind == place).sum()) for place, kind in enumerate(KINDS)}
    counts[ErrorKind.MISSED] = int(errors.missed.sum())
    after = {kind: average_precision(_put_right(errors, kind)) for kind in KINDS}
    return Tide(before, counts, {kind: difference(value, before) for kind, value in after.items()})


def difference(value: float | None, other: float | None) -> float | None:
    """`value - other`, None where either is."""
    return None if value is None or other is None else value - other


def _find_errors(arrays: BoxArrays, table: MatchTable) -> _Errors:
    objects = np.flatnonzero(~table.truth_ignored)
    pairs, is_own = _near_pairs(arrays, table, objects)
    rows = len(table.score)
    own, other = best_columns(rows, pairs.where(is_own)), best_columns(rows, pairs.where(~is_own))
    kind = _kinds(own[1], other[1])
    column = np.where(kind == KINDS.index(ErrorKind.LOCATION), own[0], other[0])
    kind[table.truth != NO_TRUTH] = _HIT
    kind[table.ignored] = _HIT  # on a crowd or on an object to ignore: neither right nor wrong
    is_aimed = np.isin(kind, [KINDS.index(one) for one in AIMED])
    aim = np.full(rows, NO_TRUTH, dtype=np.intp)
    aim[is_aimed] = objects[column[is_aimed]]
    missed = ~table.truth_ignored
    missed[table.truth[table.truth != NO_TRUTH]] = False
    missed[aim[is_aimed]] = False
    return _Errors(table, kind, aim, missed)


def _near_pairs(arrays: BoxArrays, table: MatchTable, objects: Ints) -> tuple[Pairs, NDArray[np.bool_]]:
    """Rows of the table and places in `objects` that are more than background to each other; and which share a class.

    Ordered by row and then object.
    """
    boxes = arrays.box[ranked_rows(arrays)]
    found = Boxes(table.image, table.label, table.score, boxes)
    image, label = table.truth_image[objects], table.truth_label[objects]
    known = Boxes(image, label, np.ones(len(objects)), arrays.truth_box[objects])
    pairs = overlapping(found, known, np.full(table.images, BACKGROUND_IOU))
    return pairs, found.label[pairs.row] == known.label[pairs.column]


def _kinds(best_own: Floats, best_other: Floats) -> Ints:
    """Of each row what kind of error it is if it is one, by its best overlap with objects of its class and of others.

    An overlap below `BACKGROUND_IOU` may be given as 0.
    """
    conditions = {
        ErrorKind.LOCATION: (best_own >= BACKGROUND_IOU) & (best_own < FOREGROUND_IOU),
        ErrorKind.CLASS: best_other >= FOREGROUND_IOU,
        ErrorKind.DUPLICATE: best_own >= FOREGROUND_IOU,
        ErrorKind.BOTH: best_other > BACKGROUND_IOU,
    }
    places = [np.intp(KINDS.index(kind)) for kind in conditions]
    return np.select(list(conditions.values()), places, np.intp(KINDS.index(ErrorKind.BACKGROUND)))


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
