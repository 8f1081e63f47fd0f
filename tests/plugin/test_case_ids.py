"""B7: a case named in Chinese has an ASCII id in pytest, is found by its name, and keeps it everywhere else."""

from __future__ import annotations

import shlex

import pytest

from pytest_damover.domain.naming import slug

NAME = "夜间_041"
ID = slug(NAME)
NOTHING = {"boxes": [], "scores": [], "labels": []}


@pytest.fixture
def chinese(project):
    """Two cases; v2 loses the one with the Chinese name."""
    project.case(NAME)
    project.case("day")
    project.revision("v1")
    project.revision("v2", **{NAME: NOTHING})
    return project


def test_b7_the_id_is_ascii_and_the_name_is_kept(chinese):
    result = chinese.compare("-v")
    assert result.ret == 1
    result.stdout.fnmatch_lines([f"{NAME}: images/{NAME}.png (major) on v2", f"FAILED *::{ID}?v2? *"])
    assert {record["item"] for record in chinese.journal if record["kind"] == "finish"} >= {f"toy/{NAME}:detect@v2"}
    assert ["toy", NAME, "detect", "v1"] in chinese.plan["items"]
    assert NAME in (chinese.root / "reports/latest/report.html").read_text()
    (lost,) = [found for found in chinese.findings() if found["verdict"] == "FAIL"]
    assert NAME in lost["message"]


@pytest.mark.parametrize("keyword", [NAME, "夜间", ID, "041"])
def test_b7_k_finds_it_by_its_name_and_by_its_id(chinese, keyword):
    chinese.compare("-k", keyword).assert_outcomes(passed=1, failed=1, deselected=2)


def test_b7_the_command_that_a_finding_gives_runs_it(chinese):
    chinese.compare()
    (lost,) = [found for found in chinese.findings() if found["verdict"] == "FAIL"]
    command = shlex.split(lost["rerun"])
    assert command[:2] == ["pytest", f"suites/toy/cases/{NAME}.json::{ID}"]
    chinese.run(*command[1:]).assert_outcomes(passed=1, failed=1)


def test_b7_lf_runs_it_again(chinese):
    chinese.pytester.runpytest_inprocess("-p", "no:hypothesispytest", "--revisions", "v1,v2")
    result = chinese.pytester.runpytest_inprocess("-p", "no:hypothesispytest", "--revisions", "v1,v2", "--lf")
    result.assert_outcomes(failed=1)


def test_b7_with_workers_it_is_the_same(chinese):
    pytest.importorskip("xdist")
    result = chinese.compare("-n", "2", "-p", "xdist")
    assert result.ret == 1
    assert chinese.verdict["counts"]["run"] == 4
