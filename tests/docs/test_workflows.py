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
ACTION = ROOT / "action.yml"
KEYS = ("secrets.", "id-token", "signing")
"""What in a job's text says that it has a key."""


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
    for job in workflow.get("jobs", {"": workflow.get("runs")}).values():
        yield from job["steps"]


def test_both_workflows_are_there():
    assert [path.stem for path in WORKFLOWS] == ["ci", "model-gate"]


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda path: path.stem)
def test_c1_every_action_is_pinned_to_a_commit_and_says_its_release(path):
    lines = [line.strip(" -") for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert lines
    assert [line for line in lines if not PINNED.fullmatch(line)] == []


def test_c1_zizmor_is_pinned_part_of_make_check_and_told_to_overlook_nothing():
    assert re.search(r'"zizmor==\d', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^check:.* workflows\b", makefile, re.MULTILINE)
    assert "zizmor --offline --no-config" in makefile
    assert [path.name for path in (*WORKFLOWS, ACTION) if "zizmor:" in path.read_text(encoding="utf-8")] == []
    assert not [*ROOT.glob("zizmor.y*ml"), *ROOT.glob(".github/zizmor.y*ml")]


def test_one_action_has_one_pin():
    pins = {
        pin for path in (*WORKFLOWS, ACTION) for pin in re.findall(r"uses: (\S+@\S+)", path.read_text(encoding="utf-8"))
    }
    assert len({pin.partition("@")[0] for pin in pins}) == len(pins)


def test_c1_nothing_is_granted_but_reading(workflow):
    assert workflow["permissions"] == {}
    assert [job["permissions"] for job in workflow["jobs"].values()] == [{"contents": "read"}] * len(workflow["jobs"])


def test_c1_the_token_does_not_stay_in_the_checkout(workflow):
    checkouts = [step for step in steps(workflow) if step.get("uses", "").startswith(CHECKOUT)]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda path: path.stem)
def test_c1_no_expression_inside_a_script(path):
    workflow = read(path)
    assert [*steps(workflow)]
    assert [step["run"] for step in steps(workflow) if "${{" in step.get("run", "")] == []


def test_every_job_has_a_time_limit(workflow):
    assert all(job["timeout-minutes"] > 0 for job in workflow["jobs"].values())


def test_c1_no_workflow_runs_foreign_code_with_rights(workflow):
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(workflow["on"])


def test_c2_pull_requests_never_reach_a_machine_of_ours(workflow):
    if "pull_request" in workflow["on"]:
        assert all("self-hosted" not in job["runs-on"] for job in workflow["jobs"].values())


def test_c2_the_gate_is_triggered_by_main_by_the_clock_and_by_hand(gate):
    assert set(gate["on"]) == {"push", "schedule", "workflow_dispatch", "workflow_call"}
    assert gate["on"]["push"] == {"branches": ["main"]}
    assert set(gate["on"]["workflow_dispatch"]["inputs"]) == {"baseline", "candidate"}


def evaluated(expression: str, **facts: Any) -> Any:
    """What GitHub makes of an expression of names, texts, `!`, `==`, `&&`, `||` and brackets; no fact is null."""
    known = {"github.event_name": None, "github.ref_protected": False, "github.event.repository.fork": False, **facts}
    python = expression.removeprefix("${{").removesuffix("}}")
    for name, value in sorted(known.items(), key=lambda one: -len(one[0])):
        python = python.replace(name, repr(value))
    python = re.sub(r"!(?!=)", " not ", python.replace("&&", " and ").replace("||", " or "))
    assert not re.search(r"\b(github|inputs|vars)\.", python), f"unknown: {python}"
    return eval(" ".join(python.split()), {"__builtins__": {}})


TRIGGERS = (
    ("push", True, False, True),
    ("push", False, False, False),
    ("push", True, True, False),
    ("schedule", False, False, True),
    ("schedule", False, True, False),
    ("workflow_dispatch", False, False, True),
    ("workflow_dispatch", False, True, False),
    ("pull_request", True, False, False),
    ("pull_request", False, True, False),
    ("pull_request_target", True, False, False),
    ("workflow_run", True, False, False),
    ("issue_comment", True, False, False),
    ("merge_group", True, False, False),
)


@pytest.mark.parametrize(("event", "is_protected", "is_fork", "runs"), TRIGGERS)
def test_c2_the_gpu_is_for_protected_branches_the_clock_and_what_somebody_approved(
    gate, event, is_protected, is_fork, runs
):
    """Also where another workflow calls this one: the event is then that workflow's."""
    job = gate["jobs"]["run"]
    facts = {"github.ref_protected": is_protected, "github.event.repository.fork": is_fork}
    assert bool(evaluated(job["if"], **{"github.event_name": event, **facts})) is runs
    by_hand = evaluated(job["environment"], **{"github.event_name": event}) == "gpu-by-hand"
    assert by_hand is (event == "workflow_dispatch")


def test_c2_what_triggers_the_gate_never_has_a_fork_behind_it(gate):
    assert not {"pull_request", "pull_request_target", "workflow_run", "issue_comment"} & set(gate["on"])


def keys_near_models(workflow: dict[str, Any]) -> list[str]:
    """Jobs that have a key and could give it away: on a machine of ours, without an approval, or running models."""
    with_keys = {name: job for name, job in workflow["jobs"].items() if any(key in str(job) for key in KEYS)}
    return [
        name
        for name, job in with_keys.items()
        if "self-hosted" in job["runs-on"]
        or "environment" not in job
        or re.search("torch|modelscope|--revis", str(job))
    ]


SIGNING = {"runs-on": "ubuntu-latest", "environment": "release", "steps": [{"env": {"KEY": "${{ secrets.KEY }}"}}]}


@pytest.mark.parametrize(
    ("changed", "faulty"),
    [
        ({}, []),
        ({"runs-on": ["self-hosted", "gpu"]}, ["sign"]),
        ({"steps": [*SIGNING["steps"], {"run": "pip install torch"}]}, ["sign"]),
        ({"permissions": {"id-token": "write"}, "steps": []}, []),
        ({"permissions": {"id-token": "write"}, "steps": [], "runs-on": ["self-hosted"]}, ["sign"]),
    ],
)
def test_c8_a_key_near_a_model_would_be_seen(changed, faulty):
    assert keys_near_models({"jobs": {"sign": {**SIGNING, **changed}}}) == faulty


def test_c8_no_job_with_a_gpu_has_a_key(workflow):
    assert keys_near_models(workflow) == []


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda path: path.stem)
def test_c6_no_cache_is_shared_between_jobs(path):
    workflow = read(path)
    assert [step["uses"] for step in steps(workflow) if "cache" in step.get("uses", "")] == []
    assert [step for step in steps(workflow) if "cache" in str(step.get("with", ""))] == []


