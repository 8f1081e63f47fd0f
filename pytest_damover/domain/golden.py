"""Goldens: detections that a person accepted, and how far others drift from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pytest_damover.domain.detection import Detections


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a detection may lie from its golden: each box edge in pixels, the score as a difference."""

    box_px: float = 2.0
    score: float = 0.05


def drift(golden: Detections, found: Detections, tolerance: Tolerance) -> tuple[str, ...]:
    """What differs, one sentence each; empty when nothing drifted.

    Detections of one label are paired so that the largest edge distances in all are least (optimal assignment); what
    finds no partner within `box_px` is missing or new.
    """
    lines: list[str] = []
    for label in dict.fromkeys(golden.labels + found.labels):
        mine, theirs = _of(golden, label), _of(found, label)
        pairs = _assign(mine, theirs, tolerance.box_px)
        for i, j in pairs:
            gap = abs(float(mine.scores[i] - theirs.scores[j]))
            if not gap <= tolerance.score:
                lines.append(f"{label} at {_place(mine, i)}: score {theirs.scores[j]:.3f}, golden {mine.scores[i]:.3f}")
        for i in sorted(set(range(len(mine))) - {i for i, _ in pairs}):
            lines.append(f"{label} at {_place(mine, i)} is gone (golden score {mine.scores[i]:.3f})")
        for j in sorted(set(range(len(theirs))) - {j for _, j in pairs}):
            lines.append(f"{label} at {_place(theirs, j)} is new (score {theirs.scores[j]:.3f})")
    return tuple(lines)


def _of(detections: Detections, label: str) -> Detections:
    keep = np.flatnonzero(np.array(detections.labels, dtype=object) == label)
    return Detections(detections.boxes[keep], detections.scores[keep], (label,) * len(keep))


def _assign(golden: Detections, found: Detections, box_px: float) -> list[tuple[int, int]]:
    if not len(golden) or not len(found):
        return []
    from scipy.optimize import linear_sum_assignment

    distance = np.abs(golden.boxes[:, None, :] - found.boxes[None, :, :]).max(axis=2)
    near = distance <= box_px
    rows, columns = linear_sum_assignment(np.where(near, distance, box_px * 1e3 + 1e6))
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if near[i, j]]


def _place(detections: Detections, index: int) -> str:
    return "[" + " ".join(f"{edge:.0f}" for edge in detections.boxes[index]) + "]"
