"""junit.xml and ctrf.json of a whole run: red is what pytest itself showed red."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

NOTHING = {"boxes": [], "scores": [], "labels": []}
TESTS = """\
import pytest

def test_fine(detector): ...
def test_lost(revision): assert revision.name == "v1"
def test_both(detector): assert False
@pytest.mark.skip(reason="not today")
def test_later(detector): ...
def test_no_revision(): ...
"""


@pytest.fixture
def mixed(project):
    """Cases and tests that are kept, lost, failed by both, mended, let pass by the policy and waived."""
    for name in ("kept", "lost", "waived", "both", "mended"):
        project.case(name)
    for name in ("first", "second"):
        project.case(name, severity="minor")
    project.revision("v1", both=NOTHING, mended=NOTHING)
    project.revision("v2", **dict.fromkeys(("lost", "waived", "both", "first", "second"), NOTHING))
    project.policy(project.suite.joinpath("gate.toml").read_text() + "[regressions]\nminor = 1\n")
    (project.suite / "waivers.toml").write_text(
        'schema = 1\n[[waiver]]\nid = "W-1"\nowner = "li"\nreason = "relabelled"\nexpires = "2999-01-01"\n'
        '[waiver.scope]\ncases = ["waived"]\n'
    )
    project.test_file(TESTS)
    return project


def shown(tree):
    """What became of each test case, by name, as the file tells it."""
    return {
        case.get("name").rpartition("::")[2]: child[0].tag if (child := list(case)) else "passed"
        for case in tree.iter("testcase")
        if not case.get("classname").startswith("verdict.")
    }


def test_w9_the_same_names_are_red_as_in_pytests_own_file(mixed):
    mixed.compare("--junitxml=own.xml", "-o", "junit_family=xunit1")
    own = shown(ElementTree.parse(mixed.root / "own.xml"))
    told = shown(ElementTree.parse(mixed.root / "reports/latest/junit.xml"))
    assert told == own
    red = {name for name, became in told.items() if became in ("failure", "error")}
    assert red == {"lost[v2]", "second[v2]", "test_lost[v2]"}


def test_w9_the_counts_of_junit_are_those_of_its_elements(mixed):
    mixed.compare()
    root = ElementTree.parse(mixed.root / "reports/latest/junit.xml").getroot()
    for suite in (root, *root.iter("testsuite")):
        for name, element in {
            "tests": "testcase",
            "failures": "failure",
            "errors": "error",
            "skipped": "skipped",
        }.items():
            assert int(suite.get(name)) == len([*suite.iter(element)]), name
        assert float(suite.get("time")) >= 0


def test_ctrf_counts_what_junit_counts(mixed):
    mixed.compare()
    told = json.loads((mixed.root / "reports/latest/ctrf.json").read_text())["results"]
    suites = ElementTree.parse(mixed.root / "reports/latest/junit.xml").getroot()
    status = {test["name"]: test["status"] for test in told["tests"]}
    assert told["summary"]["tests"] == int(suites.get("tests")) == len(told["tests"])
    assert told["summary"]["failed"] == int(suites.get("failures")) + int(suites.get("errors"))
    assert (status["lost[v2]"], status["waived[v2]"], status["both[v1]"]) == ("failed", "other", "other")
    assert status["verdict[v2]"] == "failed"


def test_what_did_not_run_is_red_and_so_is_the_verdict(mixed):
    mixed.compare("-k", "not kept")
    suites = ElementTree.parse(mixed.root / "reports/latest/junit.xml").getroot()
    kept = [case for case in suites.iter("testcase") if case.get("name").startswith("kept[")]
    assert [case[0].get("type") for case in kept] == ["missing", "missing"]
    told = json.loads((mixed.root / "reports/latest/ctrf.json").read_text())["results"]
    assert told["summary"]["pending"] == 2


def test_a_pass_has_nothing_red(toy):
    assert toy.compare().ret == 0
    suites = ElementTree.parse(toy.root / "reports/latest/junit.xml").getroot()
    assert (suites.get("failures"), suites.get("errors"), suites.get("skipped")) == ("0", "0", "0")
    assert suites.find("testsuite[@name='verdict']/testcase").get("name") == "verdict[v2]"
