"""TIDE's errors and the confusion matrix, image by image and in the words of their definitions: a test oracle."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.diagnosing.confusion import Confusion
from pytest_damover.domain.diagnosing.tide import KINDS, ErrorKind, Tide, _Errors, _put_right, difference
from pytest_damover.domain.scoring.matching import NO_TRUTH, iou_matrix, match_images
from pytest_damover.domain.scoring.metrics import average_precision

HIT = -1

# few places, sizes, labels and scores, so that overlaps, classes and ranks are often equal
_SIDE = st.tuples(st.integers(0, 6), st.sampled_from([4, 6, 10]))
_BOX = st.tuples(_SIDE, _SIDE).map(lambda at: tuple(float(v) for v in (at[0][0], at[1][0], sum(at[0]), sum(at[1]))))
_LABEL = st.sampled_from(["cup", "phone", "watch"])
_OBJECT = st.builds(GroundTruth, _BOX, _LABEL, *[st.sampled_from([False, False, False, True])] * 2)
_FOUND = st.lists(st.tuples(_BOX, st.sampled_from([0.3, 0.5, 0.5, 0.7, 0.9]), _LABEL), max_size=8)
IMAGE = st.tuples(
    st.lists(_OBJECT, max_size=6),
    _FOUND.map(lambda found: Detections.of(*([one[part] for one in found] for part in range(3)))),
)
"""The objects of an image, and what was found in it."""


def tide(truths, detections):
    """What `tide.tide` says of images with at most 100 detections of a class."""
    errors = _errors(truths, detections)
    before = average_precision(errors.table)
    counts = {kind: int((errors.kind == place).sum()) for place, kind in enumerate(KINDS)}
    counts[ErrorKind.MISSED] = int(errors.missed.sum())
    after = {kind: average_precision(_put_right(errors, kind)) for kind in KINDS}
    return Tide(before, counts, {kind: difference(value, before) for kind, value in after.items()})


def _errors(truths, detections):
    table = match_images(truths, detections, 0.5)
    boxes = np.concatenate([np.zeros((0, 4)), *(found.boxes for found in detections)])
    boxes = boxes[np.argsort(-np.concatenate([np.zeros(0), *(found.scores for found in detections)]), kind="stable")]
    objects = [truth for image in truths for truth in image]
    kind, aim = np.full(len(boxes), HIT), np.full(len(boxes), NO_TRUTH)
    missed = np.array([truth.counts for truth in objects], dtype=bool)
    missed[table.truth[table.truth != NO_TRUTH]] = False
    for row in np.flatnonzero((table.truth == NO_TRUTH) & ~table.ignored):
        near = [
            (float(iou_matrix(boxes[row][None], np.array([truth.box]))[0, 0]), place, truth.label)
            for place, truth in enumerate(objects)
            if table.truth_image[place] == table.image[row] and truth.counts
        ]
        what, place = _kind(near, table.labels[table.label[row]])
        kind[row], aim[row] = KINDS.index(what), place
    aimed = aim[np.isin(kind, [KINDS.index(ErrorKind.CLASS), KINDS.index(ErrorKind.LOCATION)])]
    missed[aimed] = False
    return _Errors(table, kind, aim, missed)


def _kind(near, label):
    own = max(((iou, -place) for iou, place, name in near if name == label), default=(0, 1))
    other = max(((iou, -place) for iou, place, name in near if name != label), default=(0, 1))
    if 0.1 <= own[0] < 0.5:
        return ErrorKind.LOCATION, -own[1]
    if other[0] >= 0.5:
        return ErrorKind.CLASS, -other[1]
    if own[0] >= 0.5:
        return ErrorKind.DUPLICATE, NO_TRUTH
    return (ErrorKind.BOTH if other[0] > 0.1 else ErrorKind.BACKGROUND), NO_TRUTH


def confusion_matrix(truths, detections, thresholds, iou_threshold, labels=()):
    """What `confusion.confusion_matrix` says."""
    pairs = []
    for objects, found, least in zip(truths, detections, thresholds, strict=True):
        pairs += _found_as(objects, found.at_least(least), iou_threshold)
    names = sorted({*labels, *(name for pair in pairs for name in pair if name is not None)})
    number = {name: place for place, name in enumerate(names)} | {None: len(names)}
    counts = [[0] * (len(names) + 1) for _ in range(len(names) + 1)]
    for known, told in pairs:
        counts[number[known]][number[told]] += 1
    return Confusion(tuple(names), tuple(map(tuple, counts)))


def _found_as(objects, found, iou_threshold):
    """(known, found) for each, None for background."""
    known = [truth for truth in objects if truth.counts]
    free, pairs = set(range(len(known))), []
    for place in np.argsort(-found.scores, kind="stable"):
        overlap = [_overlap(found.boxes[place], truth) for truth in known]
        on_ignored = any(_overlap(found.boxes[place], truth) >= iou_threshold for truth in objects if not truth.counts)
        if on_ignored and not any(iou >= iou_threshold for iou in overlap):
            continue
        label = found.labels[place]
        near = [(-overlap[at], known[at].label != label, at) for at in free if overlap[at] >= iou_threshold]
        if near:
            free.remove(min(near)[2])
        pairs.append((known[min(near)[2]].label if near else None, label))
    return pairs + [(known[at].label, None) for at in free]


def _overlap(box, truth):
    """IoU; for a crowd the part of the box that lies in it."""
    x1, y1, x2, y2 = truth.box
    width, height = min(box[2], x2) - max(box[0], x1), min(box[3], y2) - max(box[1], y1)
    both = max(width, 0) * max(height, 0)
    own = (box[2] - box[0]) * (box[3] - box[1])
    return both / (own if truth.crowd else own + (x2 - x1) * (y2 - y1) - both)
