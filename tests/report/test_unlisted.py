"""The cases that a long table does not list: nothing of them is lost but their reasons, and few rows stand for many."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_damover.domain.case import Severity
from pytest_damover.domain.comparing.comparison import CaseComparison, Change
from pytest_damover.domain.journal import Finished, ItemOutcome
from pytest_damover.report.views import unlisted as module
from pytest_damover.report.views.cases import case_table
from pytest_damover.report.views.unlisted import unlisted
from pytest_damover.report.words import words_in

EN = words_in("en")
PASSED, FAILED = (Finished("i", outcome) for outcome in (ItemOutcome.PASSED, ItemOutcome.FAILED))


def told(name: str, state: str = "kept", slices: tuple[str, ...] = ("day",)) -> tuple[CaseComparison, str]:
    candidate = PASSED if state == "kept" else FAILED
    case = CaseComparison("phone", name, "detect", Severity.MAJOR, slices, PASSED, candidate, Change.KEPT)
    return case, state


def test_cases_that_differ_in_their_names_alone_are_of_one_kind() -> None:
    kinds, cases = unlisted([told("a"), told("b"), told("c", "regression"), told("d", slices=("night",))], EN)
    assert cases == [0, "a", 0, "b", 1, "c", 2, "d"]
    assert [(kind["word"], kind["slices"], kind["candidate"], kind["why"]) for kind in kinds] == [
        ("kept", "day", "passed", ""),
        ("regression", "day", "failed", "see the journal"),
        ("kept", "night", "passed", ""),
    ]


def test_a_name_that_is_no_address_brings_its_own() -> None:
    _, cases = unlisted([told("夜 1"), told("a\u202eb")], EN)
    assert [case[0] for case in cases[1::2]] == ["夜 1", "a\\u202eb"]
    assert all(case[1].startswith("case-phone:") and case[1].isascii() for case in cases[1::2])


def test_too_many_kinds_are_left_to_the_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KINDS", 2)
    many = [told(str(number), slices=(f"s{number}",)) for number in range(3)]
    assert unlisted(many[:2], EN)[1] == [0, "0", 1, "1"]
    assert unlisted(many, EN) == ([], [])
    assert unlisted([], EN) == ([], [])


def test_every_case_is_a_row_or_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_damover.report.views.cases.MOST_CASES", 3)
    monkeypatch.setattr("pytest_damover.report.views.cases.MOST_ROWS", 1)
    cases = [told("a", "regression"), told("b", "regression"), told("c"), told("d")]
    table: dict[str, Any] = case_table(cases, {}, "", EN)
    assert [row["case"] for row in table["rows"]] == ["a"]
    assert table["rest"][1::2] == ["b", "c", "d"]
    assert (table["found"], table["more"], table["total"]) == (3, 0, 4)
    state = table["filters"][0]
    assert [name for _, name in state["options"]] == ["regression", "kept"]
    assert [kind["chosen"]["state"] for kind in table["kinds"]] == ["0", "1"]
