"""Cases and Python tests as rows of text, and the short lists of what was fixed or failed before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_damover.domain.comparing.comparison import CaseComparison
from pytest_damover.domain.run import DETECT, TEST
from pytest_damover.report.addresses import case_address
from pytest_damover.report.views.filters import filtered
from pytest_damover.report.views.states import QUIET_STATES, kind_of_case, why_failed
from pytest_damover.report.views.unlisted import unlisted
from pytest_damover.report.words import Words

MOST_CASES = 2000
MOST_ROWS = 1000
MOST_NAMES = 200

Told = tuple[CaseComparison, str]


def case_table(told: Sequence[Told], cards: Mapping[tuple[str, str], str], prefix: str, words: Words) -> dict[str, Any]:
    """The rows of all cases; with more than `MOST_CASES` only of those that did not simply keep passing."""
    cases = [pair for pair in told if pair[0].probe == DETECT]
    only_loud = len(cases) > MOST_CASES
    wanted = [pair for pair in cases if pair[1] not in QUIET_STATES] if only_loud else cases
    shown = wanted[:MOST_ROWS] if only_loud else wanted
    rows = [_addressed(_row(case, state, words), cards, prefix) for case, state in shown]
    left = [pair for pair in cases if pair[1] in QUIET_STATES] if only_loud else []
    kinds, rest = unlisted([*wanted[len(shown) :], *left], words)
    marked, selects = filtered([*rows, *kinds], {
        "state": (words("column.state"), lambda row: (row["word"],)),
        "slice": (words("column.slice"), lambda row: row["slice_names"]),
        "severity": (words("column.severity"), lambda row: (row["severity"],)),
        "suite": (words("column.suite"), lambda row: (row["suite"],)),
    })  # fmt: skip
    return {
        "total": len(cases),
        "rows": marked[: len(rows)],
        "kinds": marked[len(rows) :],
        "rest": rest,
        "found": len(cases) - len(rows) if rest else 0,
        "filters": selects,
        "only_loud": only_loud,
        "more": 0 if rest else len(wanted) - len(shown),
    }


def case_links(table: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """(suite, case) -> the id of its row, of the cases that have no card."""
    return {(row["suite"], row["case"]): row["id"] for row in table["rows"] if row["id"]}


def test_table(told: Sequence[Told], words: Words) -> list[dict[str, Any]]:
    """The rows of all Python tests, worst first."""
    return [_row(case, state, words) for case, state in told if case.probe == TEST][:MOST_ROWS]


def named(told: Sequence[Told], state: str, words: Words) -> dict[str, Any]:
    """The names of the cases in one state, with the reason on the candidate's side where there is one."""
    found = [case for case, its_state in told if its_state == state and case.probe == DETECT]
    return {
        "n": len(found),
        "items": [
            {"name": case.case, "suite": case.suite, "why": _first_reason(case, words)} for case in found[:MOST_NAMES]
        ],
        "more": max(0, len(found) - MOST_NAMES),
    }


def _addressed(row: dict[str, Any], cards: Mapping[tuple[str, str], str], prefix: str) -> dict[str, Any]:
    """The row with a link to its card; without a card, the row itself is what a link to the case leads to."""
    link = cards.get((row["suite"], row["case"]), "")
    return row | {"link": link, "id": "" if link else case_address(prefix, row["suite"], row["case"])}


def _row(case: CaseComparison, state: str, words: Words) -> dict[str, Any]:
    return {**kind_of_case(case, state, words), "case": case.case, "why": _first_reason(case, words)}


def _first_reason(case: CaseComparison, words: Words) -> str:
    return words.retell(next(iter(why_failed(case.candidate) or why_failed(case.baseline)), ""))
