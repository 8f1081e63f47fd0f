"""The case matrix: slices down, severities across, one cell a case; many cases become bars of counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_damover.domain.comparing.comparison import CaseComparison
from pytest_damover.domain.rules.cases import balance, regressions_and_fixes
from pytest_damover.domain.run import DETECT
from pytest_damover.domain.scoring.significance import mcnemar, p_text
from pytest_damover.report.views.states import LOUD_STATES, SEVERITIES, STATES
from pytest_damover.report.words import Words

MOST_CELLS = 2000
MOST_LOUD_CELLS = 120
BAR_WIDTH = 220

Told = tuple[CaseComparison, str]


def matrices(told: Sequence[Told], links: Mapping[tuple[str, str], str], words: Words) -> list[dict[str, Any]]:
    """One matrix a suite; `links` leads from (suite, case) to the place that shows its picture."""
    cases = [pair for pair in told if pair[0].probe == DETECT]
    suites = list(dict.fromkeys(case.suite for case, _ in cases))
    return [
        {
            **_matrix(name, [pair for pair in cases if pair[0].suite == name], links, words),
            "weighed": _weighed([case for case, _ in told if case.suite == name], words),
        }
        for name in suites
    ]


def state_counts(told: Sequence[Told], words: Words) -> list[dict[str, Any]]:
    """How many cases are in each state that occurs, worst first."""
    counts = Counter(state for case, state in told if case.probe == DETECT)
    return [{"state": state, "label": words(f"state.{state}"), "n": counts[state]} for state in STATES if counts[state]]


def _weighed(cases: Sequence[CaseComparison], words: Words) -> str:
    """Regressions against fixes of one suite; empty when no case or test changed sides."""
    lost, fixed = regressions_and_fixes(cases)
    p = mcnemar(lost, fixed)
    if p is None:
        return ""
    more = words(f"matrix.more.{balance(lost, fixed)}")
    return words("matrix.mcnemar", lost=f"{lost:,}", fixed=f"{fixed:,}", more=more, p=p_text(p))


def _matrix(suite: str, told: Sequence[Told], links: Mapping[tuple[str, str], str], words: Words) -> dict[str, Any]:
    aggregated = len(told) > MOST_CELLS
    severities = [name for name in SEVERITIES if any(case.severity.value == name for case, _ in told)]
    by_place: dict[tuple[str | None, str], list[Told]] = {}
    for pair in told:
        for name in pair[0].slices or (None,):
            by_place.setdefault((name, pair[0].severity.value), []).append(pair)
    slices = sorted({place[0] for place in by_place}, key=lambda name: (name is None, name or ""))
    rows = [
        {
            "slice": words("slice.none") if name is None else name,
            "groups": [_group(by_place.get((name, severity), []), aggregated, links, words) for severity in severities],
        }
        for name in slices
    ]
    return {
        "suite": suite,
        "severities": [words(f"severity.{name}") for name in severities],
        "rows": rows,
        "aggregated": aggregated,
        "cases": len(told),
        "bar_width": BAR_WIDTH,
    }


def _group(
    told: Sequence[Told], aggregated: bool, links: Mapping[tuple[str, str], str], words: Words
) -> dict[str, Any]:
    counts = Counter(state for _, state in told)
    loud = [pair for pair in told if pair[1] in LOUD_STATES]
    shown = loud[:MOST_LOUD_CELLS] if aggregated else told
    return {
        "total": len(told),
        "text": ", ".join(f"{counts[state]:,} {words(f'state.{state}')}" for state in STATES if counts[state]),
        "bar": _bar(counts, len(told)) if aggregated else [],
        "cells": [_cell(case, state, links, words) for case, state in shown],
        "more": len(loud) - len(shown) if aggregated else 0,
    }


def _cell(case: CaseComparison, state: str, links: Mapping[tuple[str, str], str], words: Words) -> tuple[str, str, str]:
    return state, f"{case.case}: {words(f'state.{state}')}", links.get((case.suite, case.case), "")


def _bar(counts: Mapping[str, int], total: int) -> list[dict[str, Any]]:
    parts, left = [], 0.0
    for state in STATES:
        if counts[state]:
            width = max(2.0, counts[state] / total * BAR_WIDTH)
            parts.append({"state": state, "x": round(left, 1), "width": round(min(width, BAR_WIDTH - left), 1)})
            left += width
    return parts
