"""`expected_boxes`: each that counts is found by a detection of its own with the same label.

The assignment is a maximum matching, not COCO's greedy one. The question here is whether every expected object can be
accounted for; a greedy match by score can give a detection that fits two neighbours to the wrong one and report the
other as missing although a detection for it is there. AP uses the greedy rule because its definition says so.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.case import Expected, GroundTruth
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.journal import Outcome
from pytest_damover.domain.matching import iou_matrix, maximum_matching

READS = ("expected_boxes",)
SHOWN = 5


def evaluate(expected: Expected, detections: Detections) -> Outcome | None:
    """Match one to one at equal label, score >= `confidence_threshold`, IoU >= `iou_threshold`.

    Objects to ignore and crowds are not demanded.
    """
    if expected.expected_boxes is None:
        return None
    truths = [truth for truth in expected.expected_boxes if truth.counts]
    demand = f"score >= {expected.confidence_threshold:.2f} and IoU >= {expected.iou_threshold:.2f}"
    if not truths:
        return Outcome("boxes", True, "no box expected")
    overlaps = iou_matrix(np.array([truth.box for truth in truths]), detections.boxes)
    same_label = np.array([[truth.label == label for label in detections.labels] for truth in truths], dtype=bool)
    same_label = same_label.reshape(overlaps.shape)
    fits = same_label & (overlaps >= expected.iou_threshold) & (detections.scores >= expected.confidence_threshold)
    partners = maximum_matching(fits)
    missing = [index for index, partner in enumerate(partners) if partner is None]
    found = f"found {len(truths) - len(missing)} of {len(truths)} expected boxes at {demand}"
    if not missing:
        return Outcome("boxes", True, found)
    misses = [_explain(truths[i], overlaps[i], fits[i], expected, detections) for i in missing[:SHOWN]]
    more = f"; and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
    return Outcome("boxes", False, f"{found}: {'; '.join(misses)}{more}")


def _explain(
    truth: GroundTruth, overlaps: NDArray[np.float64], fits: NDArray[np.bool_], expected: Expected, found: Detections
) -> str:
    place = f"missing {truth.label} at [{' '.join(f'{value:.0f}' for value in truth.box)}]"
    if fits.any():
        return f"{place}: every detection that fits belongs to another expected box"
    mine = [i for i, label in enumerate(found.labels) if label == truth.label]
    located = [i for i in mine if overlaps[i] >= expected.iou_threshold]
    if located:
        best = max(located, key=lambda i: found.scores[i])
    elif any(overlaps[i] > 0 for i in mine):
        best = max(mine, key=lambda i: overlaps[i])
    else:
        return place + _nothing(overlaps, expected, found)
    return f"{place}: best candidate score {found.scores[best]:.2f} at IoU {overlaps[best]:.2f}"


def _nothing(overlaps: NDArray[np.float64], expected: Expected, found: Detections) -> str:
    here = [i for i in range(len(found)) if overlaps[i] >= expected.iou_threshold]
    if not here:
        return ": no candidate there"
    other = max(here, key=lambda i: found.scores[i])
    return f": found as {found.labels[other]} {found.scores[other]:.2f} at IoU {overlaps[other]:.2f}"
