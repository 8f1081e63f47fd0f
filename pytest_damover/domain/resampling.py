"""Paired bootstrap over images: how far a difference of AP would move with other images of the same kind.

Each draw takes as many images as there are, with replacement. An image drawn k times has weight k on both sides alike:
dropping the repeats makes the interval too narrow. Interval: percentiles of the draws (Efron and Tibshirani, An
Introduction to the Bootstrap, chapter 13).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.matching import MatchTable
from pytest_damover.domain.metrics import (
    RankedClass,
    average_precision,
    ranked_classes,
    weighted_average_precisions,
)

Floats = NDArray[np.float64]
Interval = tuple[float, float]

MAX_UNDEFINED_SHARE = 0.05
"""With more draws than this without any ground truth there is too little of it for an interval."""

_NUMBERS_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """AP of both sides, their difference (candidate minus baseline) and the intervals; None where there is no data."""

    images: int
    objects: int
    baseline: float | None
    candidate: float | None
    difference: float | None
    interval: Interval | None
    candidate_interval: Interval | None


def estimate(
    baseline: MatchTable | None, candidate: MatchTable, confidence: float, resamples: int, seed: int
) -> Estimate:
    """AP and percentile intervals at two-sided `confidence` from `resamples` draws of `seed`.

    Both tables are over the same images in the same order. With `baseline` None only the candidate side is filled.
    An interval is None with fewer than 2 images or too little ground truth (`MAX_UNDEFINED_SHARE`).
    """
    own = average_precision(candidate)
    other = None if baseline is None else average_precision(baseline)
    counts = candidate.images, candidate.objects
    if own is None or candidate.images < 2:
        difference = None if own is None or other is None else own - other
        return Estimate(*counts, other, own, difference, None, None)
    rng = np.random.default_rng(seed)
    if baseline is None or other is None:
        (draws,) = _draws((ranked_classes(candidate),), candidate.images, resamples, rng)
        return Estimate(*counts, None, own, None, None, percentile_interval(draws, confidence))
    sides = ranked_classes(baseline), ranked_classes(candidate)
    before, after = _draws(sides, candidate.images, resamples, rng)
    interval = percentile_interval(after - before, confidence)
    return Estimate(*counts, other, own, own - other, interval, percentile_interval(after, confidence))


def image_weights(images: int, draws: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """How often each image was drawn: (images, draws), every column sums to `images`.

    Whole numbers, and so are their sums over detections: float32 holds them exactly up to 16 million, in half the room.
    """
    drawn = rng.integers(0, images, size=(images, draws))
    cells = (drawn * draws + np.arange(draws)).ravel()
    return np.bincount(cells, minlength=images * draws).reshape(images, draws).astype(np.float32)


def percentile_interval(draws: Floats, confidence: float) -> Interval | None:
    """The middle `confidence` of the draws; undefined (NaN) draws are left out, too many of them give None."""
    defined = draws[np.isfinite(draws)]
    if not len(defined) >= (1 - MAX_UNDEFINED_SHARE) * len(draws) or len(defined) == 0:
        return None
    low, high = np.quantile(defined, ((1 - confidence) / 2, (1 + confidence) / 2))
    return float(low), float(high)


def _draws(
    sides: tuple[tuple[RankedClass, ...], ...], images: int, resamples: int, rng: np.random.Generator
) -> list[Floats]:
    longest = max([images, *(ranked.rows for side in sides for ranked in side)])
    at_once = max(1, min(resamples, _NUMBERS_AT_ONCE // longest))
    chunks = []
    for start in range(0, resamples, at_once):
        weights = image_weights(images, min(at_once, resamples - start), rng)
        chunks.append([weighted_average_precisions(side, weights) for side in sides])
    return [np.concatenate(values) for values in zip(*chunks, strict=True)]
