"""Calibration: does a score of 0.8 mean that eight of ten such detections are right?

Expected calibration error over B bins of equal width: sum over the bins of (detections in it / all detections) *
|precision - mean score|. Sources: Naeini, Cooper, Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian
Binning" (AAAI 2015); Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks" (ICML 2017), equation 3.
For a detector "right" means: took an object of its class at the match table's IoU (Kuppers et al., "Multivariate
Confidence Calibration for Object Detection", CVPRW 2020, without their binning by place).

A detector that reports down to 0.05 has mostly low scores, and those decide the sum: say from which score on it was
taken.

Worked by hand with 2 bins: scores 0.9 right, 0.7 wrong, 0.2 wrong. Upper bin: precision 1/2, mean 0.8, gap 0.3; lower
bin: precision 0, mean 0.2, gap 0.2. ECE = 2/3 * 0.3 + 1/3 * 0.2 = 0.2667.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.scoring.matching import MatchTable

BINS = 10


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """The detections with low < score <= high (the first bin with 0 as well): how many, mean score, share right."""

    low: float
    high: float
    detections: float
    mean_score: float
    precision: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """ECE in 0..1, None without detections; `bins` are those that hold any, and are the points of the curve."""

    error: float | None
    bins: tuple[CalibrationBin, ...]


def calibrate(
    table: MatchTable, least_score: float = 0.0, bins: int = BINS, weights: NDArray[np.float64] | None = None
) -> Calibration:
    """Calibration of the detections with score >= `least_score`; `weights`: (images,), 1 each when left out."""
    counted = (table.score >= least_score) & ~table.ignored
    score, is_right = table.score[counted], table.hit[counted]
    weight = np.ones(len(score)) if weights is None else weights[table.image[counted]]
    place = np.clip(np.ceil(score * bins).astype(np.intp) - 1, 0, bins - 1)
    in_bin = np.bincount(place, weight, bins)
    scores, right = np.bincount(place, weight * score, bins), np.bincount(place, weight * is_right, bins)
    points = tuple(
        CalibrationBin(
            low=at / bins,
            high=(at + 1) / bins,
            detections=float(in_bin[at]),
            mean_score=float(scores[at] / in_bin[at]),
            precision=float(right[at] / in_bin[at]),
        )
        for at in np.flatnonzero(in_bin > 0).tolist()
    )
    total = sum(point.detections for point in points)
    gaps = (point.detections * abs(point.precision - point.mean_score) for point in points)
    return Calibration(sum(gaps) / total if total > 0 else None, points)
