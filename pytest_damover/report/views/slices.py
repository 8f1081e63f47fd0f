"""AP by slice: a forest plot of the differences against their margins, and both values beside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from pytest_damover.domain.comparing.comparison import Comparison, SliceComparison
from pytest_damover.domain.verdict import Finding
from pytest_damover.report.drawing import Scale, scale_over
from pytest_damover.report.numbers import fixed, signed
from pytest_damover.report.views.findings import METRICS
from pytest_damover.report.words import Words

FOREST_WIDTH = 300
VALUES_WIDTH = 150


def slice_tables(comparison: Comparison, findings: Sequence[Finding], words: Words) -> list[dict[str, Any]]:
    """A table for each metric that was measured: rows with numbers and places for both drawings."""
    tables = [_table(comparison, metric, findings, words) for metric in METRICS]
    return [table for table in tables if table is not None]


def _table(comparison: Comparison, metric: str, findings: Sequence[Finding], words: Words) -> dict[str, Any] | None:
    entries = [entry for entry in comparison.slices if entry.metric == metric]
    measured = [entry for entry in entries if entry.candidate is not None or entry.baseline is not None]
    if not measured:
        return None
    limits = {_place(finding): finding for finding in findings if finding.rule == metric}
    scale = _difference_scale(measured, limits)
    suites = {entry.suite for entry in entries}
    return {
        "metric": metric,
        "name": METRICS[metric],
        "rows": [_row(entry, limits.get((entry.suite, entry.slice)), scale, words) for entry in measured],
        "without": [entry.slice or words("slice.all") for entry in entries if entry not in measured],
        "with_suite": len(suites) > 1,
        "paired": comparison.baseline is not None,
        "forest_width": FOREST_WIDTH,
        "values_width": VALUES_WIDTH,
        "axis": [{"label": signed(value, 2) if value else "0", "x": x} for value, x in scale.ticks(4)],
        "zero": scale.at(0.0),
    }


def _place(finding: Finding) -> tuple[str, str | None]:
    return finding.suite, finding.slice


def _difference_scale(entries: Sequence[SliceComparison], limits: dict[tuple[str, str | None], Finding]) -> Scale:
    values: list[float | None] = [0.0]
    for entry in entries:
        values += [entry.difference, *(entry.interval or ())]
    values += [finding.limit for finding in limits.values()]
    return scale_over(values, 10, FOREST_WIDTH - 10, pad=0.06)


def _row(entry: SliceComparison, finding: Finding | None, scale: Scale, words: Words) -> dict[str, Any]:
    values = Scale(0.0, 1.0, 8, VALUES_WIDTH - 8)
    sides = (entry.baseline, entry.candidate)
    return {
        "suite": entry.suite,
        "slice": entry.slice if entry.slice is not None else words("slice.all"),
        "whole": entry.slice is None,
        "answer": finding.verdict.value if finding else "",
        "images": _images(entry, words),
        "objects": entry.objects,
        "baseline": fixed(entry.baseline),
        "candidate": fixed(entry.candidate),
        "difference": signed(entry.difference),
        "interval": _ends(entry.interval, signed),
        "own_interval": _ends(entry.candidate_interval, fixed),
        "limit": "" if finding is None or finding.limit is None else signed(finding.limit),
        "forest": _forest(entry, finding, scale),
        "values": [None if side is None or not math.isfinite(side) else values.at(side) for side in sides],
    }


def _images(entry: SliceComparison, words: Words) -> str:
    if entry.groups is None:
        return f"{entry.images}"
    return words("slices.grouped", images=f"{entry.images:,}", n=entry.groups)


def _ends(interval: tuple[float, float] | None, told: Callable[[float], str]) -> str:
    return "" if interval is None else " … ".join(told(end) for end in interval)


def _forest(entry: SliceComparison, finding: Finding | None, scale: Scale) -> dict[str, Any] | None:
    if entry.difference is None or not math.isfinite(entry.difference):
        return None
    return {
        "point": scale.at(entry.difference),
        "low": None if entry.interval is None else scale.at(entry.interval[0]),
        "high": None if entry.interval is None else scale.at(entry.interval[1]),
        "limit": None if finding is None or finding.limit is None else scale.at(finding.limit),
    }
