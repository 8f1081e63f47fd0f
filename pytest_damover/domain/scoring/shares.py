"""Recall and precision as ratios of two sums over images, with paired bootstrap intervals.

A ratio of weighted images is a ratio of two weighted sums, so all draws are two matrix products. Worked by hand: images
with 1 of 2 and 1 of 1 objects found have recall 2/3; the first drawn twice gives 2/4, the second drawn twice 2/2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.scoring.matching import MatchTable
from pytest_damover.domain.scoring.operating import counts_from
from pytest_damover.domain.scoring.resampling import Interval, defined_draws, least_units, unit_count, weightings

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """A ratio of two sums over images, both (images,): right over known objects, or right over counted."""

    part: Floats
    whole: Floats

    def value(self) -> float | None:
        """The ratio over all images; None when the whole is 0."""
        whole = float(self.whole.sum())
        return float(self.part.sum()) / whole if whole > 0 else None


@dataclass(frozen=True, slots=True)
class ShareEstimate:
    """A share on both sides, their difference (candidate minus baseline) and the intervals; None without data."""

    images: int
    baseline: float | None
    candidate: float | None
    difference: float | None
    interval: Interval | None
    candidate_interval: Interval | None


def recall_share(table: MatchTable, threshold: float | Floats) -> Share:
    """Recall by image."""
    return Share(_right_by_image(table, threshold), _by_image(table.truth_image[~table.truth_ignored], table.images))


def precision_share(table: MatchTable, threshold: float | Floats) -> Share:
    """Precision by image."""
    counted = counts_from(table, threshold)
    return Share(_right_by_image(table, threshold), _by_image(table.image[counted], table.images))


def estimate_share(
    baseline: Share | None,
    candidate: Share,
    confidence: float,
    resamples: int,
    seed: int,
    groups: NDArray[np.intp] | None = None,
) -> ShareEstimate:
    """Both values and paired bootstrap intervals over images, two-sided at `confidence`.

    An image drawn k times counts k times on both sides alike. `groups` as for `resampling.estimate`. An interval is
    None with fewer images or groups than `least_units`, or too little data (`defined_draws`).
    """
    images, own = len(candidate.whole), candidate.value()
    other = None if baseline is None else baseline.value()
    gap = None if own is None or other is None else own - other
    units = unit_count(images, groups)
    if own is None or units < least_units(groups, confidence):
        return ShareEstimate(images, other, own, gap, None, None)
    sides = (candidate if baseline is None else baseline, candidate)
    chunks = [
        [_weighted(side, weights.astype(np.float32)) for side in sides]
        for weights in weightings(images, resamples, seed, groups)
    ]
    before, after = np.concatenate(chunks, axis=1)
    gaps, owns = None if gap is None else defined_draws(after - before, units), defined_draws(after, units)
    interval = None if gaps is None else gaps.interval(confidence)
    return ShareEstimate(images, other, own, gap, interval, None if owns is None else owns.interval(confidence))


def _weighted(share: Share, weights: NDArray[np.float32]) -> Floats:
    """Sums of whole numbers, which float32 holds exactly up to 16 million, and multiplies fast."""
    part, whole = (np.stack([share.part, share.whole]).astype(np.float32) @ weights).astype(np.float64)
    value: Floats = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return value


def _right_by_image(table: MatchTable, threshold: float | Floats) -> Floats:
    right = counts_from(table, threshold) & table.hit
    return _by_image(table.image[right], table.images)


def _by_image(image: NDArray[np.intp], images: int) -> Floats:
    return np.bincount(image, minlength=images).astype(np.float64)