def test_action_and_workflow_run_the_same_scripts(gate):
    own = {step["name"]: step for step in gate["jobs"]["run"]["steps"] if step.get("name", "Install") != "Install"}
    action = {step["name"]: step for step in read(ACTION)["runs"]["steps"]}
    assert own.keys() == action.keys()
    for name, step in action.items():
        assert (step.get("run"), step.get("if")) == (own[name].get("run"), own[name].get("if")), name
        assert step.get("env", {}).keys() == own[name].get("env", {}).keys(), name


def test_the_action_says_what_came_out():
    outputs = read(ACTION)["outputs"]
    assert {"verdict", "report-path", "baseline", "candidate"} <= outputs.keys()


def test_the_examples_name_inputs_that_there_are(gate, manual):
    examples = [yaml.safe_load(block) for block in manual.blocks_in("yaml")]
    calls = [example["jobs"]["gate"] for example in examples if "jobs" in example]
    (use,) = (example["steps"][0] for example in examples if "steps" in example)
    assert len(calls) == 2
    for job in calls:
        assert job["with"].keys() <= gate["on"]["workflow_call"]["inputs"].keys()
        assert job["permissions"] == {"contents": "read"}
    assert use["with"].keys() <= read(ACTION)["inputs"].keys()


def test_c3_leftovers_are_looked_for_whatever_became_of_the_run(gate):
    last = gate["jobs"]["run"]["steps"][-1]
    assert "ci leftovers" in last["run"]
    assert last["if"].startswith("always()")


def test_c4_one_gpu_runs_one_comparison_to_its_end(gate):
    job = gate["jobs"]["run"]
    assert "self-hosted" in job["runs-on"]
    assert job["concurrency"]["cancel-in-progress"] is False
    assert "DAMOVER_GPU" in job["concurrency"]["group"]


def test_c5_the_last_job_always_runs_on_another_machine(gate):
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


def test_c5_without_a_run_folder_the_last_job_fails(judge_again, tmp_path):
    assert judge_again() == 20
    (tmp_path / "run-folder").mkdir()
    (tmp_path / "run-folder/verdict.json").write_text('{"verdict": "PASS"}')
    assert judge_again() == 20


def test_c5_the_last_job_believes_the_journal_and_not_the_verdict(judge_again, tmp_path):
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
