"""Weak spots that nobody named: searched for on one half of the images, tested on the other.

Whoever looks at enough slices finds one that lost, for chance alone sees to that. So the halves are told apart by the
names of the cases, or of their groups, and by nothing else; what the first half suggests is only a suspicion, and the
second half, which had no part in it, gives the interval. Few are tested, and Holm's correction is for these few. That
the search looked at many slices costs nothing there, but it is told. Source of the split: Cox 1975, A note on
data-splitting for the evaluation of significance levels.

Searched are the free slices and each of them within each named slice. Of all that lost AP50 the one is picked whose
loss stands out most from chance, by loss times the square root of its images; then its images are put aside and the
rest is searched again (sequential covering: Clark and Niblett 1989, The CN2 induction algorithm), so that night is not
found three times under three names. Each is tested without the images of those before it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.detection import EMPTY
from pytest_damover.domain.policy import ApRule
from pytest_damover.domain.scoring.matching import MatchTable, match_images
from pytest_damover.domain.scoring.metrics import weighted_average_precisions
from pytest_damover.domain.scoring.ranking import ranked_classes
from pytest_damover.domain.scoring.resampling import Estimate, Weights, estimate, group_numbers
from pytest_damover.domain.scoring.significance import holm
from pytest_damover.domain.slicing.free_slices import FREE_SLICES
from pytest_damover.domain.slicing.slices import IOU_THRESHOLD, ScoredImage

MOST_PICKED = 3

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Sides = tuple[MatchTable, MatchTable]
Spot = tuple[str, ...]
"""The slices that an image must be in: a free one, or a named and a free one."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A slice that was picked on the first half, where it has so many images and lost so much AP50; and its test.

    `tested` is of the second half only. `p` is the chance of at least this loss if the true difference were `limit`,
    adjusted by Holm for all that were picked; None where too few images or groups are left to test it.
    """

    spot: Spot
    images: int
    difference: float
    tested: Estimate
    p: float | None


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a search found: `halves` images to search and to test on, `tried` slices of at least `least` images.

    A difference (candidate minus baseline, AP50 as a fraction) was tested for being below `limit`.
    """

    suite: str
    halves: tuple[int, int]
    least: int
    tried: int
    suspects: tuple[Suspect, ...]
    limit: float
    confidence: float

    @property
    def confirmed(self) -> tuple[Suspect, ...]:
        """Those of which the second half says the same, at the level of the rules: (1 - confidence) / 2 on one side."""
        level = (1 - self.confidence) / 2
        return tuple(one for one in self.suspects if one.p is not None and one.p <= level)


def is_for_search(name: str) -> bool:
    """On which half the case, or the group of cases, of that name is: fixed for ever, and nothing else decides it."""
    return hashlib.sha256(name.encode(errors="surrogatepass")).digest()[0] % 2 == 0


def discover(suite: str, images: Mapping[str, ScoredImage], least_images: int, limit: float, rule: ApRule) -> Discovery:
    """Search `images` (by case name, both sides) for slices that lost AP50, and test the worst against `limit`.

    A slice is tried and tested with at least half of `least_images` in its half. Images with a side that cannot be
    read take no part. Draws, seed and confidence are those of `rule`.
    """
    read = {name: image for name, image in images.items() if image.baseline is not None and image.candidate is not None}
    first = [image for name, image in read.items() if is_for_search(image.group or name)]
    second = [image for name, image in read.items() if not is_for_search(image.group or name)]
    least = math.ceil(least_images / 2)
    spots = _spots(first, least)
    picked = _search(first, spots, least)
    tests = _test(second, tuple(spot for spot, _, _ in picked), least, limit, rule)
    known = [p for _, p in tests if p is not None]
    adjusted = iter(holm(known))
    suspects = tuple(
        Suspect(spot, count, difference, tested, None if p is None else next(adjusted))
        for (spot, count, difference), (tested, p) in zip(picked, tests, strict=True)
    )
    return Discovery(suite, (len(first), len(second)), least, len(spots), suspects, limit, rule.confidence)


def _spots(images: Sequence[ScoredImage], least: int) -> dict[Spot, Bools]:
    """What is searched, with its images; of those with the same images the first, and not what holds all or few."""
    named = sorted({name for image in images for name in image.slices} - set(FREE_SLICES))
    candidates: list[Spot] = [(free,) for free in FREE_SLICES]
    candidates += [(name, free) for name in named for free in FREE_SLICES]
    inside = _inside(images, {*named, *FREE_SLICES})
    spots: dict[bytes, tuple[Spot, Bools]] = {}
    for spot in candidates:
        members = np.logical_and.reduce([inside[name] for name in spot])
        if least <= np.count_nonzero(members) < len(images):
            spots.setdefault(members.tobytes(), (spot, members))
    return dict(spots.values())


def _inside(images: Sequence[ScoredImage], names: Iterable[str]) -> dict[str, Bools]:
    """For each slice which images are in it."""
    return {name: np.array([name in image.slices for image in images], dtype=np.bool_) for name in names}


def _search(images: Sequence[ScoredImage], spots: Mapping[Spot, Bools], least: int) -> list[tuple[Spot, int, float]]:
    """The worst, the worst of the rest, and so on, each with how many images it has and what they lost."""
    if not spots:
        return []
    names, members = list(spots), np.array(list(spots.values())).T
    sides = _matched(images)
    left = np.ones(len(images), dtype=np.bool_)
    picked: list[tuple[Spot, int, float]] = []
    while len(picked) < MOST_PICKED:
        weights = (members & left[:, None]).astype(np.int32)
        counts = weights.sum(axis=0)
        loss = _differences(sides, weights)
        stands_out = np.where((counts >= least) & (loss < 0), loss * np.sqrt(counts), 0.0)
        worst = int(stands_out.argmin())
        if not stands_out[worst] < 0:
            break
        picked.append((names[worst], int(counts[worst]), float(loss[worst])))
        left &= ~members[:, worst]
    return picked


def _test(
    images: Sequence[ScoredImage], spots: Sequence[Spot], least: int, limit: float, rule: ApRule
) -> list[tuple[Estimate, float | None]]:
    left, results = np.ones(len(images), dtype=np.bool_), []
    inside = _inside(images, {name for spot in spots for name in spot})
    for spot in spots:
        members = np.logical_and.reduce([left, *(inside[name] for name in spot)])
        chosen = [image for image, member in zip(images, members.tolist(), strict=True) if member]
        results.append(_tested(chosen, least, limit, rule))
        left &= ~members
    return results


def _tested(images: Sequence[ScoredImage], least: int, limit: float, rule: ApRule) -> tuple[Estimate, float | None]:
    groups = group_numbers([image.group for image in images])
    result = estimate(*_matched(images), rule.confidence, rule.resamples, rule.seed, groups)
    if result.draws is None or not len(images) >= least:
        return replace(result, interval=None), None
    return result, result.draws.p_below(limit)


def _matched(images: Sequence[ScoredImage]) -> Sides:
    truths = [image.truths for image in images]
    return (
        match_images(truths, [image.baseline or EMPTY for image in images], IOU_THRESHOLD),
        match_images(truths, [image.candidate or EMPTY for image in images], IOU_THRESHOLD),
    )


def _differences(sides: Sides, weights: Weights) -> Floats:
    before, after = (weighted_average_precisions(ranked_classes(side), weights) for side in sides)
    return after - before
