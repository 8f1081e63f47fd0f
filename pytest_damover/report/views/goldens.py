"""Goldens: what was compared, what drifted or is missing, what is let pass for a reason, and what nobody asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from pytest_damover.domain.golden_result import DEFAULT_TOLERANCE, GoldenOutcome, GoldenResult
from pytest_damover.domain.run import PlanItem, Run
from pytest_damover.report.words import Words

MOST_ROWS = 200
_LOUD = (GoldenOutcome.DRIFT, GoldenOutcome.MISSING, GoldenOutcome.WRITTEN)


class Held(NamedTuple):
    """One comparison with a golden, and the item that asked for it."""

    item: PlanItem
    result: GoldenResult


def held_in(run: Run) -> list[Held]:
    """Every comparison of a run, in the order of the plan."""
    return [
        Held(item, result)
        for item in run.plan.items
        if item.key in run.finished
        for result in run.finished[item.key].goldens
    ]


def goldens(run: Run, words: Words) -> dict[str, Any] | None:
    """The section's data; None where nothing asked for a golden and none lies about."""
    held, orphans = held_in(run), run.journal.orphans
    if not held and not orphans:
        return None
    loud = sorted((one for one in held if one.result.outcome in _LOUD), key=lambda one: _LOUD.index(one.result.outcome))
    return {
        "counts": counts(held, words),
        "rows": [_row(one, words) for one in loud[:MOST_ROWS]],
        "more": max(0, len(loud) - MOST_ROWS),
        "looser": _looser(held, words),
        "inexact": [f"{words.retell(told)} ({n:,})" for told, n in Counter(_inexact(held)).items()],
        "orphans": [_path(one.suite, path) for one in orphans for path in one.paths],
        "unknown": [
            words("goldens.unknown", suite=one.suite, why=words.retell(one.unknown)) for one in orphans if one.unknown
        ],
    }


def counts(held: Sequence[Held], words: Words) -> str:
    """How many came out in which way: `3 match · 1 drifted`."""
    found = Counter(one.result.outcome for one in held)
    told = [words("goldens.count", n=found[kind], outcome=_word(kind, words)) for kind in GoldenOutcome if found[kind]]
    return " · ".join(told) or words("goldens.none")


def _row(one: Held, words: Words) -> dict[str, Any]:
    item, result = one
    return {
        "outcome": result.outcome.value,
        "word": _word(result.outcome, words),
        "case": item.case,
        "suite": item.suite,
        "revision": item.revision,
        "file": _path(item.suite, result.file),
        "inexact": words.retell(result.inexact),
        "differences": [words.retell(line) for line in result.differences],
    }


def _word(outcome: GoldenOutcome, words: Words) -> str:
    return words(f"goldens.outcome.{outcome.value}")


def _looser(held: Sequence[Held], words: Words) -> list[dict[str, str]]:
    rows = [
        {
            "file": _path(one.item.suite, one.result.file),
            "told": words(
                "goldens.tolerance", box_px=f"{one.result.tolerance.box_px:g}", score=f"{one.result.tolerance.score:g}"
            ),
            "reason": one.result.tolerance.reason,
        }
        for one in held
        if one.result.tolerance.reason or one.result.tolerance.is_looser_than(DEFAULT_TOLERANCE)
    ]
    return [row for at, row in enumerate(rows) if row not in rows[:at]][:MOST_ROWS]


def _inexact(held: Sequence[Held]) -> list[str]:
    return [one.result.inexact for one in held if one.result.inexact]


def _path(suite: str, path: str) -> str:
    return f"golden/{suite}/{path}"
