"""The exit code is the verdict's, never pytest's own."""

from __future__ import annotations

import json
import shutil

import pytest

NOTHING = {"boxes": [], "scores": [], "labels": []}


def test_g13_pass_is_0(toy):
    result = toy.compare()
    assert result.ret == 0
    assert toy.verdict["verdict"] == "PASS"
    assert toy.verdict["counts"] == {"planned": 8, "run": 8, "passed": 8, "failed": 0, "skipped": 0, "missing": 0}
    assert sorted(path.name for path in (toy.root / "reports/latest").iterdir()) == [
        "ctrf.json",
        "journal.jsonl",
        "junit.xml",
        "plan.json",
        "report.html",
        "summary.md",
        "verdict.json",
    ]


def test_g13_regression_fails_is_1(project):
    project.case("kept")
    project.case("lost")
    project.revision("v1")
    project.revision("v2", lost=NOTHING)
    result = project.compare()
    result.assert_outcomes(passed=3, failed=1)
    assert result.ret == 1
    assert ("regressions.major", "FAIL") in project.bad_findings()


def test_a_case_that_the_baseline_fails_is_xfailed_on_both(project):
    project.case("kept")
    project.case("hard")
    project.revision("v1", hard=NOTHING)
    project.revision("v2", hard=NOTHING, latency_ms=0.001)
    result = project.compare("-rx")
    result.assert_outcomes(passed=2, xfailed=2)
    result.stdout.fnmatch_lines(["*baseline already fails this*", "*known failure: the baseline fails this too*"])
    assert result.ret == 0


def test_a_case_that_only_the_baseline_fails_is_fixed(project):
    project.case("kept")
    project.case("mended")
    project.revision("v1", mended=NOTHING)
    project.revision("v2")
    result = project.compare()
    result.assert_outcomes(passed=3, xfailed=1)
    assert result.ret == 0


def test_as_many_regressions_as_the_policy_allows_are_shown_as_allowed(project):
    for name in ("kept", "first", "second"):
        project.case(name, severity="minor")
    project.revision("v1")
    project.revision("v2", first=NOTHING, second=NOTHING)
    policy = project.suite.joinpath("gate.toml").read_text()
    project.policy(policy + "[regressions]\nminor = 2\n")
    result = project.compare("-rx")
    result.assert_outcomes(passed=4, xfailed=2)
    result.stdout.fnmatch_lines(["*minor regression 1 of 2 allowed*"])
    assert result.ret == 0
    project.policy(policy + "[regressions]\nminor = 1\n")
    result = project.compare()
    result.assert_outcomes(passed=4, xfailed=1, failed=1)
    assert result.ret == 1


def test_identical_names_are_20(toy):
    assert toy.run("--revisions", "v1,v1").ret == 20
    assert toy.bad_findings() == [("identical", "INCONCLUSIVE")]


def test_a_folder_copied_under_two_names_is_20(toy):
    shutil.copytree(toy.root / "hub/acme/phones/v1", toy.root / "hub/acme/phones/v3")
    result = toy.run("--revisions", "v1,v3")
    assert result.ret == 20
    assert toy.verdict["candidates"][0]["digest"] == toy.verdict["baseline"]["digest"]


def test_an_unknown_revision_is_4_and_lists_what_exists(toy):
    result = toy.run("--revisions", "v9.9.9,v1")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*v9.9.9*", "*v1, v2*"])
    assert not (toy.root / "reports").exists()


def test_a_broken_case_is_one_error_and_the_others_still_run(toy):
    (toy.suite / "cases/broken.json").write_text(
        '{"name": "b", "image_path": "x.png", "expected": {"min_objects": "1"}}'
    )
    result = toy.compare()
    result.assert_outcomes(passed=8, failed=1)
    result.stdout.fnmatch_lines(
        ['*suites/toy/cases/broken.json: $.expected.min_objects: "1"', "*allowed: a whole number, 0 to 10000"]
    )
    assert result.ret == 21
    assert toy.verdict["verdict"] == "ERROR"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--collect-only",),
        ("-k", "nothing_is_called_so"),
        ("-k", "one"),
        ("-m", "gpu"),
        ("--deselect", "suites/toy/cases"),
    ],
    ids=lambda arguments: arguments[0] + arguments[-1][:7],
)
def test_g13_what_did_not_run_whole_is_20(toy, arguments):
    assert toy.compare(*arguments).ret == 20


