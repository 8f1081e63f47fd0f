"""Crops: one known object that was broken or fixed, seen close, as each side has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_damover.domain.case import Box
from pytest_damover.domain.comparing.flip_matching import Miss
from pytest_damover.domain.comparing.flips import Fate, ObjectFlip, Sight
from pytest_damover.report.pictures import PICTURE_SIDE_PX, Album
from pytest_damover.report.views.flips import object_name, sight_in_words
from pytest_damover.report.views.overlay import rectangle
from pytest_damover.report.words import Words

MOST_CROPS = 4
# how much of the surroundings is seen, as a share of the object; and the least side as a share of the image's
_AROUND = 0.3
_LEAST_SHARE = 0.2
_FATES = {Fate.BROKEN: "broken", Fate.FIXED: "fixed"}


def crops(flips: Sequence[ObjectFlip], size_px: tuple[int, int], album: Album, words: Words) -> dict[str, Any]:
    """The flips of one case, in the order given; what is larger than the page's pictures gets pixels of its own."""
    return {
        "list": [_crop(flip, size_px, album, words) for flip in flips[:MOST_CROPS]],
        "more": max(0, len(flips) - MOST_CROPS),
    }


def region_around(boxes: Sequence[Box], size_px: tuple[int, int]) -> Box:
    """A square around all boxes, whole pixels within the image (x1, y1, x2, y2); it ends where the image does.

    Worked by hand: a box of 40 x 20 px in the middle of 200 x 200 px asks for 40 * 1.6 = 64 px, which is more than a
    fifth of the image: (68, 68, 132, 132).
    """
    x1, y1 = (min(box[axis] for box in boxes) for axis in (0, 1))
    x2, y2 = (max(box[axis] for box in boxes) for axis in (2, 3))
    side = max(max(x2 - x1, y2 - y1) * (1 + 2 * _AROUND), max(size_px) * _LEAST_SHARE)
    lows, highs = [], []
    for low, high, whole in ((x1, x2, size_px[0]), (y1, y2, size_px[1])):
        span = min(side, whole)
        start = min(max(0.0, (low + high - span) / 2), whole - span)
        lows.append(float(int(start)))
        highs.append(float(min(whole, round(start + span))))
    return (lows[0], lows[1], max(highs[0], lows[0] + 1), max(highs[1], lows[1] + 1))


def _crop(flip: ObjectFlip, size_px: tuple[int, int], album: Album, words: Words) -> dict[str, Any]:
    sights = {"baseline": flip.baseline, "candidate": flip.candidate}
    region = region_around([flip.truth.box, *(one.box for one in sights.values() if one.box is not None)], size_px)
    is_shrunk = max(size_px) > PICTURE_SIDE_PX
    return {
        "fate": _FATES[flip.fate],
        "word": words(f"flips.fate.{_FATES[flip.fate]}"),
        "object": object_name(flip),
        "region": rectangle(region),
        "picture": album.take(flip.case.suite, flip.case.name, region) if is_shrunk else None,
        "truth": rectangle(flip.truth.box),
        "sides": [
            {
                "name": name,
                "title": words(f"role.{name}"),
                "told": sight_in_words(sight, flip, words),
                "found": sight.found,
                "kind": _kind(sight),
                "box": None if sight.box is None else rectangle(sight.box),
            }
            for name, sight in sights.items()
        ],
    }


def _kind(sight: Sight) -> str:
    if sight.found:
        return "strong match"
    return "faint" if sight.miss is Miss.FAINT else "strong extra"
