"""Boxes on a picture: ground truth found or missed, detections matched or extra, and the best below the threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from pytest_damover.domain.case import Box, Case, GroundTruth
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.scoring.greedy import pair_ious
from pytest_damover.domain.scoring.matching import iou_matrix, maximum_matching

MOST_BOXES = 60
FAINTEST_SCORE = 0.1
MOST_FAINT = 6
LEAST_OVERLAP = 0.3
_CHARACTER_WIDTH = 0.66
_FATE = {True: "found", False: "missed"}

First = TypeVar("First")


def side_overlay(case: Case, detections: Detections | None, size_px: tuple[int, int]) -> dict[str, Any]:
    """One side's boxes and what they mean; a side without result has ground truth only, its state unknown."""
    truths = case.expected.expected_boxes or ()
    known = [truth for truth in truths if truth.counts]
    boxes = _ordered(detections)
    strong = [box for box in boxes if box["score"] >= case.expected.confidence_threshold]
    faint = [box for box in boxes if FAINTEST_SCORE <= box["score"] < case.expected.confidence_threshold]
    pairs = _pairs(known, strong, case.expected.iou_threshold)
    found = set(pairs.values())
    matched = {*pairs, *_excused([truth for truth in truths if not truth.counts], strong, case.expected.iou_threshold)}
    kinds = [("match" if index in matched or not known else "extra") for index in range(len(strong))]
    fates = ["unknown" if detections is None else _FATE[index in found] for index in range(len(known))]
    missed = [truth for index, truth in enumerate(known) if index not in found]
    near = _nearest(faint, missed) if case.has_ground_truth else faint[:MOST_FAINT]
    return {
        "truth": [{**rectangle(truth.box), "kind": fate} for truth, fate in _some(known, fates)],
        "strong": [{**_drawn(box, size_px), "kind": kind} for box, kind in _some(strong, kinds)],
        "faint": [_drawn(box, size_px) for box in near],
        "not_drawn": max(0, len(strong) - MOST_BOXES),
        "found": len(found),
        "known": len(known),
        "has_truth": case.has_ground_truth,
        "extra": kinds.count("extra"),
        "counted": len(strong),
    }


def _nearest(faint: Sequence[dict[str, Any]], missed: Sequence[GroundTruth]) -> list[dict[str, Any]]:
    """The best that there was for each missed object: of what overlaps it by `LEAST_OVERLAP`, the highest score."""
    if not faint or not missed:
        return []
    overlaps = iou_matrix(
        np.asarray([box["box"] for box in faint], dtype=np.float64),
        np.asarray([truth.box for truth in missed], dtype=np.float64),
    )
    firsts = {int(np.argmax(column >= LEAST_OVERLAP)) for column in overlaps.T if (column >= LEAST_OVERLAP).any()}
    return [faint[index] for index in sorted(firsts)]


def regions(case: Case) -> list[dict[str, float]]:
    """The regions in which nothing may be found."""
    return [rectangle(region) for region in case.expected.forbidden_regions or ()]


def label_size_px(size_px: tuple[int, int]) -> float:
    """The height of a label's letters, so that they read alike on every picture."""
    return round(max(size_px) * 0.03, 1)


def _some(things: Sequence[First], kinds: Sequence[str]) -> list[tuple[First, str]]:
    return list(zip(things, kinds, strict=True))[:MOST_BOXES]


def _ordered(detections: Detections | None) -> list[dict[str, Any]]:
    if detections is None:
        return []
    rows = zip(detections.boxes.tolist(), detections.scores.tolist(), detections.labels, strict=True)
    boxes = [{"box": tuple(box), "score": score, "label": label} for box, score, label in rows]
    return sorted(boxes, key=lambda box: -box["score"])


def _pairs(known: Sequence[GroundTruth], strong: Sequence[Mapping[str, Any]], least_iou: float) -> dict[int, int]:
    """Index of a detection -> index of the ground truth it stands for."""
    if not known or not strong:
        return {}
    overlaps = iou_matrix(
        np.asarray([box["box"] for box in strong], dtype=np.float64),
        np.asarray([truth.box for truth in known], dtype=np.float64),
    )
    alike = np.asarray([[box["label"] == truth.label for truth in known] for box in strong])
    partners = maximum_matching((overlaps >= least_iou) & alike)
    return {index: partner for index, partner in enumerate(partners) if partner is not None}


def _excused(aside: Sequence[GroundTruth], strong: Sequence[Mapping[str, Any]], least_iou: float) -> list[int]:
    """Detections that are no false alarm because they lie on an object to ignore or in a crowd."""
    return [
        index
        for index, box in enumerate(strong)
        for truth in aside
        if truth.label == box["label"]
        and pair_ious(np.array(box["box"]), np.array(truth.box), truth.crowd) >= least_iou
    ]


def rectangle(box: Box) -> dict[str, float]:
    """A box as SVG draws it: x, y, width and height, to a tenth of a pixel."""
    x1, y1, x2, y2 = box
    return {"x": round(x1, 1), "y": round(y1, 1), "width": round(x2 - x1, 1), "height": round(y2 - y1, 1)}


def _drawn(detection: Mapping[str, Any], size_px: tuple[int, int]) -> dict[str, Any]:
    place, letters = rectangle(detection["box"]), label_size_px(size_px)
    text = f"{detection['label'][:24]} {detection['score']:.2f}"
    width, height = round(len(text) * letters * _CHARACTER_WIDTH + letters * 0.5, 1), round(letters * 1.35, 1)
    top = place["y"] - height if place["y"] >= height else min(place["y"] + place["height"], size_px[1] - height)
    left = max(0.0, min(place["x"], size_px[0] - width))
    return {
        **place,
        "text": text,
        "label": {"x": round(left, 1), "y": round(max(0.0, top), 1), "width": width, "height": height},
    }
