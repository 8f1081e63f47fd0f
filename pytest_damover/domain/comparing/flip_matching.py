"""Which known objects two revisions find in the same images, and how they miss the others.

A box may stand for an object of its label when it is counted (score >= the case's `confidence_threshold`) and lies on
it (IoU >= the case's `iou_threshold`). Each stands for one object at most, and as many objects as possible are found:
the maximum matching of the `boxes` expectation, for its reason. So both find the same number of objects, and where no
box fits two of them, the same objects.

Where one box lies on two objects there are several maximum matchings, and taking any one on each side would make flips
out of nothing: a baseline's box that fits A and B, taken for A, and a candidate's that fits B alone would read "A
broken, B fixed". So of all maximum matchings of both sides a pair is taken that finds the most objects on both: as few
objects are broken as the boxes allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from pytest_damover.domain.scoring.box_pairs import (
    NOBODY,
    Boxes,
    Pairs,
    Thresholds,
    chosen_boxes,
    first_column,
    overlapping,
    rivals,
    table,
)
from pytest_damover.domain.scoring.greedy import Bools, Floats, Ints, pair_ious
from pytest_damover.domain.scoring.matching import maximum_matching

LEAST_OVERLAP = 0.1
"""A box that overlaps an object by less does not mean it. Source: the background threshold of TIDE (Bolya et al. 2020,
A General Toolbox for Identifying Object Detection Errors)."""


class Miss(str, Enum):
    """How an object is missed; of several ways the first one is told.

    SHARED: the boxes that fit stand for other objects. SWAPPED: a counted box on it has another label. MISPLACED: a
    counted box of its label lies near it. FAINT: a box of its label on it scores below the threshold. MISSED: none of
    these. A box that stands for another object tells nothing of this one.
    """

    SHARED = "shared"
    SWAPPED = "swapped"
    MISPLACED = "misplaced"
    FAINT = "faint"
    MISSED = "missed"


_MISSES = tuple(Miss)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One side of the known objects.

    `witness`: (objects,) index of the box that stands for the object or shows how it is missed, `NOBODY` for none;
    `iou`: (objects,) its overlap with the object; `miss`: (objects,) place in `Miss`, -1 for found; `spurious`: (N,)
    True for the counted boxes that are on no object; `partner`: (N,) for those the one of the other side, `NOBODY` for
    none, and `partner_iou` the overlap of the two.
    """

    witness: Ints
    iou: Floats
    miss: Ints
    spurious: Bools
    partner: Ints
    partner_iou: Floats


@dataclass(frozen=True, slots=True, eq=False)
class SetAside:
    """Objects to ignore and crowds, whose IoU is the part of a box that lies in them: `crowd` (N,)."""

    boxes: Boxes
    crowd: Bools


def see_both_sides(
    objects: Boxes, aside: SetAside, first: Boxes, second: Boxes, thresholds: Thresholds
) -> tuple[Seen, Seen]:
    """Match both sides' boxes with the objects, and with each other those that stand for none and lie on none aside."""
    sides = (first, second)
    near = [overlapping(objects, side, np.minimum(thresholds.iou, LEAST_OVERLAP)) for side in sides]
    fits = [_fits(objects, side, pairs, thresholds) for side, pairs in zip(sides, near, strict=True)]
    held = _found_on_both(objects, *fits)
    spurious = [_spurious(side, holders, aside, thresholds) for side, holders in zip(sides, held, strict=True)]
    partners = _partners(sides, spurious, thresholds)
    before, after = (
        _seen(objects, side, near[one], held[one], spurious[one], thresholds) for one, side in enumerate(sides)
    )
    before.partner[partners.row], after.partner[partners.column] = partners.column, partners.row
    before.partner_iou[partners.row], after.partner_iou[partners.column] = partners.iou, partners.iou
    return before, after


def jointly_matched(first: Bools, second: Bools) -> tuple[Ints, Ints]:
    """For each object the box of either side that stands for it, `NOBODY` for none.

    `first`: (objects, boxes of one side), `second`: (objects, boxes of the other), True where a box may stand for an
    object. On each side as many objects as possible have a box, and of all such matchings as many objects as possible
    have one on both. That number is the largest set of vertex-disjoint paths box - object - box, which is a maximum
    matching once every object is split in two (Menger; König); each augmentation keeps what is matched, so the rest of
    each side is matched on top of it.
    """
    objects = len(first)
    nothing = np.zeros((first.shape[1], second.shape[1]), dtype=bool)
    split = np.block([[np.eye(objects, dtype=bool), second], [first.T, nothing]])
    # an object whose own place has gone to a box of the first side has itself gone on to one of the second
    on_both = {column for column in maximum_matching(split)[objects:] if column is not None}
    order = sorted(range(objects), key=lambda one: (one not in on_both, one))
    return _matched_in(order, first), _matched_in(order, second)


