"""Matching detections with ground truth: IoU, COCO's greedy rule over many images, and a maximum matching."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.detection import Detections

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]

MAX_DETECTIONS_PER_CLASS = 100
"""COCO looks at the best 100 detections of each image and class (pycocotools: `maxDets`)."""

NO_TRUTH = -1
_PAIRS_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class MatchTable:
    """One revision's detections over a list of images, ranked and matched at one IoU threshold.

    `image`, `label`, `score`, `truth`: (D,) in rank order, that is by descending score, ties in image order and then
    as the detector gave them; `truth` is the index of the ground truth that the detection takes, `NO_TRUTH` for none.
    `truth_image`, `truth_label`: (G,). `label` and `truth_label` index `labels`; `images` is the number of images.
    """

    images: int
    labels: tuple[str, ...]
    image: Ints
    label: Ints
    score: Floats
    truth: Ints
    truth_image: Ints
    truth_label: Ints

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
        )


def iou_matrix(first: Floats, second: Floats) -> Floats:
    """Intersection over union of every two boxes: (N, 4) and (M, 4) in x1 y1 x2 y2 give (N, M).

    Two boxes without area have IoU 0.
    """
    return _iou(first[:, None, :], second[None, :, :])


def match_images(
    truths: Sequence[Sequence[GroundTruth]], detections: Sequence[Detections], iou_threshold: float
) -> MatchTable:
    """Match each image's detections with its ground truth as COCO does.

    In each image and class the best `MAX_DETECTIONS_PER_CLASS` detections, by descending score, each take the still
    free ground truth of highest IoU >= `iou_threshold`; of equal IoUs the last one listed. Source: pycocotools
    `COCOeval.evaluateImg`, without crowd and ignored objects.
    """
    truth_labels = [truth.label for image in truths for truth in image]
    found_labels = [label for image in detections for label in image.labels]
    number = {label: index for index, label in enumerate(sorted({*truth_labels, *found_labels}))}
    truth_label = np.array([number[label] for label in truth_labels], dtype=np.intp)
    truth_image = np.repeat(np.arange(len(truths)), [len(image) for image in truths])
    image = np.repeat(np.arange(len(detections)), [len(found) for found in detections])
    label = np.array([number[name] for name in found_labels], dtype=np.intp)
    score = np.concatenate([found.scores for found in detections]) if detections else np.zeros(0)
    rank = np.argsort(-score, kind="stable")
    group = image * len(number) + label
    rank = rank[_place_in_group(group[rank]) < MAX_DETECTIONS_PER_CLASS]
    boxes = np.concatenate([found.boxes for found in detections])[rank] if detections else np.zeros((0, 4))
    truth_boxes = np.array([truth.box for image in truths for truth in image], dtype=np.float64).reshape(-1, 4)
    taken = _greedy(boxes, group[rank], truth_boxes, truth_image * len(number) + truth_label, iou_threshold)
    return MatchTable(
        len(truths), tuple(number), image[rank], label[rank], score[rank], taken, truth_image, truth_label
    )


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


def _greedy(boxes: Floats, group: Ints, truth_boxes: Floats, truth_group: Ints, iou_threshold: float) -> Ints:
    by_group = np.argsort(truth_group, kind="stable")
    sorted_groups = truth_group[by_group]
    first = np.searchsorted(sorted_groups, group, side="left")
    count = np.searchsorted(sorted_groups, group, side="right") - first
    taken = np.full(len(boxes), NO_TRUTH)
    free = [True] * len(truth_boxes)
    # pycocotools starts its search at min(threshold, 1 - 1e-10), so that a perfect box counts at threshold 1
    threshold = min(iou_threshold, 1 - 1e-10)
    for block in _blocks(count):
        row = np.repeat(block, count[block])
        place = np.arange(len(row)) - np.repeat(np.cumsum(count[block]) - count[block], count[block])
        column = by_group[np.repeat(first[block], count[block]) + place]
        overlap = _iou(boxes[row], truth_boxes[column])
        near = np.flatnonzero(overlap >= threshold)
        order = near[np.lexsort((-column[near], -overlap[near], row[near]))]
        for detection, truth in zip(row[order].tolist(), column[order].tolist(), strict=True):
            if free[truth] and taken[detection] == NO_TRUTH:
                taken[detection] = truth
                free[truth] = False
    return taken


def _blocks(count: Ints) -> Iterator[Ints]:
    """Detections in rank order, cut so that a block has about `_PAIRS_AT_ONCE` pairs to look at."""
    number = np.cumsum(count) // _PAIRS_AT_ONCE
    return iter(np.split(np.arange(len(count)), np.flatnonzero(np.diff(number)) + 1))


def _place_in_group(group: Ints) -> Ints:
    order = np.argsort(group, kind="stable")
    _, start, size = np.unique(group[order], return_index=True, return_counts=True)
    place = np.empty(len(group), dtype=np.intp)
    place[order] = np.arange(len(group)) - np.repeat(start, size)
    return place


def _iou(first: Floats, second: Floats) -> Floats:
    sides = np.minimum(first[..., 2:], second[..., 2:]) - np.maximum(first[..., :2], second[..., :2])
    overlap = np.clip(sides[..., 0], 0, None) * np.clip(sides[..., 1], 0, None)
    union = _area(first) + _area(second) - overlap
    ratio: Floats = np.divide(overlap, union, out=np.zeros_like(overlap), where=union > 0)
    return ratio


def _area(boxes: Floats) -> Floats:
    area: Floats = np.clip(boxes[..., 2] - boxes[..., 0], 0, None) * np.clip(boxes[..., 3] - boxes[..., 1], 0, None)
    return area
