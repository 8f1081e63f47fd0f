"""The confusion matrix of a detector: what each known object was found as, with a row and a column for background.

In each image the detections that count, by descending score, each take the still free object of highest IoU >=
`iou_threshold`, whatever its class; of equal overlaps one of its own class, then the first listed. An object that
nobody takes was found as background; a detection that takes nothing found an object in the background. This is greedy
by score, as in FiftyOne's `evaluate_detections(..., classwise=False)`; tools that take the best overlapping pairs first
(Ultralytics, supervision) can differ in crowds, and AP, which matches within a class, can find more.

Crowds and objects to ignore are left out, and so is what lies on one of them and on no object that counts.

Worked by hand: a phone and a cup; detections 0.9 "phone" on the phone, 0.8 "phone" on the cup, 0.7 "cup" nowhere. Rows
known, columns found, both phone, cup, background: [[1, 0, 0], [1, 0, 0], [0, 1, 0]].
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.scoring.box_arrays import BoxArrays
from pytest_damover.domain.scoring.box_pairs import NOBODY, Boxes, Pairs, overlapping

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Confusion:
    """`counts[known][found]` over `labels` and, last, background; background found as background is 0."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def confusion_matrix(
    arrays: BoxArrays, thresholds: Floats, iou_threshold: float, labels: Iterable[str] = ()
) -> Confusion:
    """Count what objects were found as; a detection counts at score >= its image's threshold: (images,).

    `labels` are shown even where neither side has them, so that two matrices have the same rows.
    """
    if len(thresholds) != arrays.images:
        raise ValueError(f"{len(thresholds)} thresholds for {arrays.images} images: each image has one")
    found, known = _counted(arrays, thresholds), _known(arrays)
    pairs = overlapping(found, known, np.full(arrays.images, iou_threshold), arrays.crowd)
    is_ignored = arrays.crowd | arrays.ignore
    stays = _is_not_set_aside(len(found.label), pairs, is_ignored[pairs.column])
    partner = _partners(found, known, pairs.where(stays[pairs.row] & ~is_ignored[pairs.column]))
    objects = np.flatnonzero(~is_ignored)
    seen = {arrays.labels[place] for place in np.union1d(found.label[stays], known.label[objects]).tolist()}
    names = sorted(seen.union(labels))
    # where each label of the arrays stands in the matrix; last, where `NOBODY` looks, the background
    place_of = {name: place for place, name in enumerate(names)}
    places = np.array([*(place_of.get(label, NOBODY) for label in arrays.labels), len(names)])
    counts = np.zeros((len(names) + 1, len(names) + 1), dtype=np.intp)
    taken = np.append(known.label, NOBODY)[partner[stays]]
    np.add.at(counts, (places[taken], places[found.label[stays]]), 1)
    missed = np.setdiff1d(objects, partner)
    np.add.at(counts[:, len(names)], places[known.label[missed]], 1)
    return Confusion(tuple(names), tuple(tuple(row) for row in counts.tolist()))


def _counted(arrays: BoxArrays, thresholds: Floats) -> Boxes:
    counted = arrays.detected(arrays.score >= thresholds[arrays.image])
    order = np.lexsort((-counted.score, counted.image))
    return Boxes(counted.image[order], counted.label[order], counted.score[order], counted.box[order])


def _known(arrays: BoxArrays) -> Boxes:
    return Boxes(arrays.truth_image, arrays.truth_label, np.ones(len(arrays.truth_label)), arrays.truth_box)


def _is_not_set_aside(rows: int, pairs: Pairs, is_ignored: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The rows but those that lie on a crowd or an object to ignore, and on none that counts."""
    near_ignored, near_known = np.zeros(rows, dtype=np.bool_), np.zeros(rows, dtype=np.bool_)
    near_ignored[pairs.row[is_ignored]] = True
    near_known[pairs.row[~is_ignored]] = True
    return ~near_ignored | near_known


def _partners(found: Boxes, known: Boxes, pairs: Pairs) -> Ints:
    """The object that each detection takes, `NOBODY` for none; `pairs` are those that overlap enough."""
    is_other = found.label[pairs.row] != known.label[pairs.column]
    order = np.lexsort((is_other, -pairs.iou, pairs.row))  # stable: of equal ones the first column
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for row, column in zip(pairs.row[order].tolist(), pairs.column[order].tolist(), strict=True):
        if row not in partner and column not in taken:
            partner[row] = column
            taken.add(column)
    partners = np.full(len(found.label), NOBODY, dtype=np.intp)
    partners[list(partner)] = list(partner.values())
    return partners
