"""No damage of a run folder makes a PASS: neither of a run that is none, nor of one from which something is missing."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_damover import remake, store
from pytest_damover.domain.errors import DamoverError
from tests.fuzz.conftest import RUNS
from tests.fuzz.mutations import byte_mutants, changed, line_mutants, paths

SETTINGS = settings(
    max_examples=300, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
STOPPED = sorted(
    path.parent for path in RUNS.glob("*/expected.json") if json.loads(path.read_text())["verdict"] != "PASS"
)
WHOLE = RUNS / "clean"
NOT_JUDGED = ("reason", "duration_ns", "image_size_px", "environment", "facts")
"""What a journal tells the reader alone."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return store.RunFolder(tmp_path_factory.mktemp("spoilt"))


def answer(folder, plan, journal):
    """The verdict of these bytes, or `refused`."""
    folder.plan.write_bytes(plan)
    folder.journal.write_bytes(journal)
    try:
        return remake.judge_folder(folder).verdict.verdict.value
    except DamoverError:
        return "refused"


def read(run):
    return (run / "plan.json").read_bytes(), (run / "journal.jsonl").read_bytes()


@SETTINGS
@given(st.data())
def test_a_run_that_is_no_pass_stays_none_whatever_lines_it_loses(folder, data):
    plan, journal = read(data.draw(st.sampled_from(STOPPED)))
    spoilt = data.draw(line_mutants(journal))
    if answer(folder, plan, spoilt) == "PASS":
        assert (plan, spoilt) == read(WHOLE)  # the damage was taken out again


@SETTINGS
@given(st.data())
def test_a_run_that_is_no_pass_stays_none_whatever_becomes_of_its_plan(folder, data):
    plan, journal = read(data.draw(st.sampled_from(STOPPED)))
    assert answer(folder, data.draw(byte_mutants(plan)), journal) != "PASS"


@SETTINGS
@given(st.data())
def test_a_pass_is_lost_with_any_byte_of_its_plan(folder, data):
    plan, journal = read(WHOLE)
    spoilt = data.draw(byte_mutants(plan) | line_mutants(plan))
    assert (answer(folder, spoilt, journal) == "PASS") == (spoilt == plan)


@SETTINGS
@given(st.data())
def test_a_pass_is_lost_with_any_line_of_its_journal(folder, data):
    plan, journal = read(WHOLE)
    spoilt = data.draw(line_mutants(journal))
    assert (answer(folder, plan, spoilt) == "PASS") == (spoilt == journal)


def keys_less(journal):
    """The journal without one key or element of one record, every one of them in turn."""
    lines = journal.splitlines(keepends=True)
    for place, line in enumerate(lines):
        record = json.loads(line)
        for path in paths(record):
            if path:
                less = changed(record, path, lambda part, key: part.__delitem__(key)) + b"\n"
                yield path, b"".join((*lines[:place], less, *lines[place + 1 :]))


def test_a_pass_is_lost_with_any_value_that_the_judge_reads(folder):
    plan, journal = read(RUNS / "pass-with-every-rule")
    assert answer(folder, plan, journal) == "PASS"
    passed = [path for path, spoilt in keys_less(journal) if answer(folder, plan, spoilt) == "PASS"]
    assert [path for path in passed if path[0] not in NOT_JUDGED] == []
