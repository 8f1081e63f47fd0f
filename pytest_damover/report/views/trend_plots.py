"""The small plots of a trend: a column for each revision, a number at each mark, one size for all."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from pytest_damover.report.drawing import Scale, scale_over
from pytest_damover.report.numbers import ABSENT, MINUS, count

WIDTH, HEIGHT = 330, 168
LEFT, RIGHT, TOP, BOTTOM = 46, 322, 26, 138
LETTER = 6.6
"""Units that a letter of the axis takes, a wide one."""
WIDEST_BAR = 34

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Point:
    """A value with its interval; `answer` is the verdict that chooses the mark, '' for the baseline."""

    answer: str
    value: float | None
    low: float | None = None
    high: float | None = None


def points(
    title: str, values: Sequence[Point], names: Sequence[str], told: Callable[[float], str], limit: float | None
) -> dict[str, Any] | None:
    """Marks with intervals, joined by a line, beside the baseline's and the limit's level; None without a candidate's.

    `told` writes a value; a value that is no number has no mark.
    """
    drawn = [(place, one) for place, one in enumerate(values) if is_number(one.value)]
    if not any(one.answer for _, one in drawn):
        return None
    ends = [end for _, one in drawn for end in (one.value, one.low, one.high)]
    scale = scale_over((*ends, limit), BOTTOM, TOP)
    marks = [_mark(one, _across(place, len(values)), scale, told) for place, one in drawn]
    base = next((one.value for _, one in drawn if not one.answer), None)
    return _frame("points", title, names, [told(one.value) if is_number(one.value) else ABSENT for one in values]) | {
        "ticks": [{"label": f"{value:g}".replace("-", MINUS), "y": y} for value, y in scale.ticks(4)],
        "marks": marks,
        "line": " ".join(f"{mark['x']:g},{mark['y']:g}" for mark in marks),
        "base": None if base is None else scale.at(base),
        "limit": None if limit is None else scale.at(limit),
    }


def diverging(title: str, pairs: Sequence[Pair | None], names: Sequence[str]) -> dict[str, Any] | None:
    """What was fixed as bars upwards, what was lost as bars downwards, on one scale; None where nothing is known."""
    known = [pair for pair in pairs if pair is not None]
    if not known:
        return None
    most = max(1, *(max(pair) for pair in known))
    least = -max(lost for lost, _ in known) or -0.15 * most
    scale = scale_over((least, max(fixed for _, fixed in known) or 0.15 * most, 0.0), BOTTOM, TOP)
    zero = scale.at(0.0)
    parts = []
    for place, pair in enumerate(pairs):
        for kind, sign, number in _signed(pair):
            y = scale.at(sign * number)
            bar = _bar(kind, _across(place, len(pairs)), min(y, zero), abs(y - zero), len(pairs))
            parts.append(bar | {"text": f"{'+' if sign > 0 else MINUS}{count(number)}", "below": sign < 0})
    told = [ABSENT if pair is None else f"+{count(pair[1])} {MINUS}{count(pair[0])}" for pair in pairs]
    return _frame("bars", title, names, told) | {"bars": parts, "zero": zero}


def bars(
    title: str, values: Sequence[float], names: Sequence[str], told: Callable[[float], str]
) -> dict[str, Any] | None:
    """A bar from 0 for each revision."""
    scale = Scale(0.0, 1.15 * max(values, default=0.0) or 1.0, BOTTOM, TOP)
    parts = []
    for place, value in enumerate(values):
        y = scale.at(value)
        bar = _bar("plain", _across(place, len(values)), y, BOTTOM - y, len(values))
        parts.append(bar | {"text": told(value), "below": False})
    return _frame("bars", title, names, [told(value) for value in values]) | {"bars": parts, "zero": BOTTOM}


def is_number(value: float | None) -> TypeGuard[float]:
    """True for what has a place on a scale."""
    return value is not None and math.isfinite(value)


def _signed(pair: Pair | None) -> tuple[tuple[str, int, int], ...]:
    return () if pair is None else (("fixed", 1, pair[1]), ("broken", -1, pair[0]))


def _mark(one: Point, x: float, scale: Scale, told: Callable[[float], str]) -> dict[str, Any]:
    assert one.value is not None
    high = one.value if not is_number(one.high) else one.high
    low = one.value if not is_number(one.low) else one.low
    return {
        "answer": one.answer,
        "x": x,
        "y": scale.at(one.value),
        "low": scale.at(low),
        "high": scale.at(high),
        "has_interval": is_number(one.low) and is_number(one.high),
        "text": told(one.value),
    }


def _bar(kind: str, x: float, y: float, height: float, columns: int) -> dict[str, Any]:
    width = round(min(WIDEST_BAR, 0.6 * _step(columns)), 1)
    return {
        "kind": kind, "x": round(x - width / 2, 1), "y": round(y, 1), "middle": x,
        "width": width, "height": round(height, 1),
    }  # fmt: skip


def _frame(kind: str, title: str, names: Sequence[str], told: Sequence[str]) -> dict[str, Any]:
    step = _step(len(names))
    fits = all(len(name) * LETTER <= step for name in names)
    return {
        "kind": kind,
        "title": title,
        "width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM,
        "names": [
            {"x": _across(place, len(names)), "text": name if fits else f"{place + 1}", "name": name}
            for place, name in enumerate(names)
        ],
        "with_numbers": max(map(len, told), default=0) * LETTER <= step,
        "told": "; ".join(f"{name} {one}" for name, one in zip(names, told, strict=True)),
    }  # fmt: skip


def _step(columns: int) -> float:
    return (RIGHT - LEFT) / columns


def _across(place: int, columns: int) -> float:
    return round(LEFT + _step(columns) * (place + 0.5), 1)
