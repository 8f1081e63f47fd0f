"""Errors: what was found from which score on, which kinds of errors cost AP50, confusions, calibration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_damover.domain.comparing.measured import Cut
from pytest_damover.domain.diagnosing.calibration import Calibration
from pytest_damover.domain.diagnosing.confusion import Confusion
from pytest_damover.domain.diagnosing.diagnosis import SideDiagnosis, SuiteDiagnosis
from pytest_damover.domain.diagnosing.tide import KINDS, ErrorKind, Tide, difference
from pytest_damover.domain.scoring.operating import OperatingPoint
from pytest_damover.report.drawing import Scale
from pytest_damover.report.numbers import ABSENT, count, fixed, signed
from pytest_damover.report.views.breakdown import breakdown_view
from pytest_damover.report.views.curves import curve_views
from pytest_damover.report.words import Words

BARS_WIDTH = 240
PLOT_SIDE = 232
PLOT_LEFT, PLOT_BOTTOM = 34, 30
MOST_LABELS = 6
MOST_CONFUSIONS = 12


def error_views(diagnoses: Sequence[SuiteDiagnosis], words: Words) -> list[dict[str, Any]]:
    """One entry a suite; in each pair the baseline stands first, and is missing where there is none."""
    return [_suite(one, words) for one in diagnoses]


def _suite(told: SuiteDiagnosis, words: Words) -> dict[str, Any]:
    sides = [side for side in (told.baseline, told.candidate) if side is not None]
    cut = fixed(told.shared_cut, 2)
    error = _arrow([fixed(side.calibration.error) for side in sides])
    return {
        "suite": told.suite,
        "note": words("errors.note", n=told.images),
        "left_out": words("errors.left_out", n=told.left_out) if told.left_out else "",
        "paired": told.baseline is not None,
        "points": _points(told, sides, words),
        "restoring": _restoring(told, words),
        "unknown": [words("errors.cut_unknown", revision=side.revision) for side in sides if not side.cut.is_known],
        "curves": curve_views(told, words),
        "breakdown": breakdown_view([side.breakdown for side in sides], words),
        "bars_width": BARS_WIDTH,
        "kinds": _kinds([side.tide for side in sides], words),
        "confusion": _confusion([side.confusion for side in sides], words),
        "calibration": _calibration([side.calibration for side in sides]),
        "calibration_note": words("errors.calibration.note", threshold=cut, error=error),
    }


def _arrow(values: Sequence[str]) -> str:
    return " → ".join(values)


def _points(told: SuiteDiagnosis, sides: Sequence[SideDiagnosis], words: Words) -> list[dict[str, Any]]:
    working = fixed(told.working_threshold, 2) if told.working_threshold is not None else words("errors.each_case")
    rows = [
        _point("working", [working], [side.working for side in sides], (), words),
        _point("native", [_cut(side.cut, words) for side in sides], [side.native for side in sides],
               [side.ap50_native for side in sides], words),
        _point("shared", [fixed(told.shared_cut, 2)], [side.shared for side in sides],
               [side.ap50_shared for side in sides], words),
        _point("best_f1", [fixed(_of(side.best_f1, "threshold")) for side in sides],
               [side.best_f1 for side in sides], (), words),
    ]  # fmt: skip
    if told.restoring is None:
        return rows
    return [*rows, _point("restoring", [ABSENT, fixed(told.restoring.threshold)], [None, told.restoring], (), words)]


def _point(
    name: str,
    thresholds: Sequence[str],
    points: Sequence[OperatingPoint | None],
    ap50: Sequence[float | None],
    words: Words,
) -> dict[str, Any]:
    return {
        "name": words(f"errors.point.{name}"),
        "threshold": _arrow(thresholds if len(set(thresholds)) > 1 else thresholds[:1]),
        "precision": _arrow([fixed(_of(point, "precision")) for point in points]),
        "recall": _arrow([fixed(_of(point, "recall")) for point in points]),
        "f1": _arrow([fixed(_of(point, "f1")) for point in points]),
        "ap50": _arrow([fixed(value) for value in ap50]),
    }


def _of(point: OperatingPoint | None, name: str) -> float | None:
    value: float | None = getattr(point, name, None)
    return value


def _cut(cut: Cut, words: Words) -> str:
    if cut.is_known or cut.score is None:
        return fixed(cut.score, 2)
    return words("errors.at_most", score=fixed(cut.score, 2))


def _restoring(told: SuiteDiagnosis, words: Words) -> str:
    """Which threshold would give the baseline's recall back, in a sentence; empty where there was none to lose."""
    before = None if told.baseline is None else told.baseline.working.recall
    after, restoring = told.candidate.working.recall, told.restoring
    if before is None or after is None:
        return ""
    if restoring is None:
        return words("errors.never", recall=fixed(before), most=fixed(told.candidate.native.recall))
    working = told.working_threshold
    told_as = "errors.to_spare" if after >= before else "errors.restored"
    return words(
        told_as,
        threshold=fixed(restoring.threshold),
        working=words("errors.each_case") if working is None else fixed(working, 2),
        recall=fixed(restoring.recall),
        precision=fixed(restoring.precision),
    )


