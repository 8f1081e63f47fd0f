"""Goldens: detections that a person accepted, how far others drift from them, and what became of a comparison."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.case import GoldenDemand
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.matching import iou_matrix

SAME_OBJECT_IOU = 0.5
"""What found no partner within the tolerance, and overlaps its golden this much, is told as having moved."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a detection may lie from its golden: each box edge in pixels, the score as a difference.

    Whoever asks for more than the default gives a `reason`, which the report lists.
    """

    box_px: float = 2.0
    score: float = 0.05
    reason: str = ""

    def is_looser_than(self, other: Tolerance) -> bool:
        """True when it lets pass what `other` does not."""
        return not (self.box_px <= other.box_px and self.score <= other.score)

    def faults(self, accepted: Tolerance) -> tuple[str, ...]:
        """What is wrong with asking for this where `accepted` is in force, in words; empty when nothing is."""
        wrong = [
            f"{name} {value!r} is no tolerance: a finite number of at least 0 is one"
            for name, value in (("box_px", self.box_px), ("score", self.score))
            if not (isinstance(value, (int, float)) and 0 <= value < math.inf)
        ]
        if not wrong and self.is_looser_than(accepted) and not self.reason.strip():
            wrong.append(f"{self} is looser than {accepted}, and no reason is given")
        return tuple(wrong)

    def __str__(self) -> str:
        return f"{self.box_px:g} px and score {self.score:g}"


DEFAULT_TOLERANCE = Tolerance()


class GoldenOutcome(str, Enum):
    """What became of one comparison with a golden; `WRITTEN`: nothing was compared, the golden is new."""

    MATCH = "match"
    DRIFT = "drift"
    MISSING = "missing"
    WRITTEN = "written"


@dataclass(frozen=True, slots=True)
class GoldenResult:
    """What became of one golden that an item asked for.

    `file` is the golden that was used, relative to `golden/<suite>/`; of one that is missing the file that would fit.
    `inexact` says in words for what else than this device and precision that golden was accepted, '' when it fits.
    `differences` are sentences: how the detections drifted, why nothing is there, or what an update changed.
    """

    name: str
    outcome: GoldenOutcome
    file: str
    inexact: str = ""
    differences: tuple[str, ...] = ()
    tolerance: Tolerance = DEFAULT_TOLERANCE

    def to_json(self) -> dict[str, Any]:
        """Plain data for the journal."""
        return {
            "name": self.name,
            "outcome": self.outcome.value,
            "file": self.file,
            "inexact": self.inexact,
            "differences": self.differences,
            "box_px": self.tolerance.box_px,
            "score": self.tolerance.score,
            "reason": self.tolerance.reason,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> GoldenResult:
        """The inverse of `to_json`."""
        return cls(
            name=data["name"],
            outcome=GoldenOutcome(data["outcome"]),
            file=data["file"],
            inexact=data["inexact"],
            differences=tuple(data["differences"]),
            tolerance=Tolerance(data["box_px"], data["score"], data["reason"]),
        )


def demanded(demand: GoldenDemand, accepted: Tolerance) -> Tolerance:
    """The tolerance that a demand comes to, of a golden that was `accepted` with one of its own."""
    asked = Tolerance(
        accepted.box_px if demand.box_px is None else demand.box_px,
        accepted.score if demand.score is None else demand.score,
        demand.reason,
    )
    return asked if demand.reason or asked.is_looser_than(accepted) else replace(asked, reason=accepted.reason)


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
