"""A whole run under a policy, or on cases, that stop nothing is an ERROR that says so."""

from __future__ import annotations


def control(project):
    (found,) = [finding for finding in project.findings() if finding["rule"] == "control"]
    return found


def test_g12_what_is_planted_is_stopped_and_said_in_the_verdict_but_not_at_the_top(toy):
    result = toy.compare()
    assert result.ret == 0
    assert control(toy)["reason"] == "negative-control-stopped"
    assert control(toy)["n"] == 8
    assert "Negative control" not in result.stdout.str()
    assert "Negative control" in (toy.root / "reports/latest/report.html").read_text()


def test_g12_a_policy_that_stops_nothing_is_21_and_is_named(toy):
    toy.policy((toy.suite / "gate.toml").read_text() + "[regressions]\nmajor = 4\n")
    result = toy.compare()
    assert result.ret == 21
    assert toy.bad_findings() == [("control", "ERROR")]
    assert "suites/toy/gate.toml" in control(toy)["message"]
    assert "lets everything" in " ".join(result.stdout.str().split())


def test_g12_cases_that_cannot_fail_are_21(project):
    for name in ("one", "two"):
        project.case(name, {"min_objects": 0})
    project.revision("v1")
    project.revision("v2", latency_ms=0.001)
    assert project.compare().ret == 21
    assert "give min_objects, expected_boxes or a golden" in control(project)["message"]


def test_g12_one_revision_alone_is_no_exception(toy):
    assert toy.run("--revisions", "v1").ret == 0
    toy.policy((toy.suite / "gate.toml").read_text() + "[failures]\nmajor = 4\n")
    assert toy.run("--revisions", "v1").ret == 21
    assert toy.bad_findings() == [("control", "ERROR")]


def test_g12_in_chinese(toy):
    toy.policy((toy.suite / "gate.toml").read_text() + "[regressions]\nmajor = 4\n")
    result = toy.compare("--damover-lang", "zh")
    assert "阴性对照" in result.stdout.str()
