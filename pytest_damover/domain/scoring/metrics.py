"""AP and AR from match tables, with a weight for each image.

Formula: COCO's interpolated average precision. Precision at recall r is the best precision reached at any recall
>= r; AP is its mean over the 101 recalls 0, 0.01, …, 1, and the headline number is the mean over the classes that
have ground truth (pycocotools `COCOeval.accumulate` and `summarize`).

Worked by hand: 2 objects, detections by descending score hit, miss, hit. After the hits recall is 1/2 and 1, precision
1 and 2/3. The 51 recalls up to 0.50 see precision 1, the other 50 see 2/3: AP = (51 + 50 * 2/3) / 101 = 0.8350.

Strays are detections of a class without ground truth. COCO leaves them out, so a model may invent classes at no cost.
Here each of the C classes with ground truth sees every stray as 1/C of a false alarm at its score; `strays=False` gives
COCO's number. Worked by hand: one phone and one remote, each found at 0.8, and a cat at 0.9 where there is no cat.
Without strays AP is 1. With them both classes have seen 1 + 1/2 detections at their hit: AP = 1 / 1.5 = 2/3. With
phones only, C is 1 and AP = 1/2. Had the cat 0.7, AP would be 1: a false alarm that ranks below the last hit lowers no
AP, stray or not.

In a draw of images a class may lose all its ground truth; its detections are strays there, as they would be had only
those images been matched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.scoring.matching import MAX_DETECTIONS_PER_CLASS, MatchTable
from pytest_damover.domain.scoring.precision_curves import Weights, summed_average_precisions
from pytest_damover.domain.scoring.ranking import RankedClass as RankedClass
from pytest_damover.domain.scoring.ranking import ranked_classes as ranked_classes

Floats = NDArray[np.float64]


def average_precision(table: MatchTable, weights: Floats | None = None, strays: bool = True) -> float | None:
    """AP in 0..1, mean over the classes with ground truth; None when there is none (no data is neither 0 nor 1).

    `weights`: (images,) multiplicities, whole or real, 1 each when left out. `strays`: whether detections of classes
    without ground truth count (see above); False is pycocotools' number.
    """
    return mean_average_precision((table,), weights, strays)


def mean_average_precision(
    tables: Sequence[MatchTable], weights: Floats | None = None, strays: bool = True
) -> float | None:
    """The mean of `average_precision` over `tables`: AP50:95 where they are one matching at `COCO_IOUS`."""
    column = _column(tables[0], weights)
    return _number(weighted_average_precisions(ranked_classes(*tables), column, strays)[0])


def class_average_precisions(
    tables: Sequence[MatchTable], weights: Floats | None = None, strays: bool = True
) -> Mapping[str, float | None]:
    """For each label that is known or was found its AP, mean over `tables`; None for one without ground truth."""
    classes = ranked_classes(*tables)
    values = weighted_class_average_precisions(classes, _column(tables[0], weights), strays)
    return {ranked.label: _number(value) for ranked, value in zip(classes, values[:, 0], strict=True)}


def weighted_average_precisions(classes: tuple[RankedClass, ...], weights: Weights, strays: bool = True) -> Floats:
    """AP of every weighting: `weights` (images, draws) gives (draws,), NaN where no ground truth has weight.

    An image of whole weight k counts as k images that follow each other. Detections of one image with equal scores
    keep their order over all its copies.
    """
    return _mean_over_classes(weighted_class_average_precisions(classes, weights, strays))


def weighted_class_average_precisions(
    classes: tuple[RankedClass, ...], weights: Weights, strays: bool = True
) -> Floats:
    """`weighted_average_precisions` of each class: (classes, draws), NaN where the class has no ground truth."""
    truths = [weights.T[:, ranked.truth_image].sum(axis=1, dtype=np.float64) for ranked in classes]
    amounts = np.array(truths).reshape(len(classes), weights.shape[1])
    thresholds = sum(len(ranking.hits) for ranking in classes[0].rankings) if classes else 0
    total = np.zeros(amounts.shape)
    for rankings in zip(*(ranked.rankings for ranked in classes), strict=True):
        total += summed_average_precisions(rankings, weights, amounts, strays)
    mean: Floats = np.divide(total, thresholds, out=np.full(total.shape, np.nan), where=amounts > 0)
    return mean


def average_recall(
    tables: Sequence[MatchTable], max_detections: int = MAX_DETECTIONS_PER_CLASS, weights: Floats | None = None
) -> float | None:
    """AR in 0..1, mean over the classes with ground truth, None when there is none.

    The share of the objects found by the best `max_detections` detections of each image and class, mean over `tables`
    (pycocotools: AR@1, @10, @100, there at `COCO_IOUS`). Strays are not looked at, for recall knows no false alarms.
    Worked by hand: two phones in one image, both found, with IoU 0.6 (score 0.9) and 1 (score 0.8). At the thresholds
    0.5 and 0.75 recall is 1 and 1/2, so AR is 3/4; of the best detection alone it is 1/2 and 0, so AR@1 is 1/4.
    """
    return _number(_mean_over_classes(_class_recalls(tables, max_detections, weights))[0])


def class_average_recalls(
    tables: Sequence[MatchTable], max_detections: int = MAX_DETECTIONS_PER_CLASS, weights: Floats | None = None
) -> Mapping[str, float | None]:
    """For each label that is known or was found its `average_recall`; None for one without ground truth."""
    values = _class_recalls(tables, max_detections, weights)[:, 0]
    return {label: _number(value) for label, value in zip(tables[0].labels, values, strict=True)}


def _class_recalls(tables: Sequence[MatchTable], max_detections: int, weights: Floats | None) -> Floats:
    table = tables[0]
    weight = _column(table, weights)[:, 0]
    classes = len(table.labels)
    counts = ~table.truth_ignored
    truths = np.bincount(table.truth_label[counts], weight[table.truth_image[counts]], classes)
    found = np.zeros(classes)
    for one in tables:
        hit = one.hit & (one.place < max_detections)
        found += np.bincount(one.label[hit], weight[one.image[hit]], classes)
    recalls = np.divide(found, truths * len(tables), out=np.full(classes, np.nan), where=truths > 0)
    return np.asarray(recalls[:, None], dtype=np.float64)


def _mean_over_classes(values: Floats) -> Floats:
    known = ~np.isnan(values)
    counted = np.count_nonzero(known, axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    mean: Floats = np.divide(total, counted, out=np.full(values.shape[1], np.nan), where=counted > 0)
    return mean


def _column(table: MatchTable, weights: Floats | None) -> Floats:
    return np.ones((table.images, 1)) if weights is None else np.asarray(weights, dtype=np.float64)[:, None]


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
