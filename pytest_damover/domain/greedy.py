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
    """Boxes (N, 4) sorted by `group` (N,), a number for each image and class; in a group in the order that counts."""

    box: Floats
    group: Ints


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Detections and ground truths (P,) of one group that overlap enough, sorted by detection."""

    detection: Ints
    truth: Ints
    overlap: Floats


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
    taken = np.full((len(ignored), len(limits), len(found.group)), NO_TRUTH, dtype=np.intp)
    free = np.ones((len(ignored), len(limits), len(known.group)), dtype=np.bool_)
    first = np.searchsorted(known.group, found.group, side="left")
    count = np.searchsorted(known.group, found.group, side="right") - first
    for block in _blocks(found.group, count):
        pairs = _near(found.box, known.box, crowd, block, first[block], count[block], limits.min(initial=1.0))
        for way, mask in enumerate(ignored):
            for turn in _turns(pairs, mask, found.group):
                _take(turn, crowd, limits, free[way], taken[way])
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


def _blocks(group: Ints, count: Ints) -> Iterator[Ints]:
    """Detections that have something to be compared with, cut between groups after about `PAIRS_AT_ONCE` pairs."""
    busy = np.flatnonzero(count)
    pairs_before = np.cumsum(count[busy]) - count[busy]
    number = pairs_before[np.arange(len(busy)) - places(group[busy])] // PAIRS_AT_ONCE
    return iter(np.split(busy, np.flatnonzero(np.diff(number)) + 1))


def _near(
    boxes: Floats, truth_boxes: Floats, crowd: Bools, block: Ints, first: Ints, count: Ints, limit: float
) -> _Pairs:
    detection = np.repeat(block, count)
    truth = np.arange(len(detection)) + np.repeat(first - (np.cumsum(count) - count), count)
    overlap = pair_ious(boxes[detection], truth_boxes[truth], crowd[truth])
    near = np.flatnonzero(overlap >= limit)
    return _Pairs(detection[near], truth[near], overlap[near])


def _turns(pairs: _Pairs, ignored: Bools, group: Ints) -> Iterator[_Pairs]:
    """The pairs of the first detection of each group, of the second and so on, each with what it would take first."""
    begins = np.append(True, pairs.detection[1:] != pairs.detection[:-1])[: len(pairs.detection)]
    turn = places(group[pairs.detection[begins]])[np.cumsum(begins) - 1]
    order = np.lexsort((-pairs.truth, -pairs.overlap, ignored[pairs.truth], pairs.detection, turn))
    cuts = np.cumsum(np.bincount(turn)).tolist()
    for start, stop in zip([0, *cuts], cuts, strict=False):
        one = order[start:stop]
        yield _Pairs(pairs.detection[one], pairs.truth[one], pairs.overlap[one])


def _take(turn: _Pairs, crowd: Bools, limits: Floats, free: Bools, taken: Ints) -> None:
    """Fill `taken` (thresholds, detections) and clear `free` (thresholds, ground truths) for one turn."""
    available = (free[:, turn.truth] | crowd[turn.truth]) & (turn.overlap >= limits[:, None])
    pairs = len(turn.truth)
    begins = np.flatnonzero(np.append(True, turn.detection[1:] != turn.detection[:-1]))
    best = np.minimum.reduceat(np.where(available, np.arange(pairs), pairs), begins, axis=1)
    threshold, place = np.nonzero(best < pairs)
    chosen = turn.truth[best[threshold, place]]
    taken[threshold, turn.detection[begins[place]]] = chosen
    free[threshold, chosen] = False
