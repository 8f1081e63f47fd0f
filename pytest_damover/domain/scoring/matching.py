"""Matching detections with ground truth: IoU, COCO's greedy rule over many images, and a maximum matching."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.scoring.box_arrays import BoxArrays, box_arrays
from pytest_damover.domain.scoring.greedy import NO_TRUTH as NO_TRUTH
from pytest_damover.domain.scoring.greedy import Grouped, areas, greedy, pair_ious, places
from pytest_damover.domain.scoring.ordering import order_of_real, order_of_whole

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MAX_DETECTIONS_PER_CLASS = 100
"""COCO looks at the best 100 detections of each image and class (pycocotools: `maxDets`)."""

COCO_IOUS: tuple[float, ...] = tuple(np.linspace(0.5, 0.95, 10).tolist())
"""The ten IoU thresholds of AP50:95, spelled as pycocotools spells them."""


@dataclass(frozen=True, slots=True)
class SizeRange:
    """Areas in square pixels, both ends included (as in pycocotools: 32 x 32 is both small and medium)."""

    low: float
    high: float

    def outside(self, area: Floats) -> Bools:
        """True for each area that is not in the range."""
        return np.asarray(~((area >= self.low) & (area <= self.high)), dtype=np.bool_)


ANY_SIZE = SizeRange(0.0, math.inf)
SMALL = SizeRange(0.0, 32.0**2)
MEDIUM = SizeRange(32.0**2, 96.0**2)
LARGE = SizeRange(96.0**2, math.inf)


@dataclass(frozen=True, slots=True, eq=False)
class MatchTable:
    """One revision's detections over a list of images, ranked and matched at one IoU threshold.

    `image`, `label`, `score`, `truth`, `place`, `ignored`: (D,) in rank order, that is by descending score, ties in
    image order and then as the detector gave them; `truth` is the index of the ground truth that the detection takes,
    `NO_TRUTH` for none; `place` counts from 0 within its image and class; an `ignored` detection is neither hit nor
    false alarm. `truth_image`, `truth_label`, `truth_ignored`: (G,). `label` and `truth_label` index `labels`;
    `images` is the number of images.
    """

    images: int
    labels: tuple[str, ...]
    image: Ints
    label: Ints
    score: Floats
    truth: Ints
    truth_image: Ints
    truth_label: Ints
    place: Ints
    ignored: Bools
    truth_ignored: Bools

    @property
    def hit(self) -> Bools:
        """(D,) True for each detection that takes a ground truth that counts."""
        return np.asarray((self.truth != NO_TRUTH) & ~self.ignored, dtype=np.bool_)

    @property
    def objects(self) -> int:
        """How many ground truths count."""
        return int(np.count_nonzero(~self.truth_ignored))

    def of_images(self, images: Ints) -> MatchTable:
        """The table of those images only, renumbered in the order given; matches stay, for they never cross images."""
        new_image = np.full(self.images, -1)
        new_image[images] = np.arange(len(images))
        detection_kept, truth_kept = new_image[self.image] >= 0, new_image[self.truth_image] >= 0
        new_truth = np.append(np.cumsum(truth_kept) - 1, NO_TRUTH)
        return MatchTable(
            images=len(images),
            labels=self.labels,
            image=new_image[self.image[detection_kept]],
            label=self.label[detection_kept],
            score=self.score[detection_kept],
            truth=new_truth[self.truth[detection_kept]],
            truth_image=new_image[self.truth_image[truth_kept]],
            truth_label=self.truth_label[truth_kept],
            place=self.place[detection_kept],
            ignored=self.ignored[detection_kept],
            truth_ignored=self.truth_ignored[truth_kept],
        )


def iou_matrix(first: Floats, second: Floats) -> Floats:
    """Intersection over union of every two boxes: (N, 4) and (M, 4) in x1 y1 x2 y2 give (N, M).

    Two boxes without area have IoU 0.
    """
    return pair_ious(first[:, None, :], second[None, :, :])


def match_images(
    truths: Sequence[Sequence[GroundTruth]], detections: Sequence[Detections], iou_threshold: float
) -> MatchTable:
    """Match each image's detections with its ground truth as COCO does.

    In each image and class the best `MAX_DETECTIONS_PER_CLASS` detections, by descending score, each take the still
    free ground truth of highest IoU >= `iou_threshold`; of equal IoUs the last one listed. One that would take
    nothing else may take an object that is to be ignored, and a crowd may be taken by any number; such a detection is
    ignored. Source: pycocotools `COCOeval.evaluateImg`.
    """
    return match_images_at(truths, detections, (iou_threshold,))[0]


def match_images_at(
    truths: Sequence[Sequence[GroundTruth]], detections: Sequence[Detections], iou_thresholds: Sequence[float]
) -> tuple[MatchTable, ...]:
    """`match_images` at several thresholds, a table for each; overlaps are computed once, ranks are the same in all."""
    return match_arrays(box_arrays(truths, detections), iou_thresholds)[0]


def match_arrays(
    arrays: BoxArrays, iou_thresholds: Sequence[float], sizes: Sequence[SizeRange] = (ANY_SIZE,)
) -> tuple[tuple[MatchTable, ...], ...]:
    """For each range of sizes a table for each threshold.

    Ground truth whose area is outside of the range is ignored, and so is a detection outside of it that takes none.
    """
    by_score, by_group, place = _ranked(arrays)
    group = _group(arrays, arrays.image, arrays.label)[by_score]
    truth_group = _group(arrays, arrays.truth_image, arrays.truth_label)
    by_truth_group = order_of_whole(truth_group)
    box, truth_area = np.take(arrays.box, by_score, axis=0), areas(arrays.truth_box)
    set_aside = arrays.crowd | arrays.ignore
    truth_ignored = [set_aside | size.outside(truth_area) for size in sizes]
    truth = greedy(
        Grouped(box, by_group, group[by_group]),
        Grouped(arrays.truth_box, by_truth_group, truth_group[by_truth_group]),
        arrays.crowd,
        truth_ignored,
        iou_thresholds,
    )
    bare = MatchTable(
        arrays.images, arrays.labels, arrays.image[by_score], arrays.label[by_score], arrays.score[by_score],
        np.zeros(0, dtype=np.intp), arrays.truth_image, arrays.truth_label, place,
        np.zeros(len(by_score), dtype=np.bool_), set_aside,
    )  # fmt: skip
    return tuple(
        _tables(bare, truth[way], mask, size.outside(areas(box)))
        for way, (size, mask) in enumerate(zip(sizes, truth_ignored, strict=True))
    )


def ranked_rows(arrays: BoxArrays) -> Ints:
    """Which detection of the arrays each row of a match table of them is (D,)."""
    return _ranked(arrays)[0]


def _tables(bare: MatchTable, truth: Ints, truth_ignored: Bools, outside: Bools) -> tuple[MatchTable, ...]:
    bare = replace(bare, truth_ignored=truth_ignored)
    if not truth_ignored.any() and not outside.any():
        return tuple(replace(bare, truth=taken) for taken in truth)
    of_truth = np.append(truth_ignored, False)
    return tuple(
        replace(bare, truth=taken, ignored=np.where(taken == NO_TRUTH, outside, of_truth[taken])) for taken in truth
    )


def _group(arrays: BoxArrays, image: Ints, label: Ints) -> Ints:
    group: Ints = image * len(arrays.labels) + label
    return group


def _ranked(arrays: BoxArrays) -> tuple[Ints, Ints, Ints]:
    """The detections that are looked at, by rank; those ranks by image and class; and their places in these."""
    by_score = order_of_real(-arrays.score)
    group = _group(arrays, arrays.image, arrays.label)[by_score]
    by_group = order_of_whole(group)
    place = np.empty(len(group), dtype=np.intp)
    place[by_group] = places(group[by_group])
    kept = place < MAX_DETECTIONS_PER_CLASS
    by_group = (np.cumsum(kept) - 1)[by_group[kept[by_group]]]
    return by_score[kept], by_group, place[kept]


def maximum_matching(fits: NDArray[np.bool_]) -> tuple[int | None, ...]:
    """For each row the column it is paired with, None for none, so that as many rows as possible have a partner.

    `fits`: (rows, columns), True where the two may be paired. Augmenting paths, breadth first; O(rows * edges).
    """
    choices = [np.flatnonzero(row).tolist() for row in fits]
    row_of: dict[int, int] = {}
    for row in range(len(choices)):
        _augment(row, choices, row_of)
    column_of = {row: column for column, row in row_of.items()}
    return tuple(column_of.get(row) for row in range(len(choices)))


def _augment(start: int, choices: Sequence[Sequence[int]], row_of: dict[int, int]) -> None:
    reached_from: dict[int, int] = {}
    waiting = deque([start])
    while waiting:
        row = waiting.popleft()
        for column in choices[row]:
            if column in reached_from:
                continue
            reached_from[column] = row
            if column not in row_of:
                _flip(column, start, reached_from, row_of)
                return
            waiting.append(row_of[column])


def _flip(free: int, start: int, reached_from: dict[int, int], row_of: dict[int, int]) -> None:
    held = {row: column for column, row in row_of.items()}
    column = free
    while True:
        row = reached_from[column]
        row_of[column] = row
        if row == start:
            return
        column = held[row]
