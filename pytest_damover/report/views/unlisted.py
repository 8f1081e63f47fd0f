"""The cases that a long table does not list: each a name and the number of its kind, for the page's script to find."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_damover.domain.comparing.comparison import CaseComparison
from pytest_damover.report.addresses import case_address
from pytest_damover.report.text import fitted
from pytest_damover.report.views.states import QUIET_STATES, kind_of_case
from pytest_damover.report.words import Words

# a kind is a row of the page: more of them would be the table that this is instead of
MOST_KINDS = 500

Told = tuple[CaseComparison, str]


def unlisted(told: Sequence[Told], words: Words) -> tuple[list[dict[str, Any]], list[object]]:
    """The kinds as rows without a name, and two values a case; neither where there are none, or too many kinds.

    Two cases are of one kind when they differ in nothing but their names and reasons. The values are the number of the
    kind and the name; where the name alone does not make the case's address, [name, address] instead.
    """
    kinds: dict[tuple[object, ...], int] = {}
    rows: list[dict[str, Any]] = []
    cases: list[object] = []
    for case, state in told:
        ends = [None if end is None else end.outcome for end in (case.baseline, case.candidate)]
        key = (case.suite, state, case.severity, case.slices, *ends)
        if key not in kinds:
            kinds[key] = len(kinds)
            why = "" if state in QUIET_STATES else words("cases.reason_in_journal")
            rows.append({**kind_of_case(case, state, words), "why": why})
        name, address = fitted(case.case), case_address("", case.suite, case.case)
        cases += (kinds[key], name if address == f"case-{case.suite}:{name}" else [name, address])
    if not 0 < len(rows) <= MOST_KINDS:
        return [], []
    return rows, cases
