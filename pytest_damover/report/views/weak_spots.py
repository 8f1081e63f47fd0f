"""Weak spots: how many slices were tried, which were picked on one half of the images, what the other half said."""

from __future__ import annotations

import math
from typing import Any

from pytest_damover.domain.comparing.comparison import Comparison
from pytest_damover.domain.slicing.discovery import Discovery, Suspect
from pytest_damover.report.drawing import Scale, scale_over
from pytest_damover.report.numbers import fixed, signed
from pytest_damover.report.words import Words

FOREST_WIDTH = 260
LEAST_TOLD_P = 0.001


def weak_spots(comparison: Comparison, words: Words) -> list[dict[str, Any]]:
    """One table a suite that was searched; nothing where there are no two sides."""
    several = len(comparison.discoveries) > 1
    return [_table(found, several, words) for found in comparison.discoveries]


def _table(found: Discovery, several: bool, words: Words) -> dict[str, Any]:
    scale = _scale(found)
    first, second = found.halves
    return {
        "suite": found.suite if several else "",
        "told": words("weak.tried", n=found.tried, images=first, least=found.least),
        "picked": words("weak.picked", n=len(found.suspects), images=second) if found.suspects else words("weak.none"),
        "against": words("weak.against", limit=signed(found.limit) if found.limit else "0"),
        "level": words("weak.level", most=f"{(1 - found.confidence) / 2:.3g}", level=f"{found.confidence * 100:g}%"),
        "rows": [_row(one, found, scale, words) for one in found.suspects],
        "width": FOREST_WIDTH,
        "axis": [{"label": signed(value, 2) if value else "0", "x": x} for value, x in scale.ticks(4)],
        "zero": scale.at(0.0),
        "limit": scale.at(found.limit) if found.limit else None,
    }


def _scale(found: Discovery) -> Scale:
    ends = [end for one in found.suspects for end in (one.tested.interval or ())]
    return scale_over([0.0, found.limit, *(one.tested.difference for one in found.suspects), *ends], 10, 250, pad=0.06)


def _row(one: Suspect, found: Discovery, scale: Scale, words: Words) -> dict[str, Any]:
    tested, low_high = one.tested, one.tested.interval
    said = "confirmed" if one in found.confirmed else "open" if one.p is not None else "few"
    is_known = tested.difference is not None and math.isfinite(tested.difference)
    return {
        "slice": words("weak.within", inner=one.spot[-1], outer=one.spot[0]) if len(one.spot) > 1 else one.spot[0],
        "said": said,
        "said_text": words(f"weak.said.{said}"),
        "first_images": one.images,
        "first": signed(one.difference),
        "images": tested.images,
        "objects": tested.objects,
        "baseline": fixed(tested.baseline),
        "candidate": fixed(tested.candidate),
        "difference": signed(tested.difference),
        "interval": "" if low_high is None else " … ".join(signed(end) for end in low_high),
        "p": _p(one.p),
        "point": scale.at(tested.difference) if is_known and tested.difference is not None else None,
        "low": None if low_high is None else scale.at(low_high[0]),
        "high": None if low_high is None else scale.at(low_high[1]),
    }


def _p(p: float | None) -> str:
    return fixed(p) if p is None or p >= LEAST_TOLD_P else f"< {LEAST_TOLD_P}"
