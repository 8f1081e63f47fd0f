"""Where the models ran and what their code was kept from, as the report tells it."""

import dataclasses

import pytest

from pytest_damover.domain.confinement import Confinement, Guard
from pytest_damover.domain.safety import Reason, Safety, SafetyClass
from pytest_damover.report.views.running import running
from pytest_damover.report.words import words_in

CODE = Safety(SafetyClass.EXECUTES_CODE, (Reason("damoyolo.py", "a Python file"),))
HELD = Confinement(((Guard.NETWORK, "a namespace and a filter"),), ((Guard.READING, "no Landlock"),)).to_json()


@pytest.fixture
def told(failing):
    toy_run = failing[0]

    def tell(facts, safety=CODE, lang="en"):
        name = toy_run.plan.candidates[0].name
        plan = dataclasses.replace(toy_run.plan, safety={name: safety}, consents={name: "Ann, 2026-01-01"})
        journal = dataclasses.replace(toy_run.journal, loads=tuple((name, one) for one in facts))
        return running(dataclasses.replace(toy_run, plan=plan, journal=journal), words_in(lang))

    return tell


def test_a_confined_child_names_what_holds_and_what_does_not(told):
    (one,) = told([{"runner": "process", "confinement": HELD}])
    assert (one["where"], one["note"]) == ("each in a child process of its own", "")
    assert one["consents"] == [f"Consent to the code of {one['revisions'][0]}: Ann, 2026-01-01"]
    assert one["kept_from"] == [("any network connection", "a namespace and a filter")]
    assert one["open"] == [("reading anything but the system, Python and the model", "no Landlock")]


def test_code_that_ran_with_the_tests_is_said_to_be_unconfined(told):
    both = told([{"runner": "process", "confinement": HELD}, {"runner": "inline"}, {"runner": "inline"}])
    assert [one["where"] for one in both] == ["each in a child process of its own", "in the process that ran the tests"]
    assert both[1]["note"].startswith("Not confined")


def test_data_alone_needs_no_confinement(told):
    (one,) = told([{"runner": "inline"}], Safety(SafetyClass.SAFETENSORS))
    assert one["note"] == "Loading it runs no code of its own."


@pytest.mark.parametrize("nonsense", [7, {"in_force": 7}, {"in_force": [["cats", ""]], "not_prevented": []}])
def test_what_cannot_be_read_is_not_taken_for_a_guard(told, nonsense):
    (one,) = told([{"runner": "process", "confinement": nonsense}])
    assert one["kept_from"] == []
    assert one["note"].startswith("Not confined")


def test_it_is_told_in_chinese(told):
    (one,) = told([{"runner": "process", "confinement": HELD}], lang="zh")
    assert one["where"] == "各自在独立的子进程中"
