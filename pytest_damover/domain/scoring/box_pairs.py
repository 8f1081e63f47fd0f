"""Two lists of boxes over the same images: which of them overlap, as flat arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pytest_damover.domain.scoring.greedy import Bools, Floats, Ints, pair_ious

NOBODY = -1
_PAIRS_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """Boxes of a list of images, in the order of the images; detections of one image by descending score.

    Rows of `overlapping` may come in any order, for only its columns are looked up by image.

    `image`, `label`: (N,) indices; `score`: (N,), 1 for known objects; `box`: (N, 4) x1 y1 x2 y2 in pixels.
    """

    image: Ints
    label: Ints
    score: Floats
    box: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Thresholds:
    """Each image's `confidence_threshold` and `iou_threshold`: (images,) both."""

    score: Floats
    iou: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Rows and columns of two lists of boxes that overlap in one image, ordered by row and then column."""

    row: Ints
    column: Ints
    iou: Floats

    def where(self, keep: Bools) -> Pairs:
        """Only these."""
        return Pairs(self.row[keep], self.column[keep], self.iou[keep])


def overlapping(rows: Boxes, columns: Boxes, least_iou: Floats, crowd: Bools | None = None) -> Pairs:
    """Every two boxes of one image whose IoU is at least that of the image: `least_iou` (images,).

    For a column that is a `crowd` the IoU is the part of the row's box that lies in it.
    """
    first = np.searchsorted(columns.image, rows.image, side="left")
    count = np.searchsorted(columns.image, rows.image, side="right") - first
    found = [Pairs(np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp), np.zeros(0))]
    for block in _blocks(count):
        row = np.repeat(block, count[block])
        place = np.arange(len(row)) - np.repeat(np.cumsum(count[block]) - count[block], count[block])
        column = np.repeat(first[block], count[block]) + place
        in_crowd = False if crowd is None else crowd[column]
        pairs = Pairs(row, column, pair_ious(rows.box[row], columns.box[column], in_crowd))
        found.append(pairs.where(pairs.iou >= least_iou[rows.image[row]]))
    return Pairs(*(np.concatenate([getattr(pairs, name) for pairs in found]) for name in ("row", "column", "iou")))


def chosen_boxes(boxes: Boxes, chosen: Ints) -> Boxes:
    """The boxes at those places, which ascend."""
    return Boxes(boxes.image[chosen], boxes.label[chosen], boxes.score[chosen], boxes.box[chosen])


def first_column(rows: int, pairs: Pairs) -> Ints:
    """For each row its first column, `NOBODY` for none."""
    held = np.full(rows, NOBODY, dtype=np.intp)
    row, place = np.unique(pairs.row, return_index=True)
    held[row] = pairs.column[place]
    return held


def best_columns(rows: int, pairs: Pairs) -> tuple[Ints, Floats]:
    """For each row the column of highest IoU, of equal ones the first, and that IoU; `NOBODY` and 0 for none.

    By hand: row 0 with columns 2 and 5 at 0.3 and 0.3, row 2 with column 1 at 0.7: (2, -1, 1) and (0.3, 0, 0.7).
    """
    column, iou = np.full(rows, NOBODY, dtype=np.intp), np.zeros(rows)
    if len(pairs.row):
        starts = np.flatnonzero(np.append(True, pairs.row[1:] != pairs.row[:-1]))
        iou[pairs.row[starts]] = np.maximum.reduceat(pairs.iou, starts)
        column = first_column(rows, pairs.where(pairs.iou == iou[pairs.row]))
    return column, iou


def rivals(pairs: Pairs) -> Bools:
    """The pairs whose column fits other rows as well."""
    if not len(pairs.column):
        return np.zeros(0, dtype=bool)
    several: Bools = np.bincount(pairs.column)[pairs.column] > 1
    return several


def table(pairs: Pairs, start: int, end: int) -> tuple[Bools, Ints]:
    """Which columns the rows from `start` to `end` fit, (rows, columns), and the columns' indices."""
    low, high = np.searchsorted(pairs.row, (start, end)).tolist()
    columns, place = np.unique(pairs.column[low:high], return_inverse=True)
    fitting = np.zeros((end - start, len(columns)), dtype=bool)
    fitting[pairs.row[low:high] - start, place] = True
    return fitting, columns


def _blocks(count: Ints) -> Iterator[Ints]:
    """Rows, cut so that a block has about `_PAIRS_AT_ONCE` pairs to look at."""
    number = np.cumsum(count) // _PAIRS_AT_ONCE
    return iter(np.split(np.arange(len(count)), np.flatnonzero(np.diff(number)) + 1))
