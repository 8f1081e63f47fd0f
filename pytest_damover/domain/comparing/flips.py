"""Flips: what became of each known object, and of each box that stands for none, between baseline and candidate.

Baseline, candidate and ground truth are matched three ways, image by image, at the case's own `confidence_threshold`
and `iou_threshold`. Objects to ignore and crowds are left out, and so are boxes of their label on them.
`flip_matching.py` does the matching and says why it is the one of the `boxes` expectation.

Worked by hand: two phones A and B. The baseline has a box on A and one on the wall, the candidate one on B and the same
one on the wall, all of them at full score. A is broken, B is fixed, and the box on the wall is a spurious one that is
kept: AP has not moved, and yet somebody lost a phone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from operator import itemgetter
from typing import Any

import numpy as np

from pytest_damover.domain.case import Box, Case, GroundTruth
from pytest_damover.domain.comparing.flip_matching import Miss, Seen, SetAside, see_both_sides
from pytest_damover.domain.detection import EMPTY, Detections
from pytest_damover.domain.scoring.box_pairs import NOBODY, Boxes, Thresholds
from pytest_damover.domain.scoring.matching import Floats, Ints


class Fate(str, Enum):
    """What became of one known object."""

    KEPT = "kept"
    BROKEN = "broken"
    FIXED = "fixed"
    NEVER_FOUND = "never found"


class BoxFate(str, Enum):
    """What became of one spurious box."""

    GONE = "gone"
    NEW = "new"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Sight:
    """What one side has of an object: found when `miss` is None, else how it is missed.

    `score`, `iou`, `label` and `box` are those of the box that stands for the object or, where it is missed, of the box
    that shows how; None where there is no such box. `iou` is the overlap with the object.
    """

    miss: Miss | None
    score: float | None
    iou: float | None
    label: str | None
    box: Box | None

    @property
    def found(self) -> bool:
        """True when a box stands for the object."""
        return self.miss is None


@dataclass(frozen=True, slots=True)
class ObjectFlip:
    """One known object on both sides; `number` is its place among the case's `expected_boxes`."""

    case: Case
    slices: tuple[str, ...]
    number: int
    baseline: Sight
    candidate: Sight

    @property
    def truth(self) -> GroundTruth:
        """The object itself: box and label."""
        return _truth(self.case, self.number)

    @property
    def fate(self) -> Fate:
        """What became of it."""
        return _FATES[self.baseline.found, self.candidate.found]


@dataclass(frozen=True, slots=True)
class SpuriousBox:
    """One counted box that stands for no object; a score is None on the side that has no such box.

    `box` is the candidate's where it has one, else the baseline's; `iou` is the overlap of the two of a kept one.
    """

    case: Case
    slices: tuple[str, ...]
    label: str
    box: Box
    baseline_score: float | None
    candidate_score: float | None
    iou: float | None

    @property
    def fate(self) -> BoxFate:
        """What became of it."""
        if self.baseline_score is None:
            return BoxFate.NEW
        return BoxFate.GONE if self.candidate_score is None else BoxFate.KEPT


@dataclass(frozen=True, slots=True)
class ComparedImage:
    """One case that ended on both sides, and what they found; None where that is missing or no numbers."""

    case: Case
    slices: tuple[str, ...]
    baseline: Detections | None
    candidate: Detections | None

    @property
    def readable(self) -> bool:
        """True when both sides have detections."""
        return self.baseline is not None and self.candidate is not None


@dataclass(frozen=True, slots=True)
class SuiteFlips:
    """All flips of one suite, in the order of its cases.

    `images` are the cases with ground truth that ended on both sides. Of one that is not readable no object and no box
    is here.
    """

    suite: str
    images: tuple[ComparedImage, ...]
    objects: tuple[ObjectFlip, ...]
    boxes: tuple[SpuriousBox, ...]


def find_flips(suite: str, images: Sequence[ComparedImage]) -> SuiteFlips:
    """Match every image of a suite whose case knows its objects."""
    known = tuple(image for image in images if image.case.has_ground_truth)
    readable = [image for image in known if image.readable]
    places = [(image, number) for image, one in enumerate(readable) for number, _ in demanded(one.case)]
    others = [(image, number) for image, one in enumerate(readable) for number, _ in _set_aside(one.case)]
    number_of: dict[str, int] = {}
    objects = _object_boxes(readable, places, number_of)
    crowd = np.array([_truth(readable[image].case, number).crowd for image, number in others], dtype=np.bool_)
    aside = SetAside(_object_boxes(readable, others, number_of), crowd)
    baseline = _detected_boxes([image.baseline or EMPTY for image in readable], number_of)
    candidate = _detected_boxes([image.candidate or EMPTY for image in readable], number_of)
    before, after = see_both_sides(objects, aside, baseline, candidate, _thresholds(readable))
    names = tuple(number_of)
    sights = zip(_sights(before, baseline, names), _sights(after, candidate, names), strict=True)
    flips = tuple(
        ObjectFlip(readable[image].case, readable[image].slices, number, *sides)
        for (image, number), sides in zip(places, sights, strict=True)
    )
    boxes = tuple(_spurious(readable, names, (baseline, candidate), (before, after)))
    return SuiteFlips(suite, known, flips, boxes)


