import dataclasses

import pytest

from pytest_damover.domain.comparing.comparison import compare
from pytest_damover.domain.rules.rerun import rerun_cases, rerun_suite


@pytest.fixture
def rerun(build, day_night):
    """Asks `rerun_suite` for the commands of a run that was started by `command`."""

    def ask(command, slice_name=None):
        run = build.run(dataclasses.replace(day_night, command=command))
        return rerun_suite(run, compare(run, run.plan.candidates[0], {}), "phone", slice_name)

    return ask


def test_cases_are_named_without_their_revision(build, day_night):
    run = build.run(day_night)
    comparison = compare(run, run.plan.candidates[0], {})
    assert rerun_cases(run, comparison, comparison.cases[:2]) == (
        "pytest suites/phone/cases/day_0.json::day_0 suites/phone/cases/day_1.json::day_1 --revisions v1,v2"
    )
    assert rerun_cases(run, comparison, comparison.cases).count("::") == 5
    assert rerun_cases(run, comparison, []) == ""


@pytest.mark.parametrize(
    ("command", "kept"),
    [
        ("pytest --revisions v1,v2", ""),
        ("pytest --damover-device cpu --revisions v1,v2", " --damover-device cpu"),
        ("pytest --damover-device=cpu suites/phone -x", " --damover-device=cpu"),
        ("pytest --damover-locked suites/phone", " --damover-locked"),
        ("pytest --damover-locked", " --damover-locked"),
        ("pytest --damover-update-golden --damover-no-gate", ""),
        ("pytest 'no end", ""),
        ("", ""),
    ],
)
def test_options_of_the_run_are_repeated(rerun, command, kept):
    assert rerun(command) == f"pytest suites/phone --revisions v1,v2{kept}"


def test_a_slice_narrows_with_its_name_where_pytest_can_read_it(rerun):
    assert rerun("pytest", "night") == "pytest suites/phone -k night --revisions v1,v2"
    assert rerun("pytest", "a(b)") == rerun("pytest", "not") == "pytest suites/phone --revisions v1,v2"
