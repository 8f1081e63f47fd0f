"""How often does the nominal 95 % interval hold the truth? Pairs of made-up siblings, for whom the truth is known.

    python -m benchmarks.interval_coverage --pairs 1000

A/A pairs are equally good, so that the true difference is 0; for A/B pairs it is what a population of 200,000 images
shows. Beside the gate's own interval it tries others on the same draws: plain percentiles, BCa (Efron 1987, Better
bootstrap confidence intervals; acceleration from leaving out each image or group in turn) and an interval from draws
that forget how often an image was drawn. `misses low` are intervals that lie wholly below the truth, half of 5 % each.
Quantiles of n draws are taken at k / (n + 1), for which coverage does not depend on n: 299 draws do.
"""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from multiprocessing import Pool

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from benchmarks.siblings import Scene, scene, sibling
from pytest_damover.domain.scoring.matching import COCO_IOUS, MatchTable
from pytest_damover.domain.scoring.metrics import mean_average_precision, ranked_classes, weighted_average_precisions
from pytest_damover.domain.scoring.resampling import Draws, estimate, image_weights

CONFIDENCE = 0.95
BAND = (0.93, 0.97)
POPULATION = 200_000
CAMERA_LUCK = 0.5
OURS = "the gate's"

Interval = tuple[float, float]
NO_INTERVAL: Interval = (math.nan, math.nan)
Tables = tuple[MatchTable, ...]


@dataclass(frozen=True, slots=True)
class Setup:
    """One line of the table: what is compared, on how much, and how often."""

    metric: str
    images: int
    cameras: int | None
    skill: float
    truth: float
    draws: int
    rivals: bool

    @property
    def thresholds(self) -> tuple[float, ...]:
        return COCO_IOUS if self.metric == "AP50:95" else (0.5,)


def pair(setup: Setup, seed: int) -> tuple[Scene, Tables, Tables]:
    """Two siblings on images of their own; the second has the skill of the setup."""
    rng = np.random.default_rng([seed, setup.images, setup.cameras or 0])
    seen = scene(rng, setup.images, setup.cameras)
    luck = CAMERA_LUCK if setup.cameras else 0.0
    before, after = (sibling(rng, seen, setup.thresholds, skill, luck) for skill in (0.0, setup.skill))
    return seen, before, after