def _matched_in(order: Sequence[int], fits: Bools) -> Ints:
    held = np.full(len(fits), NOBODY, dtype=np.intp)
    for row, column in zip(order, maximum_matching(fits[list(order)]), strict=True):
        held[row] = NOBODY if column is None else column
    return held


def _found_on_both(objects: Boxes, first: Pairs, second: Pairs) -> tuple[Ints, Ints]:
    """Each object takes the first box that fits; images where a box fits several objects are matched as a whole."""
    held = [first_column(len(objects.image), pairs) for pairs in (first, second)]
    contested = np.union1d(*(objects.image[pairs.row[rivals(pairs)]] for pairs in (first, second)))
    for image in contested.tolist():
        start, end = np.searchsorted(objects.image, (image, image + 1)).tolist()
        (one, names), (other, other_names) = (table(pairs, start, end) for pairs in (first, second))
        matched, other_matched = jointly_matched(one, other)
        held[0][start:end] = np.append(names, NOBODY)[matched]
        held[1][start:end] = np.append(other_names, NOBODY)[other_matched]
    return held[0], held[1]


def _spurious(side: Boxes, held: Ints, aside: SetAside, thresholds: Thresholds) -> Bools:
    """The counted boxes that stand for no object and do not lie on one of their label that is set aside."""
    spurious: Bools = side.score >= thresholds.score[side.image]
    spurious[held[held != NOBODY]] = False
    rows = np.flatnonzero(spurious)
    near = overlapping(chosen_boxes(side, rows), aside.boxes, thresholds.iou, aside.crowd)
    excused = side.label[rows[near.row]] == aside.boxes.label[near.column]
    spurious[rows[near.row[excused]]] = False
    return spurious


def _partners(sides: tuple[Boxes, Boxes], spurious: Sequence[Bools], thresholds: Thresholds) -> Pairs:
    """Pair spurious boxes of one label that lie on each other, as many as possible."""
    (first, second), (rows, columns) = sides, [np.flatnonzero(chosen) for chosen in spurious]
    near = overlapping(chosen_boxes(first, rows), chosen_boxes(second, columns), thresholds.iou)
    fits = near.where(first.label[rows[near.row]] == second.label[columns[near.column]])
    held, image = first_column(len(rows), fits), first.image[rows]
    for contested in np.unique(image[fits.row[rivals(fits)]]).tolist():
        start, end = np.searchsorted(image, (contested, contested + 1)).tolist()
        fitting, names = table(fits, start, end)
        held[start:end] = np.append(names, NOBODY)[_matched_in(range(end - start), fitting)]
    row, column = rows[held != NOBODY], columns[held[held != NOBODY]]
    return Pairs(row, column, pair_ious(first.box[row], second.box[column]))


def _seen(objects: Boxes, side: Boxes, near: Pairs, held: Ints, spurious: Bools, thresholds: Thresholds) -> Seen:
    """How every object is found or missed, from the boxes near it."""
    found = held != NOBODY
    witness, miss = held.copy(), np.where(found, -1, _MISSES.index(Miss.MISSED))
    near = near.where(~found[near.row])
    way = _ways(objects, side, near, spurious, thresholds)
    strength = np.where(way == _MISSES.index(Miss.MISPLACED), near.iou, side.score[near.column])
    order = np.lexsort((-strength, way, near.row))
    order = order[way[order] < _MISSES.index(Miss.MISSED)]
    row, place = np.unique(near.row[order], return_index=True)
    witness[row], miss[row] = near.column[order[place]], way[order[place]]
    iou = np.zeros(len(held))
    known = np.flatnonzero(witness != NOBODY)
    iou[known] = pair_ious(objects.box[known], side.box[witness[known]])
    boxes = len(side.image)
    return Seen(witness, iou, miss, spurious, np.full(boxes, NOBODY, dtype=np.intp), np.zeros(boxes))


def _ways(objects: Boxes, side: Boxes, near: Pairs, spurious: Bools, thresholds: Thresholds) -> Ints:
    """For each box near a missed object the place in `Miss` of how it shows the object missed."""
    image = objects.image[near.row]
    on_it = near.iou >= thresholds.iou[image]
    same_label = objects.label[near.row] == side.label[near.column]
    counted = side.score[near.column] >= thresholds.score[image]
    free = spurious[near.column]
    ways = {
        Miss.SHARED: on_it & same_label & counted,
        Miss.SWAPPED: on_it & ~same_label & free,
        Miss.MISPLACED: ~on_it & same_label & free,
        Miss.FAINT: on_it & same_label & ~counted,
    }
    way: Ints = np.select(list(ways.values()), [_MISSES.index(kind) for kind in ways], _MISSES.index(Miss.MISSED))
    return way


def _fits(objects: Boxes, side: Boxes, near: Pairs, thresholds: Thresholds) -> Pairs:
    """The pairs of an object and a box that may stand for it."""
    image = objects.image[near.row]
    return near.where(
        (objects.label[near.row] == side.label[near.column])
        & (near.iou >= thresholds.iou[image])
        & (side.score[near.column] >= thresholds.score[image])
    )
