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
Weights = NDArray[np.float32] | NDArray[np.float64]

MAX_STEP_CELLS = 20_000_000
STEP_CELLS_PER_DETECTION = 50
"""A cell of a matrix product costs about a fiftieth of a step of a running sum."""

RECALLS: Floats = np.linspace(0.0, 1.0, 101)


@dataclass(frozen=True, slots=True, eq=False)
class RankedClass:
    """What AP needs of one class that has ground truth.

    `image`: (D,) image of each detection in rank order up to the last hit, for what comes later changes nothing;
    `hits`: (T,) places in that order that took a ground truth; `truths`: (images,) ground truths of each image;
    `steps`: (T, images) how many detections of each image lie between one hit and the next, that one included, or
    None where that table would be larger than adding up the detections is long.
    """

    label: str
    image: NDArray[np.intp]
    hits: NDArray[np.intp]
    truths: Floats
    steps: NDArray[np.float32] | None

    @property
    def rows(self) -> int:
        """Rows of the largest array that a weighting needs."""
        return len(self.image) if self.steps is None else max(self.steps.shape)


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


def weighted_average_precisions(classes: tuple[RankedClass, ...], weights: Weights) -> Floats:
    """AP of every weighting: `weights` (images, draws) gives (draws,), NaN where no ground truth has weight.

    An image of whole weight k counts as k images that follow each other. Detections of one image with equal scores
    keep their order over all its copies.
    """
    draws = weights.shape[1]
    total, counted = np.zeros(draws), np.zeros(draws)
    for ranked in classes:
        truths = ranked.truths @ weights.astype(np.float64)
        has_truth = truths > 0
        total += np.where(has_truth, _class_average_precisions(ranked, weights, np.where(has_truth, truths, 1.0)), 0.0)
        counted += has_truth
    mean: Floats = np.divide(total, counted, out=np.full(draws, np.nan), where=counted > 0)
    return mean


def _class_average_precisions(ranked: RankedClass, weights: Weights, truths: Floats) -> Floats:
    if ranked.steps is None:
        seen = np.cumsum(weights[ranked.image], axis=0)[ranked.hits].astype(np.float64)
    else:
        seen = np.cumsum(np.matmul(ranked.steps, weights), axis=0).astype(np.float64)
    hits = np.cumsum(weights[ranked.image[ranked.hits]], axis=0).astype(np.float64)
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
    image = image[: hits[-1] + 1] if len(hits) else image[:0]
    return RankedClass(
        label=table.labels[label],
        image=image,
        hits=hits,
        truths=np.bincount(truth_image, minlength=table.images).astype(np.float64),
        steps=_steps(image, hits, table.images),
    )


def _steps(image: NDArray[np.intp], hits: NDArray[np.intp], images: int) -> NDArray[np.float32] | None:
    cells = len(hits) * images
    if cells > min(MAX_STEP_CELLS, STEP_CELLS_PER_DETECTION * len(image)):
        return None
    next_hit = np.searchsorted(hits, np.arange(len(image)))
    counts = np.bincount(next_hit * images + image, minlength=cells)
    return counts.reshape(len(hits), images).astype(np.float32)
