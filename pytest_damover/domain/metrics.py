"""AP at one IoU threshold from a match table, with a weight for each image.

Formula: COCO's interpolated average precision. Precision at recall r is the best precision reached at any recall
>= r; AP is its mean over the 101 recalls 0, 0.01, …, 1, and the headline number is the mean over the classes that
have ground truth (pycocotools `COCOeval.accumulate` and `summarize`).

Worked by hand: 2 objects, detections by descending score hit, miss, hit. After the hits recall is 1/2 and 1, precision
1 and 2/3. The 51 recalls up to 0.50 see precision 1, the other 50 see 2/3: AP = (51 + 50 * 2/3) / 101 = 0.8350.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.matching import NO_TRUTH, MatchTable

Floats = NDArray[np.float64]

RECALLS: Floats = np.linspace(0.0, 1.0, 101)


@dataclass(frozen=True, slots=True, eq=False)
class RankedClass:
    """What AP needs of one class that has ground truth.

    `image`: (D,) image of each detection in rank order up to the last hit, for what comes later changes nothing;
    `hits`: (T,) places in that order that took a ground truth; `truths`: (images,) ground truths of each image.
    """

    label: str
    image: NDArray[np.intp]
    hits: NDArray[np.intp]
    truths: Floats


def ranked_classes(table: MatchTable) -> tuple[RankedClass, ...]:
    """The classes that have ground truth; detections of any other class do not count here."""
    return tuple(_ranked_class(table, label) for label in np.unique(table.truth_label).tolist())


def average_precision(table: MatchTable, weights: Floats | None = None) -> float | None:
    """AP in 0..1, mean over the classes with ground truth; None when there is none (no data is neither 0 nor 1).

    `weights`: (images,) multiplicities, whole or real, 1 each when left out.
    """
    column = np.ones((table.images, 1)) if weights is None else np.asarray(weights, dtype=np.float64)[:, None]
    value = float(weighted_average_precisions(ranked_classes(table), column)[0])
    return None if np.isnan(value) else value


def weighted_average_precisions(classes: tuple[RankedClass, ...], weights: Floats) -> Floats:
    """AP of every weighting: `weights` (images, draws) gives (draws,), NaN where no ground truth has weight.

    An image of whole weight k counts as k images that follow each other. Detections of one image with equal scores
    keep their order over all its copies.
    """
    draws = weights.shape[1]
    total, counted = np.zeros(draws), np.zeros(draws)
    for ranked in classes:
        truths = ranked.truths @ weights
        has_truth = truths > 0
        total += np.where(has_truth, _class_average_precisions(ranked, weights, np.where(has_truth, truths, 1.0)), 0.0)
        counted += has_truth
    mean: Floats = np.divide(total, counted, out=np.full(draws, np.nan), where=counted > 0)
    return mean


def _class_average_precisions(ranked: RankedClass, weights: Floats, truths: Floats) -> Floats:
    seen = np.cumsum(weights[ranked.image], axis=0)[ranked.hits]
    hits = np.cumsum(weights[ranked.image[ranked.hits]], axis=0)
    # precision only rises at a hit, so the best precision at any recall >= r is that of a hit
    precision = hits / (seen + np.spacing(1))
    best_from_here = np.maximum.accumulate(precision[::-1], axis=0)[::-1]
    recalls_reached = np.searchsorted(RECALLS, hits / truths, side="right")
    newly_reached = np.diff(recalls_reached, axis=0, prepend=0)
    average: Floats = (newly_reached * best_from_here).sum(axis=0) / len(RECALLS)
    return average


def _ranked_class(table: MatchTable, label: int) -> RankedClass:
    mine = table.label == label
    image = table.image[mine]
    hits = np.flatnonzero(table.truth[mine] != NO_TRUTH)
    truth_image = table.truth_image[table.truth_label == label]
    return RankedClass(
        label=table.labels[label],
        image=image[: hits[-1] + 1] if len(hits) else image[:0],
        hits=hits,
        truths=np.bincount(truth_image, minlength=table.images).astype(np.float64),
    )