def test_g13_stopped_at_the_first_failure_is_no_pass(project):
    for name in ("a", "b", "c"):
        project.case(name)
    project.revision("v1")
    project.revision("v2", a=NOTHING)
    result = project.compare("-x")
    result.assert_outcomes(passed=3, failed=1)
    assert result.ret == 1
    assert project.verdict["counts"]["missing"] == 2
    assert project.journal[-1]["reason"].startswith("stopped")


def test_g13_empty_revisions_are_a_usage_error(toy):
    assert toy.run("--revisions", "").ret == 4
    assert toy.run("--revisions", "v1,,v2").ret == 4


def test_g5_no_case_at_all_is_20(project):
    project.revision("v1")
    project.revision("v2", latency_ms=1)
    assert project.compare().ret in (20, 21)


def test_g5_one_case_is_too_little_where_two_are_wanted(project):
    project.case("one")
    project.revision("v1")
    project.revision("v2", latency_ms=0.001)
    assert project.compare().ret == 20
    assert ("evidence.cases", "INCONCLUSIVE") in project.bad_findings()


def test_a_suite_without_policy_is_an_error_before_anything_runs(toy):
    (toy.suite / "gate.toml").unlink()
    assert toy.compare().ret == 21
    assert [record["kind"] for record in toy.journal] == ["begin", "end"]


def test_every_fault_of_a_policy_is_named(toy):
    toy.policy("schema = 1\nmin = 3\n[evidence]\nmin_cases = 0\n")
    result = toy.compare()
    assert result.ret == 21
    text = json.dumps(toy.plan["suites"][0]["policy_faults"])
    assert "min_cases" in text
    assert r"unknown key \"min\"" in text
    assert "min_objects" in text
    result.stdout.fnmatch_lines(["  No usable policy (3): suites/toy/gate.toml: $*"])


def test_a_model_that_does_not_load_is_21(toy):
    (toy.root / "hub/acme/phones/v2/detections.json").write_text("[]")
    assert toy.compare().ret == 21


def test_a_missing_image_is_21(toy):
    (toy.suite / "images/one.png").unlink()
    result = toy.compare()
    assert result.ret == 21


def test_b3_an_image_that_is_not_the_one_the_case_was_written_for_is_21(toy):
    toy.case("five", image_sha256="0" * 64)
    assert toy.compare().ret == 21


def test_one_revision_alone_is_judged_by_the_absolute_rules(toy):
    assert toy.run("--revisions", "v1").ret == 0
    assert toy.verdict["baseline"] is None
    toy.revision("v3", one=NOTHING)
    result = toy.run("--revisions", "v3")
    result.assert_outcomes(passed=3, failed=1)
    assert result.ret == 1


def test_three_revisions_are_two_comparisons(toy):
    toy.revision("v3", one=NOTHING)
    result = toy.run("--revisions", "v1,v2,v3")
    assert result.ret == 1
    assert [(one["revision"], one["verdict"]) for one in toy.verdict["candidates"]] == [("v2", "PASS"), ("v3", "FAIL")]


def test_the_baseline_may_be_named_apart(toy):
    toy.run("--revisions", "v2,v1", "--baseline", "v1")
    assert toy.verdict["baseline"]["revision"] == "v1"
    assert toy.verdict["candidates"][0]["revision"] == "v2"


def test_no_gate_is_plain_pytest(project):
    project.case("lost")
    project.revision("v1", lost=NOTHING)
    project.revision("v2", lost=NOTHING, latency_ms=0.001)
    result = project.compare("--damover-no-gate")
    result.assert_outcomes(failed=2)
    assert result.ret == 1
    assert not (project.root / "reports").exists()


def test_the_verdict_is_the_last_thing_said(toy):
    result = toy.compare()
    last = "\n".join(result.stdout.lines[-25:])
    assert "PASS" in last
    assert "report.html" in last


def test_what_results_depend_on_beside_the_files_is_in_journal_and_report(toy):
    toy.compare()
    loads = [record for record in toy.journal if record["kind"] == "load"]
    assert [load["revision"] for load in loads] == ["v1", "v2"]
    facts = loads[0]["facts"]
    assert facts.pop("load_ns") > 0
    assert facts == {"detector": "replay", "device": "cpu", "runner": "inline"}
    assert "v2: detector" in (toy.root / "reports/latest/report.html").read_text()
