"""Made-up detectors of known quality on made-up images: what an interval is tried on.

Two siblings, say two trainings of one recipe, look at the same images. What is hard for one is hard for the other: an
object's difficulty, an image's (night, blur) and what is mistaken for an object are shared; the rest is each sibling's
own. With equal skill the two can be exchanged, so that the true difference is 0 by symmetry, whatever metric is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.scoring.matching import NO_TRUTH, MatchTable

CLASS_SHARES = (0.5, 0.3, 0.2)
OBJECTS = (1, 5)
"""Fewest and most objects of an image."""
FALSE_ALARMS = 0.7
"""An image, on average; 40 % of them are shared."""

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scene:
    """Images as both siblings see them: objects and spots that can be mistaken, each with its image and class."""

    images: int
    camera: Ints
    image_difficulty: Floats
    truth_image: Ints
    truth_class: Ints
    truth_difficulty: Floats
    box_difficulty: Floats
    spot_image: Ints
    spot_class: Ints


def scene(rng: np.random.Generator, images: int, cameras: int | None = None) -> Scene:
    """Draw images; with `cameras` they are spread over so many, and images of one share half of their difficulty."""
    camera = np.arange(images) % (cameras or images)
    difficulty = rng.normal(size=images)
    if cameras is not None:
        difficulty = np.sqrt(0.5) * (difficulty + rng.normal(size=cameras)[camera])
    truth_image = np.repeat(np.arange(images), rng.integers(OBJECTS[0], OBJECTS[1] + 1, size=images))
    spot_image = np.repeat(np.arange(images), rng.poisson(FALSE_ALARMS * 0.4 * np.exp(0.5 * difficulty - 0.125)))
    return Scene(
        images,
        camera,
        difficulty,
        truth_image,
        _classes(rng, len(truth_image)),
        rng.normal(size=len(truth_image)),
        rng.normal(size=len(truth_image)),
        spot_image,
        _classes(rng, len(spot_image)),
    )


def sibling(
    rng: np.random.Generator, seen: Scene, thresholds: Sequence[float], skill: float = 0.0, camera_luck: float = 0.0
) -> tuple[MatchTable, ...]:
    """What a detector of that skill finds in the scene, matched at each IoU threshold.

    `skill` 0 finds about 85 % of the objects at IoU 0.5; `camera_luck` is how much better or worse, by chance, this
    sibling does on one camera than on another (standard deviation, in units of an object's difficulty).
    """
    luck = camera_luck * rng.normal(size=seen.images)[seen.camera]
    ease = luck - 0.6 * seen.image_difficulty
    strength = 1.4 + skill + ease[seen.truth_image] - 0.9 * seen.truth_difficulty + 0.6 * _noise(rng, seen.truth_image)
    found = np.flatnonzero(strength > 0)
    iou = _logistic(2.0 + 0.3 * skill - 0.6 * seen.box_difficulty + 0.5 * _noise(rng, seen.truth_image))[found]
    score = _logistic(0.3 + 0.7 * strength[found] + 0.5 * rng.normal(size=len(found)))
    own = np.repeat(np.arange(seen.images), rng.poisson(FALSE_ALARMS * 0.6 * np.exp(-0.5 * ease - 0.125)))
    alarm_image = np.concatenate([seen.spot_image, own])
    alarm_class = np.concatenate([seen.spot_class, _classes(rng, len(own))])
    alarm_score = _logistic(-0.6 - 0.3 * skill + rng.normal(size=len(alarm_image)))
    image = np.concatenate([seen.truth_image[found], alarm_image])
    label = np.concatenate([seen.truth_class[found], alarm_class])
    ranked = np.concatenate([score, alarm_score])
    truth = np.concatenate([found, np.full(len(alarm_image), NO_TRUTH)])
    overlap = np.concatenate([iou, np.zeros(len(alarm_image))])
    rank = np.lexsort((image, -ranked))
    table = _unmatched(seen, image[rank], label[rank], ranked[rank])
    return tuple(
        replace(table, truth=np.where(overlap[rank] >= threshold, truth[rank], NO_TRUTH)) for threshold in thresholds
    )


def _unmatched(seen: Scene, image: Ints, label: Ints, score: Floats) -> MatchTable:
    """All but `truth`; objects lie apart, so that a detection overlaps none but its own."""
    group = image * len(CLASS_SHARES) + label
    order = np.argsort(group, kind="stable")
    _, starts, sizes = np.unique(group[order], return_index=True, return_counts=True)
    place = np.empty(len(group), dtype=np.intp)
    place[order] = np.arange(len(group)) - np.repeat(starts, sizes)
    return MatchTable(
        images=seen.images,
        labels=tuple(f"class {number}" for number in range(len(CLASS_SHARES))),
        image=image,
        label=label,
        score=score,
        truth=np.full(len(image), NO_TRUTH),
        truth_image=seen.truth_image,
        truth_label=seen.truth_class,
        place=place,
        ignored=np.zeros(len(image), dtype=np.bool_),
        truth_ignored=np.zeros(len(seen.truth_image), dtype=np.bool_),
    )


def _classes(rng: np.random.Generator, count: int) -> Ints:
    return rng.choice(len(CLASS_SHARES), size=count, p=CLASS_SHARES)


def _noise(rng: np.random.Generator, like: Ints) -> Floats:
    return rng.normal(size=len(like))


def _logistic(value: Floats) -> Floats:
    shares: Floats = 1 / (1 + np.exp(-value))
    return shares