def _kinds(sides: Sequence[Tide], words: Words) -> list[dict[str, Any]]:
    most = max((abs(gain) for side in sides for gain in side.gains.values() if gain is not None), default=0.0)
    scale = Scale(0.0, most or 1.0, 2, BARS_WIDTH - 2)
    return [_kind(kind, sides, scale, words) for kind in KINDS]


def _kind(kind: ErrorKind, sides: Sequence[Tide], scale: Scale, words: Words) -> dict[str, Any]:
    gains = [side.gains[kind] for side in sides]
    changed = difference(gains[-1], gains[0]) if len(gains) == 2 else None
    return {
        "name": words(f"errors.kind.{kind.value}"),
        "means": words(f"errors.kind.{kind.value}.means"),
        "counts": _arrow([count(side.counts[kind]) for side in sides]),
        "gains": _arrow([fixed(gain) for gain in gains]),
        "difference": signed(changed),
        "bars": [None if gain is None else round(scale.at(gain) - scale.left, 1) for gain in gains],
    }


def _confusion(sides: Sequence[Confusion], words: Words) -> dict[str, Any]:
    labels = [*sides[0].labels, words("errors.nothing")]
    if len(labels) - 1 <= MOST_LABELS:
        cells = [
            [(_cell(sides, row, column), row == column) for column in range(len(labels))] for row in range(len(labels))
        ]
        return {"labels": labels, "rows": list(zip(labels, cells, strict=True)), "most": None}
    pairs = [(row, column) for row in range(len(labels)) for column in range(len(labels)) if row != column]
    ranked = sorted(pairs, key=lambda at: -max(side.counts[at[0]][at[1]] for side in sides))
    shown = [at for at in ranked[:MOST_CONFUSIONS] if any(side.counts[at[0]][at[1]] for side in sides)]
    rows = [(labels[row], labels[column], _cell(sides, row, column)) for row, column in shown]
    return {"labels": labels, "rows": rows, "most": words("errors.confusion.most", n=len(labels) - 1)}


def _cell(sides: Sequence[Confusion], row: int, column: int) -> str:
    if row == column == len(sides[0].labels):
        return ""  # nothing found where nothing is cannot be counted
    return _arrow([count(side.counts[row][column]) for side in sides])


def _calibration(sides: Sequence[Calibration]) -> dict[str, Any]:
    across = Scale(0.0, 1.0, PLOT_LEFT, PLOT_SIDE - 8)
    up = Scale(0.0, 1.0, PLOT_SIDE - PLOT_BOTTOM, 8)
    curves = [[(across.at(one.mean_score), up.at(one.precision)) for one in side.bins] for side in sides]
    return {
        "side": PLOT_SIDE,
        "x": [{"label": f"{value:g}", "at": at} for value, at in across.ticks(4)],
        "y": [{"label": f"{value:g}", "at": at} for value, at in up.ticks(4)],
        "left": across.left, "right": across.right, "top": up.right, "bottom": up.left,
        "curves": curves,
        "lines": [" ".join(f"{x:g},{y:g}" for x, y in curve) for curve in curves],
        "told": [[f"{one.mean_score:.2f}: {one.precision:.2f}" for one in side.bins] for side in sides],
    }  # fmt: skip
