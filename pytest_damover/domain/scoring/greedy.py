"""COCO's greedy rule for many images, classes and IoU thresholds at once.

Images and classes do not touch each other, so the rule need not go through them one by one: in each turn the next
detection of every image and class takes its ground truth, at all thresholds. There are at most as many turns as one
image has detections of one class.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NO_TRUTH = -1
PAIRS_AT_ONCE = 500_000


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """Boxes (N, 4) of which `row` (N,) are those of `group` (N,), sorted by it and within it in the order that counts.

    A group is a number for each image and class.
    """

    box: Floats
    row: Ints
    group: Ints


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Detections and ground truths (P,) of one group that overlap enough.

    `place` is that of the detection among the grouped, in ascending order; `truth` is the row of the ground truth.
    """

    place: Ints
    truth: Ints
    overlap: Floats

    def only(self, some: Ints | Bools) -> _Pairs:
        return _Pairs(self.place[some], self.truth[some], self.overlap[some])


def greedy(
    found: Grouped, known: Grouped, crowd: Bools, ignored: Sequence[Bools], iou_thresholds: Sequence[float]
) -> NDArray[np.intp]:
    """Which ground truth each detection takes: (len(ignored), thresholds, detections), `NO_TRUTH` for none.

    A detection takes the free ground truth of its group with the highest IoU >= threshold, of equal ones the last; one
    that is ignored only where no other is left. `ignored` has one mask (G,) for each way to ignore; a `crowd` object
    must be ignored in all of them, stays free whoever takes it, and its IoU is the part of the detection that lies in
    it. Source: pycocotools `COCOeval.evaluateImg`.
    """
    # pycocotools starts its search at min(threshold, 1 - 1e-10), so that a perfect box counts at threshold 1
    limits = np.minimum(np.asarray(iou_thresholds, dtype=np.float64), 1 - 1e-10)
    taken = np.full((len(ignored), len(limits), len(found.box)), NO_TRUTH, dtype=np.intp)
    free = np.ones((len(ignored), len(limits), len(known.box)), dtype=np.bool_)
    for pairs in _near_pairs(found, known, crowd, limits.min(initial=1.0)):
        is_alone = _is_alone(pairs, len(known.box))
        alone, rest = pairs.only(is_alone), pairs.only(~is_alone)
        threshold, pair = np.nonzero(alone.overlap >= limits[:, None])
        taken[:, threshold, found.row[alone.place[pair]]] = alone.truth[pair]
        for way, mask in enumerate(ignored):
            for turn in _turns(rest, mask, found.group):
                _take(turn, crowd, limits, found.row, free[way], taken[way])
    return taken


def pair_ious(first: Floats, second: Floats, crowd: Bools | bool = False) -> Floats:
    """Intersection over union of boxes (..., 4) side by side, 0 without area; for `crowd` over the first box alone."""
    sides = np.minimum(first[..., 2:], second[..., 2:]) - np.maximum(first[..., :2], second[..., :2])
    overlap = np.clip(sides[..., 0], 0, None) * np.clip(sides[..., 1], 0, None)
    own = areas(first)
    union = np.where(crowd, own, own + areas(second) - overlap)
    ratio: Floats = np.divide(overlap, union, out=np.zeros_like(overlap), where=union > 0)
    return ratio


def areas(boxes: Floats) -> Floats:
    """Square pixels of boxes (..., 4) in x1 y1 x2 y2."""
    area: Floats = np.clip(boxes[..., 2] - boxes[..., 0], 0, None) * np.clip(boxes[..., 3] - boxes[..., 1], 0, None)
    return area


def places(group: Ints) -> Ints:
    """The place of each element among those of its group, from 0; `group` is sorted."""
    place = np.arange(len(group))
    begins = np.append(True, group[1:] != group[:-1])[: len(group)]
    result: Ints = place - np.maximum.accumulate(np.where(begins, place, 0))
    return result


def _near_pairs(found: Grouped, known: Grouped, crowd: Bools, limit: float) -> Iterator[_Pairs]:
    """All pairs with IoU >= `limit`, cut between groups after about `PAIRS_AT_ONCE` that have to be looked at."""
    starts = np.flatnonzero(np.append(True, known.group[1:] != known.group[:-1])[: len(known.group)])
    groups, sizes = known.group[starts], np.diff(starts, append=len(known.group))
    low = np.searchsorted(found.group, groups, side="left")
    detections = np.searchsorted(found.group, groups, side="right") - low
    number = (np.cumsum(detections * sizes) - detections * sizes) // PAIRS_AT_ONCE
    for block in np.split(np.arange(len(groups)), np.flatnonzero(np.diff(number)) + 1):
        place = _ranges(low[block], detections[block])
        size = np.repeat(sizes[block], detections[block])
        truth = known.row[_ranges(np.repeat(starts[block], detections[block]), size)]
        place = np.repeat(place, size)
        overlap = pair_ious(found.box[found.row[place]], known.box[truth], crowd[truth])
        yield _Pairs(place, truth, overlap).only(np.flatnonzero(overlap >= limit))


def _ranges(start: Ints, length: Ints) -> Ints:
    """`start`, `start + 1`, … for each of them, `length` numbers long, one range after the other."""
    ranges: Ints = np.repeat(start - (np.cumsum(length) - length), length)
    ranges += np.arange(len(ranges))
    return ranges


def _is_alone(pairs: _Pairs, truths: int) -> Bools:
    """The pairs whose detection and whose ground truth are in no other: there is nothing to choose."""
    changes = pairs.place[1:] != pairs.place[:-1]
    single = np.append(True, changes)[: len(pairs.place)] & np.append(changes, True)[: len(pairs.place)]
    alone: Bools = single & (np.bincount(pairs.truth, minlength=truths)[pairs.truth] == 1)
    return alone


def _turns(pairs: _Pairs, ignored: Bools, group: Ints) -> Iterator[_Pairs]:
    """The pairs of the first detection of each group, of the second and so on, each with what it would take first."""
    begins = np.append(True, pairs.place[1:] != pairs.place[:-1])[: len(pairs.place)]
    turn = places(group[pairs.place[begins]])[np.cumsum(begins) - 1]
    order = np.lexsort((-pairs.truth, -pairs.overlap, ignored[pairs.truth], pairs.place, turn))
    cuts = np.cumsum(np.bincount(turn)).tolist()
    for start, stop in zip([0, *cuts], cuts, strict=False):
        yield pairs.only(order[start:stop])


def _take(turn: _Pairs, crowd: Bools, limits: Floats, row: Ints, free: Bools, taken: Ints) -> None:
    """Fill `taken` (thresholds, detections) and clear `free` (thresholds, ground truths) for one turn."""
    pairs = len(turn.truth)
    available = (free[:, turn.truth] | crowd[turn.truth]) & (turn.overlap >= limits[:, None])
    begins = np.flatnonzero(np.append(True, turn.place[1:] != turn.place[:-1]))
    best = np.minimum.reduceat(np.where(available, np.arange(pairs), pairs), begins, axis=1)
    threshold, place = np.nonzero(best < pairs)
    chosen = turn.truth[best[threshold, place]]
    taken[threshold, row[turn.place[begins[place]]]] = chosen
    free[threshold, chosen] = False
