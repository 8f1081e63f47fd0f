"""The step that compares: one run at a time on a GPU, with real processes and util-linux's own flock."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml", reason="PyYAML reads the action")
pytestmark = pytest.mark.skipif(not (shutil.which("bash") and shutil.which("flock")), reason="needs bash and flock")

ROOT = Path(__file__).resolve().parents[2]
PYTHON = """\
#!/usr/bin/env bash
printf '%s\\n' "$@" > "$SAID.$$" && mv "$SAID.$$" "$SAID"
{body}
"""
DEADLINE_S = 60


class Machine:
    """A machine with one GPU; `begin` starts the step as a runner would, with `body` in place of pytest."""

    def __init__(self, folder: Path) -> None:
        steps = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
        self.script = next(step["run"] for step in steps if step.get("id") == "compare")
        self.folder = folder
        self.lock = folder / "damover-gpu-0.lock"
        self.begun: list[subprocess.Popen[str]] = []

    def begin(self, name: str, body: str = "exit 0", **inputs: str) -> subprocess.Popen[str]:
        """A process group of its own; what pytest is called with is in the file `name`."""
        python = self.folder / f"python-{name}"
        python.write_text(PYTHON.format(body=body))
        python.chmod(0o755)
        given = dict.fromkeys(("BASELINE", "SUITE", "ARGUMENTS", "REPORT_LANG"), "")
        given |= {"REVISIONS": "v1,v2", "DEVICE": "cuda", "GPU": "gpu-0", "LOCK_TIMEOUT_S": "60"}
        given |= {"LOCK_FOLDER": str(self.folder), "RUNNER_TEMP": str(self.folder), "PYTHON": str(python)}
        given |= {"GITHUB_OUTPUT": str(self.folder / f"{name}.output"), "SAID": str(self.folder / name), **inputs}
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", self.script]
        environment = {**os.environ, **given}
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True, cwd=self.folder
        )
        self.begun.append(process)
        return process

    def ran(self, name: str) -> bool:
        """True when pytest was called in that run."""
        return (self.folder / name).exists()


def wait_for(condition: Callable[[], bool]) -> None:
    """Until the condition holds, or too long."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path)
    yield machine
    for process in machine.begun:
        with contextlib.suppress(ProcessLookupError):  # what a step started may outlive it
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_c4_the_second_of_two_runs_ends_with_20_when_it_gets_no_lock(machine: Machine) -> None:
    machine.begin("first", "sleep 600")
    wait_for(lambda: machine.ran("first"))
    second = machine.begin("second", LOCK_TIMEOUT_S="0.2")
    said, _ = second.communicate(timeout=DEADLINE_S)
    assert (second.returncode, machine.ran("second")) == (20, False)
    assert "Another run has gpu-0" in said
    assert not (machine.folder / "second.output").exists()


def test_c4_killing_the_holder_frees_the_lock_at_once(machine: Machine) -> None:
    first = machine.begin("first", "sleep 600")
    wait_for(lambda: machine.ran("first"))
    second = machine.begin("second")
    time.sleep(0.3)
    assert not machine.ran("second")
    os.killpg(first.pid, signal.SIGKILL)
    assert second.wait(DEADLINE_S) == 0
    assert machine.ran("second")


def test_c4_while_a_process_of_the_run_lives_the_gpu_is_not_free(machine: Machine) -> None:
    first = machine.begin("first", "sleep 600 & sleep 600")
    wait_for(lambda: machine.ran("first"))
    os.kill(first.pid, signal.SIGKILL)  # the step alone: what it started computes on
    first.wait(DEADLINE_S)
    second = machine.begin("second", LOCK_TIMEOUT_S="0.2")
    assert second.wait(DEADLINE_S) == 20
    os.killpg(first.pid, signal.SIGKILL)
    assert machine.begin("third").wait(DEADLINE_S) == 0


def test_c4_another_gpu_is_another_lock(machine: Machine) -> None:
    machine.begin("first", "sleep 600")
    wait_for(lambda: machine.ran("first"))
    assert machine.begin("second", GPU="../gpu 1", LOCK_TIMEOUT_S="0").wait(DEADLINE_S) == 0
    assert (machine.folder / "damover-.._gpu_1.lock").is_file()


@pytest.mark.parametrize("timeout", ["soon", "", "-1"])
def test_c4_a_time_limit_that_is_none_starts_nothing(machine: Machine, timeout: str) -> None:
    machine.begin("first", "sleep 600")
    wait_for(lambda: machine.ran("first"))
    assert machine.begin("second", LOCK_TIMEOUT_S=timeout).wait(DEADLINE_S) == 20
    assert not machine.ran("second")


def test_c3_a_dirty_machine_runs_nothing_until_somebody_cleans_it(machine: Machine) -> None:
    mark = machine.lock.with_name("damover-gpu-0.lock.dirty")
    mark.write_text("process 7: python\n")
    assert machine.begin("first").wait(DEADLINE_S) == 20
    assert not machine.ran("first")
    mark.unlink()
    assert machine.begin("second").wait(DEADLINE_S) == 0


def test_c1_inputs_are_arguments_and_never_script(machine: Machine) -> None:
    evil = "v1,$(touch gone);`touch gone`"
    run = machine.begin("first", REVISIONS=evil, BASELINE="v1 v2", SUITE="suites/a b", ARGUMENTS="-x $(touch gone) *")
    assert run.wait(DEADLINE_S) == 0
    said = (machine.folder / "first").read_text().splitlines()
    assert said[:4] == ["-m", "pytest", f"--revisions={evil}", "--damover-device=cuda"]
    assert said[4].startswith(f"--damover-reports={machine.folder}/damover.")  # apart, it would be pytest's root
    assert said[5:] == ["--baseline=v1 v2", "suites/a b", "-x", "$(touch", "gone)", "*"]
    assert not (machine.folder / "gone").exists()


@pytest.mark.parametrize("code", [0, 1, 4, 20, 21])
def test_the_step_ends_as_the_verdict_does(machine: Machine, code: int) -> None:
    assert machine.begin("first", f"exit {code}").wait(DEADLINE_S) == code


def test_the_run_folder_is_looked_for_in_a_folder_of_this_job_alone(machine: Machine) -> None:
    assert [machine.begin(name).wait(DEADLINE_S) for name in ("first", "second")] == [0, 0]
    outputs = [(machine.folder / f"{name}.output").read_text() for name in ("first", "second")]
    assert outputs[0] != outputs[1]
    assert all(f"lock={machine.lock}\n" in text for text in outputs)
