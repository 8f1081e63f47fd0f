"""Goldens: detections that a person accepted, and how far others drift from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.detection import Detections
from pytest_damover.domain.golden_result import Tolerance
from pytest_damover.domain.scoring.matching import iou_matrix

SAME_OBJECT_IOU = 0.5
"""What found no partner within the tolerance, and overlaps its golden this much, is told as having moved."""


def drift(golden: Detections, found: Detections, tolerance: Tolerance) -> tuple[str, ...]:
    """What differs, one sentence each; empty when nothing drifted.

    Detections of one label are paired by optimal assignment: as many pairs as can be within `box_px` on every edge, of
    those as few as can be with scores apart, of those the ones that lie nearest in all. What finds no partner has
    moved when it still overlaps something left over, else it is gone or new.

    By hand: phone [10 10 50 50] at 0.90 against [11 10 50 50] at 0.88 is 1 px and 0.02 apart, which the default of
    2 px and 0.05 lets pass; [13 10 50 50] has moved 3 px.
    """
    labels = dict.fromkeys(golden.labels + found.labels)
    return tuple(
        line for label in labels for line in _drift_of(label, _of(golden, label), _of(found, label), tolerance)
    )


def _drift_of(label: str, mine: Detections, theirs: Detections, tolerance: Tolerance) -> Iterator[str]:
    apart_px = _edge_distances(mine, theirs)
    pairs = _assign(apart_px, np.abs(mine.scores[:, None] - theirs.scores[None, :]), tolerance)
    for i, j in pairs:
        if not abs(float(mine.scores[i] - theirs.scores[j])) <= tolerance.score:
            yield f"{label} at {_place(mine, i)}: score {theirs.scores[j]:.3f}, golden {mine.scores[i]:.3f}"
    gone, new = _left_over(len(mine), [i for i, _ in pairs]), _left_over(len(theirs), [j for _, j in pairs])
    for i, j in _still_overlapping(mine, theirs, gone, new):
        gone.remove(i)
        new.remove(j)
        scores = f"score {theirs.scores[j]:.3f}, golden {mine.scores[i]:.3f}"
        yield f"{label} at {_place(mine, i)} has moved {apart_px[i, j]:.4g} px, to {_place(theirs, j)} ({scores})"
    yield from (f"{label} at {_place(mine, i)} is gone (golden score {mine.scores[i]:.3f})" for i in gone)
    yield from (f"{label} at {_place(theirs, j)} is new (score {theirs.scores[j]:.3f})" for j in new)


def _left_over(count: int, paired: Sequence[int]) -> list[int]:
    return sorted(set(range(count)).difference(paired))


def _of(detections: Detections, label: str) -> Detections:
    keep = np.flatnonzero(np.array(detections.labels, dtype=object) == label)
    return Detections(detections.boxes[keep], detections.scores[keep], (label,) * len(keep))


def _edge_distances(golden: Detections, found: Detections) -> NDArray[np.float64]:
    """(N, M): how far the edge lies that is farthest, in pixels."""
    apart = np.zeros((len(golden), len(found)))
    for edge in range(4):  # one after the other: all four at once take four times the memory
        np.maximum(apart, np.abs(golden.boxes[:, None, edge] - found.boxes[None, :, edge]), out=apart)
    return apart


def _assign(
    apart_px: NDArray[np.float64], apart_in_score: NDArray[np.float64], tolerance: Tolerance
) -> list[tuple[int, int]]:
    near = apart_px <= tolerance.box_px
    steps = min(near.shape) + 1  # one worse pair costs more than all better ones together
    relative = apart_px / (tolerance.box_px or 1.0)
    cost = np.where(near & (apart_in_score <= tolerance.score), relative, steps + relative)
    return _best(np.where(near, cost, steps * (steps + 2.0)), near)


def _still_overlapping(golden: Detections, found: Detections, gone: list[int], new: list[int]) -> list[tuple[int, int]]:
    overlaps = iou_matrix(golden.boxes[gone], found.boxes[new])
    same = overlaps >= SAME_OBJECT_IOU
    return [(gone[i], new[j]) for i, j in _best(np.where(same, 1 - overlaps, 2.0), same)]


def _best(cost: NDArray[np.float64], allowed: NDArray[np.bool_]) -> list[tuple[int, int]]:
    if not cost.size:
        return []
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(cost)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if allowed[i, j]]


def _place(detections: Detections, index: int) -> str:
    return "[" + " ".join(f"{edge:.0f}" for edge in detections.boxes[index]) + "]"
