"""Curves: precision against recall, and how the scores of right and wrong detections are spread on both sides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pytest_damover.domain.diagnosing.diagnosis import SideDiagnosis, SuiteDiagnosis
from pytest_damover.report.drawing import Scale
from pytest_damover.report.numbers import count, fixed
from pytest_damover.report.words import Words

RECALL_HEIGHT = 250
WIDTH, HEIGHT = 380, 132
LEFT, BOTTOM, TOP = 40, 30, 8


def curve_views(told: SuiteDiagnosis, words: Words) -> dict[str, Any]:
    """The two kinds of plots of one suite; in each the baseline is drawn first, where there is one."""
    sides = [side for side in (told.baseline, told.candidate) if side is not None]
    return {
        "recall": _recall(sides),
        "scores": [_scores(name, sides, told.working_threshold, words) for name in ("right", "wrong")],
    }


def _recall(sides: Sequence[SideDiagnosis]) -> dict[str, Any] | None:
    """None where no side has a curve."""
    if not any(side.curve for side in sides):
        return None
    across, up = Scale(0.0, 1.0, LEFT, WIDTH - 8), Scale(0.0, 1.0, RECALL_HEIGHT - BOTTOM, TOP)
    curves = [[(point.recall or 0.0, point.precision or 0.0) for point in side.curve] for side in sides]
    marks = [(side.working.recall, side.working.precision) for side in sides]
    return {
        **_frame(across, up, WIDTH, RECALL_HEIGHT),
        "x": [(at, f"{value:g}") for value, at in across.ticks(4)],
        "y": [(at, f"{value:g}") for value, at in up.ticks(4)],
        "lines": [" ".join(f"{across.at(x):g},{up.at(y):g}" for x, y in curve) for curve in curves],
        "marks": [None if x is None or y is None else (across.at(x), up.at(y)) for x, y in marks],
        "told": [f"{fixed(y)} / {fixed(x)}" for x, y in marks],
    }


def _scores(name: str, sides: Sequence[SideDiagnosis], threshold: float | None, words: Words) -> dict[str, Any]:
    """Counts by score as steps; each line of the scale is ten times the one below, for most wrong ones score low."""
    counts = [getattr(side.scores, name) for side in sides]
    most = max((n for one in counts for n in one), default=0)
    powers = range(len(str(max(1, most - 1))) + 1)
    across, up = Scale(0.0, 1.0, LEFT, WIDTH - 8), Scale(0.0, _height(10 ** powers[-1]), HEIGHT - BOTTOM, TOP)
    return {
        **_frame(across, up, WIDTH, HEIGHT),
        "title": words(f"errors.scores.{name}"),
        "x": [(at, f"{value:g}") for value, at in across.ticks(5)],
        "y": [(up.at(0.0), "0"), *((up.at(_height(10**power)), count(10**power)) for power in powers)],
        "lines": [_steps(one, across, up) for one in counts],
        "threshold": None if threshold is None else across.at(threshold),
        "told": [count(sum(one)) for one in counts],
    }


def _frame(across: Scale, up: Scale, width: int, height: int) -> dict[str, Any]:
    return {
        "width": width, "height": height,
        "left": across.left, "right": across.right, "top": up.right, "bottom": up.left,
    }  # fmt: skip


def _height(number: int) -> float:
    """0 for none, 1 for one, and one more for each tenfold."""
    return 1 + math.log10(number) if number else 0.0


def _steps(counts: Sequence[int], across: Scale, up: Scale) -> str:
    bins = len(counts)
    ends = (
        (across.at(place / bins), across.at((place + 1) / bins), up.at(_height(n))) for place, n in enumerate(counts)
    )
    return " ".join(f"{left:g},{y:g} {right:g},{y:g}" for left, right, y in ends)