def demanded(case: Case) -> Iterator[tuple[int, GroundTruth]]:
    """The objects of a case that must be found, each with its place among the `expected_boxes`."""
    yield from (place for place in enumerate(case.expected.expected_boxes or ()) if place[1].counts)


def _set_aside(case: Case) -> Iterator[tuple[int, GroundTruth]]:
    yield from (place for place in enumerate(case.expected.expected_boxes or ()) if not place[1].counts)


def _truth(case: Case, number: int) -> GroundTruth:
    return (case.expected.expected_boxes or ())[number]


_FATES = {
    (True, True): Fate.KEPT,
    (True, False): Fate.BROKEN,
    (False, True): Fate.FIXED,
    (False, False): Fate.NEVER_FOUND,
}
_MISSES = tuple(Miss)


def _thresholds(images: Sequence[ComparedImage]) -> Thresholds:
    demands = [image.case.expected for image in images]
    return Thresholds(
        np.array([demand.confidence_threshold for demand in demands], dtype=np.float64),
        np.array([demand.iou_threshold for demand in demands], dtype=np.float64),
    )


def _object_boxes(
    images: Sequence[ComparedImage], places: Sequence[tuple[int, int]], number_of: dict[str, int]
) -> Boxes:
    truths = [_truth(images[image].case, number) for image, number in places]
    return Boxes(
        np.array([image for image, _ in places], dtype=np.intp),
        _numbered([truth.label for truth in truths], number_of),
        np.ones(len(truths)),
        np.array([truth.box for truth in truths], dtype=np.float64).reshape(-1, 4),
    )


def _detected_boxes(found: Sequence[Detections], number_of: dict[str, int]) -> Boxes:
    if not found:
        return Boxes(np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp), np.zeros(0), np.zeros((0, 4)))
    image = np.repeat(np.arange(len(found)), [len(one) for one in found])
    label = _numbered([label for one in found for label in one.labels], number_of)
    score = np.concatenate([one.scores for one in found])
    order = np.lexsort((-score, image))
    return Boxes(image, label[order], score[order], np.concatenate([one.boxes for one in found])[order])


def _numbered(labels: Sequence[str], number_of: dict[str, int]) -> Ints:
    return np.array([number_of.setdefault(label, len(number_of)) for label in labels], dtype=np.intp)


def _sights(seen: Seen, boxes: Boxes, names: Sequence[str]) -> Iterator[Sight]:
    has_box = np.flatnonzero(seen.witness != NOBODY)
    chosen = seen.witness[has_box]
    told = zip(boxes.score[chosen].tolist(), seen.iou[has_box].tolist(), boxes.label[chosen].tolist(),
               map(tuple, boxes.box[chosen].tolist()), strict=True)  # fmt: skip
    for witness, miss in zip(seen.witness.tolist(), seen.miss.tolist(), strict=True):
        how = None if miss < 0 else _MISSES[miss]
        if witness == NOBODY:
            yield Sight(how, None, None, None, None)
        else:
            score, iou, label, box = next(told)
            yield Sight(how, score, iou, names[label], box)


def _spurious(
    images: Sequence[ComparedImage], names: Sequence[str], sides: tuple[Boxes, Boxes], seen: tuple[Seen, Seen]
) -> Iterator[SpuriousBox]:
    """In the order of the images; of one image the kept ones first, then the gone, then the new."""
    (baseline, candidate), (before, after) = sides, seen
    old, new = np.flatnonzero(before.spurious), np.flatnonzero(after.spurious & (after.partner == NOBODY))
    gone = old[before.partner[old] == NOBODY]
    kept = old[before.partner[old] != NOBODY]
    now = before.partner[kept]
    rows = [
        *_rows(candidate, now, baseline.score[kept], candidate.score[now], before.partner_iou[kept]),
        *_rows(baseline, gone, baseline.score[gone], None, None),
        *_rows(candidate, new, None, candidate.score[new], None),
    ]
    for image, label, box, *numbers in sorted(rows, key=itemgetter(0)):
        yield SpuriousBox(images[image].case, images[image].slices, names[label], box, *numbers)


def _rows(boxes: Boxes, chosen: Ints, *numbers: Floats | None) -> Iterator[tuple[Any, ...]]:
    nothing = [None] * len(chosen)
    columns = (nothing if one is None else one.tolist() for one in numbers)
    images, labels, places = boxes.image[chosen].tolist(), boxes.label[chosen].tolist(), boxes.box[chosen].tolist()
    return zip(images, labels, map(tuple, places), *columns, strict=True)