def intervals(setup: Setup, seed: int) -> dict[str, Interval]:
    """The interval of every method for one pair."""
    seen, before, after = pair(setup, seed)
    groups = seen.camera if setup.cameras else None
    found = estimate(before, after, CONFIDENCE, setup.draws, seed, groups)
    if found.interval is None or found.draws is None or found.difference is None:
        return {OURS: NO_INTERVAL}
    tried = {OURS: found.interval}
    if setup.rivals:
        tried["percentiles"] = quantiles(found.draws, (1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)
        tried["BCa"] = bca(found.draws, found.difference, left_out(before, after, seen, found.draws.units))
        tried["repeats dropped"] = repeats_dropped(setup, seen, before, after, seed)
        if setup.cameras:
            tried["groups ignored"] = estimate(before, after, CONFIDENCE, setup.draws, seed).interval or NO_INTERVAL
    return tried


def bca(draws: Draws, value: float, left_out: np.ndarray) -> Interval:
    """Bias-corrected and accelerated percentiles: (Efron and Tibshirani 1993, equations 14.9 to 14.15)."""
    from scipy.special import ndtr, ndtri

    below = np.mean(draws.values < value) + np.mean(draws.values == value) / 2
    bias = ndtri(min(max(float(below), 0.5 / len(draws.values)), 1 - 0.5 / len(draws.values)))
    lean = left_out.mean() - left_out
    spread = np.sum(lean**2) ** 1.5
    acceleration = np.sum(lean**3) / (6 * spread) if spread > 0 else 0.0
    z = bias + ndtri(np.array([(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]))
    low, high = ndtr(bias + z / (1 - acceleration * z))
    return quantiles(draws, float(low), float(high))


def left_out(before: Tables, after: Tables, seen: Scene, units: int) -> np.ndarray:
    """The difference with each image or group left out in turn: its weight is 0."""
    weights = (1 - np.eye(units, dtype=np.float32))[seen.camera]
    return weighted(after, weights) - weighted(before, weights)


def repeats_dropped(setup: Setup, seen: Scene, before: Tables, after: Tables, seed: int) -> Interval:
    """What comes of resampling a data set whose images can be in it only once."""
    units = setup.cameras or setup.images
    weights = np.minimum(image_weights(units, setup.draws, np.random.default_rng(seed)), 1)[seen.camera]
    draws = Draws(weighted(after, weights) - weighted(before, weights), units)
    return draws.interval(CONFIDENCE)


def weighted(tables: Tables, weights: np.ndarray) -> np.ndarray:
    """The mean AP over the tables for every weighting."""
    return weighted_average_precisions(ranked_classes(*tables), weights)


def quantiles(draws: Draws, low: float, high: float) -> Interval:
    ends = np.quantile(draws.values, (low, high), method="weibull")
    return float(ends[0]), float(ends[1])


def true_difference(metric: str, skill: float) -> float:
    """The difference on a population; 0 by symmetry for equal skill."""
    if skill == 0:
        return 0.0
    setup = Setup(metric, POPULATION, None, skill, 0.0, 0, False)
    _, before, after = pair(setup, 0)
    first, second = (mean_average_precision(tables) or 0.0 for tables in (before, after))
    return second - first


def setups(options: argparse.Namespace) -> Iterator[Setup]:
    for skill in options.skills:
        for metric in options.metrics:
            truth = true_difference(metric, skill)
            for images in options.images:
                yield Setup(metric, images, None, skill, truth, options.draws, images <= options.rivals_up_to)
        if skill == 0:
            for cameras in options.cameras:
                yield Setup("AP50", 200, cameras, skill, 0.0, options.draws, options.rivals_up_to >= 200)


def line(setup: Setup, method: str, found: list[Interval]) -> str:
    low, high = np.array(found).T
    covered = float(np.mean((low <= setup.truth) & (setup.truth <= high)))
    error = math.sqrt(covered * (1 - covered) / len(found))
    in_band = {True: " ok", False: " OUT OF THE BAND"}[BAND[0] <= covered <= BAND[1]] if method == OURS else ""
    cells = [
        "A/A" if setup.skill == 0 else "A/B",
        setup.metric,
        str(setup.images),
        str(setup.cameras or "-"),
        method,
        f"{covered:.1%} ± {error:.1%}{in_band}",
        f"{np.mean(high < setup.truth):.1%}",
        f"{np.mean(low > setup.truth):.1%}",
        f"{np.mean(high - low):.4f}",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--draws", type=int, default=299)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--skills", nargs="+", type=float, default=[0.0, -0.3], help="of the candidate; 0 is A/A")
    parser.add_argument("--metrics", nargs="+", default=["AP50", "AP50:95"], choices=["AP50", "AP50:95"])
    parser.add_argument("--images", nargs="+", type=int, default=[100, 200, 1000])
    parser.add_argument("--cameras", nargs="*", type=int, default=[6, 10, 20, 50], help="on 200 images, AP50")
    parser.add_argument("--rivals-up-to", type=int, default=200, help="so many images; BCa needs a draw for each")
    options = parser.parse_args()
    print(f"{datetime.now(timezone.utc):%Y-%m-%d}, {options.pairs} pairs of siblings, {options.draws} draws\n")
    print("| pairs | metric | images | groups | interval | coverage | misses low | misses high | mean width |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    with Pool(options.workers) as pool:
        for setup in setups(options):
            tried = pool.starmap(intervals, [(setup, seed) for seed in range(options.pairs)], chunksize=10)
            for method in tried[0]:
                print(line(setup, method, [one[method] for one in tried]), flush=True)


if __name__ == "__main__":
    main()
