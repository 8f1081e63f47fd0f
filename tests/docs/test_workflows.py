"""The workflows keep their rules, and their last job never passes without a run folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_damover.domain.journal import Finished, ItemOutcome
from pytest_damover.domain.plan_file import plan_to_text
from pytest_damover.domain.revision import FileEntry, Revision
from pytest_damover.domain.run import Plan
from pytest_damover.store import JournalWriter, create_run_folder, text_digest, write_text

yaml = pytest.importorskip("yaml", reason="PyYAML reads the workflows")

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.y*ml"))
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
CHECKOUT = "actions/checkout@"


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    """Each workflow file in turn."""
    found: Path = request.param
    return found


@pytest.fixture
def workflow(path: Path) -> dict[str, Any]:
    """Each workflow in turn, as data."""
    return read(path)


@pytest.fixture
def gate() -> dict[str, Any]:
    """The model gate."""
    return read(ROOT / ".github/workflows/model-gate.yml")


def read(path: Path) -> dict[str, Any]:
    """A workflow as data; the key `on` is the boolean of YAML 1.1."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in data.items()}


def steps(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of every job."""
    for job in workflow["jobs"].values():
        yield from job["steps"]


def test_both_workflows_are_there():
    assert [path.stem for path in WORKFLOWS] == ["ci", "model-gate"]


def test_every_action_is_pinned_to_a_commit_and_says_its_release(path):
    lines = [line.strip(" -") for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert lines
    assert [line for line in lines if not PINNED.fullmatch(line)] == []


def test_one_action_has_one_pin():
    pins = {pin for path in WORKFLOWS for pin in re.findall(r"uses: (\S+@\S+)", path.read_text(encoding="utf-8"))}
    assert len({pin.partition("@")[0] for pin in pins}) == len(pins)


def test_nothing_is_granted_but_reading(workflow):
    assert workflow["permissions"] == {}
    assert [job["permissions"] for job in workflow["jobs"].values()] == [{"contents": "read"}] * len(workflow["jobs"])


def test_the_token_does_not_stay_in_the_checkout(workflow):
    checkouts = [step for step in steps(workflow) if step.get("uses", "").startswith(CHECKOUT)]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_no_expression_inside_a_script(workflow):
    assert [step["run"] for step in steps(workflow) if "${{" in step.get("run", "")] == []


def test_every_job_has_a_time_limit(workflow):
    assert all(job["timeout-minutes"] > 0 for job in workflow["jobs"].values())


def test_no_workflow_runs_foreign_code_with_rights(workflow):
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(workflow["on"])


def test_pull_requests_never_reach_a_machine_of_ours(workflow):
    if "pull_request" in workflow["on"]:
        assert all("self-hosted" not in job["runs-on"] for job in workflow["jobs"].values())


def test_the_gate_is_triggered_by_main_by_the_clock_and_by_hand(gate):
    assert set(gate["on"]) == {"push", "schedule", "workflow_dispatch"}
    assert gate["on"]["push"] == {"branches": ["main"]}
    assert set(gate["on"]["workflow_dispatch"]["inputs"]) == {"baseline", "candidate"}


def test_one_gpu_runs_one_comparison_to_its_end(gate):
    job = gate["jobs"]["run"]
    assert "self-hosted" in job["runs-on"]
    assert job["concurrency"]["cancel-in-progress"] is False
    assert "DAMOVER_GPU" in job["concurrency"]["group"]


def test_the_last_job_always_runs_on_another_machine(gate):
    job = gate["jobs"]["verdict"]
    assert job["if"] == "always()"
    assert job["needs"] == "run"
    assert job["runs-on"] == "ubuntu-latest"
    assert "continue-on-error" not in str(gate)


@pytest.fixture
def judge_again(gate: dict[str, Any], tmp_path: Path) -> Any:
    """Runs the script of the last step in an empty folder and returns its exit code."""
    script = gate["jobs"]["verdict"]["steps"][-1]["run"]
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash")
    here = tmp_path / "bin"
    here.mkdir()
    (here / "damover").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pytest_damover.cli "$@"\n')
    (here / "damover").chmod(0o755)
    environment = {**os.environ, "PATH": f"{here}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}

    def run() -> int:
        command = [bash, "-eo", "pipefail", "-c", script]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True).returncode

    return run


def test_without_a_run_folder_the_last_job_fails(judge_again, tmp_path):
    assert judge_again() == 1
    (tmp_path / "run-folder").mkdir()
    (tmp_path / "run-folder/verdict.json").write_text('{"verdict": "PASS"}')
    assert judge_again() == 1


def test_the_last_job_believes_the_journal_and_not_the_verdict(judge_again, tmp_path):
    folder = create_run_folder(tmp_path, "run-folder")
    baseline, candidate = (Revision(name, name, "o/m", "local", None, (FileEntry("f", 1, name * 64),)) for name in "ab")
    plan = Plan("run-folder", "", "pytest", "replay", "cpu", baseline, (candidate,), (), (), (), ())
    write_text(folder.plan, plan_to_text(plan))
    journal = JournalWriter(folder.journal)
    journal.begin("run-folder", text_digest(plan_to_text(plan)), {})
    journal.start("never planned")
    journal.finish(Finished("never planned", ItemOutcome.PASSED))
    journal.end("finished")
    write_text(folder.verdict, '{"verdict": "PASS"}')
    assert judge_again() == 21
