"""`damover ci`: what a CI job shows of a run, and what it makes of one that is not whole."""

from __future__ import annotations

import json
import re

import pytest

FILES = ("plan.json", "journal.jsonl", "verdict.json")


@pytest.fixture
def job(tmp_path, monkeypatch):
    """The files that GitHub's runner gives a step."""
    paths = {name: tmp_path / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for name, path in paths.items():
        path.write_text("before=1\n")
        monkeypatch.setenv(name, str(path))

    def read(name):
        return paths[name].read_text(encoding="utf-8").removeprefix("before=1\n")

    return read


def outputs(job):
    return dict(line.split("=", 1) for line in job("GITHUB_OUTPUT").splitlines())


def test_publish_gives_outputs_summary_and_annotations(damover, job, run_folder):
    code, out, err = damover("ci", "publish", run_folder.parent)
    assert (code, err) == (0, "")
    assert outputs(job) == {
        "verdict": "FAIL",
        "report-path": str(run_folder / "report.html"),
        "run-folder": str(run_folder),
        "baseline": "v1",
        "candidate": "v2",
    }
    assert job("GITHUB_STEP_SUMMARY") == (run_folder / "summary.md").read_text(encoding="utf-8")
    assert out.startswith("::error title=FAIL::v2 must not replace v1.")
    assert "file=suites/toy/cases/" in out


def test_publish_speaks_the_language_that_is_asked_for(damover, job, run_folder):
    assert damover("ci", "publish", run_folder.parent, "--lang", "zh")[0] == 0
    assert "准入结论" in job("GITHUB_STEP_SUMMARY")


def test_publish_judges_and_does_not_believe_what_lies_there(damover, job, run_folder):
    (run_folder / "verdict.json").write_text('{"verdict": "PASS"}')
    (run_folder / "summary.md").write_text("PASS")
    damover("ci", "publish", run_folder.parent)
    assert outputs(job)["verdict"] == "FAIL"
    assert "(FAIL)" in job("GITHUB_STEP_SUMMARY")


def test_publish_of_a_run_that_was_killed_says_inconclusive_and_names_no_report(damover, job, run_folder):
    for name in ("verdict.json", "report.html", "summary.md"):
        (run_folder / name).unlink()
    lines = (run_folder / "journal.jsonl").read_text().splitlines(keepends=True)
    (run_folder / "journal.jsonl").write_text("".join(lines[:3]))
    assert damover("ci", "publish", run_folder.parent)[0] == 0
    assert (outputs(job)["verdict"], outputs(job)["report-path"]) == ("INCONCLUSIVE", "")


@pytest.mark.usefixtures("run_folder")
def test_c5_publish_without_any_run_is_inconclusive(damover, job, tmp_path):
    assert damover("ci", "publish", tmp_path)[0] == 20
    assert outputs(job) == {"verdict": "INCONCLUSIVE"}


def test_c5_a_whole_run_folder_ends_as_its_verdict(damover, job, run_folder):
    code, out, _ = damover("ci", "check", run_folder)
    assert (code, outputs(job)["verdict"]) == (1, "FAIL")
    assert "judged again: FAIL for v2" in out


@pytest.mark.parametrize("name", FILES)
def test_c5_a_file_that_is_missing_is_no_pass(damover, job, run_folder, name):
    (run_folder / name).unlink()
    code, out, _ = damover("ci", "check", run_folder)
    assert (code, outputs(job)) == (20, {"verdict": "INCONCLUSIVE"})
    assert name in out


@pytest.mark.usefixtures("run_folder")
def test_c5_no_folder_at_all_is_no_pass(damover, job, tmp_path):
    assert damover("ci", "check", tmp_path / "run-folder")[0] == 20
    assert outputs(job) == {"verdict": "INCONCLUSIVE"}


def test_c5_another_verdict_than_plan_and_journal_give_is_an_error(damover, job, run_folder):
    data = json.loads((run_folder / "verdict.json").read_text())
    (run_folder / "verdict.json").write_text(json.dumps({**data, "verdict": "PASS"}))
    assert damover("ci", "check", run_folder)[0] == 21
    assert outputs(job) == {"verdict": "ERROR"}


def test_c5_a_run_that_was_never_planned_so_is_refused(damover, job, run_folder):
    (run_folder / "plan.json").write_text("{}")
    assert damover("ci", "check", run_folder)[0] == 4
    assert job("GITHUB_OUTPUT") == ""


def test_w7_a_revision_that_is_called_like_an_output_adds_none(damover, job, run_folder):
    plan = json.loads((run_folder / "plan.json").read_text())
    evil = "v2\nverdict=PASS\r\n::add-mask::x"
    plan["candidates"][0]["name"] = evil
    (run_folder / "plan.json").write_text(json.dumps(plan))
    _, out, _ = damover("ci", "publish", run_folder.parent)
    assert outputs(job)["verdict"] != "PASS"
    assert [line.partition("=")[0] for line in job("GITHUB_OUTPUT").splitlines()] == [
        "verdict", "report-path", "run-folder", "baseline", "candidate"
    ]  # fmt: skip
    assert all(re.match("::(error|warning|notice) title=", line) for line in out.splitlines())


def test_without_github_everything_is_shown(damover, run_folder, monkeypatch):
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    out = damover("ci", "publish", run_folder.parent)[1]
    assert "verdict=FAIL\n" in out
    assert "## ❌" in out
