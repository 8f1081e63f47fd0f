"""`damover ci leftovers`: a process that outlives its run makes the machine dirty."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys

import pytest

from pytest_damover.cli import leftovers

MEMORY = ["0, NVIDIA H200, 3 MiB, 143771 MiB"]


def answers(computing):
    """A GPU's answers; None when it cannot be asked."""
    return lambda command: computing if command == leftovers.COMPUTING else MEMORY


class Processes:
    """A /proc: the runner (10), its step's shell (20), and in that the command itself (30)."""

    def __init__(self, root):
        self.root = root
        self.add(10, 1, "", "runner")
        self.add(20, 10, "github_1", "bash")
        self.add(30, 20, "github_1", "damover")
        (root / "self").mkdir()

    def add(self, process, parent, job, command):
        folder = self.root / str(process)
        folder.mkdir(parents=True)
        (folder / "stat").write_text(f"{process} (a) b) S {parent} 1 1")
        (folder / "environ").write_bytes(f"A=1\0{leftovers.JOB}={job}\0".encode() if job else b"A=1\0")
        (folder / "cmdline").write_bytes(command.replace(" ", "\0").encode())


@pytest.fixture
def processes(tmp_path, monkeypatch):
    monkeypatch.setenv(leftovers.JOB, "github_1")
    monkeypatch.setattr(os, "getpid", lambda: 30)
    return Processes(tmp_path / "proc")


@pytest.fixture
def lock(tmp_path):
    path = tmp_path / "gpu.lock"
    path.touch()
    return path


@pytest.fixture
def mark(lock):
    return lock.with_name("gpu.lock.dirty")


def test_c3_a_clean_machine_is_0_and_shows_its_memory(processes, lock, mark, capsys):
    assert leftovers.report(lock, "cuda", answers([]), processes.root) == 0
    assert capsys.readouterr().out == f"GPU memory: {MEMORY[0]}\n"
    assert not mark.exists()


def test_c3_a_process_of_the_job_is_left_over_and_one_of_another_is_not(processes, lock, mark, capsys):
    processes.add(40, 1, "github_1", "python -c model")
    processes.add(50, 1, "github_10", "python another")
    processes.add(60, 1, "", "sshd")
    assert leftovers.report(lock, "cuda", answers([]), processes.root) == 1
    assert mark.read_text() == "process 40: python -c model\n"
    assert "left over: process 40: python -c model" in capsys.readouterr().out


def test_c3_whatever_computes_on_the_gpu_is_left_over(processes, lock, mark):
    assert leftovers.report(lock, "cuda", answers(["4711, python, 800 MiB"]), processes.root) == 1
    assert mark.read_text() == "on the GPU: 4711, python, 800 MiB\n"


def test_c3_a_gpu_that_cannot_be_asked_is_not_known_to_be_free(processes, lock, mark):
    assert leftovers.report(lock, "cuda", answers(None), processes.root) == 1
    assert "could not be asked" in mark.read_text()


def test_c3_what_computes_for_the_next_run_is_not_left_over(processes, lock, mark, capsys):
    processes.add(40, 1, "github_2", "python next")
    with lock.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert leftovers.report(lock, "cuda", answers(["40, python, 800 MiB"]), processes.root) == 0
    assert "another run has the GPU" in capsys.readouterr().out
    assert not mark.exists()


def test_c3_what_of_this_job_holds_the_lock_still_is_left_over(processes, lock, mark):
    processes.add(40, 1, "github_1", "python model")
    with lock.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert leftovers.report(lock, "cuda", answers([]), processes.root) == 1
    assert mark.exists()


def test_w7_a_process_that_is_called_like_a_command_gives_none(processes, lock, mark, capsys):
    processes.add(40, 1, "github_1", "x\n::add-mask::y\x1b[31m")
    assert leftovers.report(lock, "cuda", answers(["::error::z"]), processes.root) == 1
    for text in (capsys.readouterr().out, mark.read_text()):
        assert not any(line.lstrip().startswith("::") for line in text.splitlines())
        assert "\x1b" not in text


def test_c3_a_run_on_the_cpu_leaves_processes_alone(processes, lock, mark, capsys):
    assert leftovers.report(lock, "cpu", answers(None), processes.root) == 0
    assert capsys.readouterr().out == ""
    processes.add(40, 1, "github_1", "python model")
    assert leftovers.report(lock, "cpu", answers(None), processes.root) == 1
    assert mark.read_text() == "process 40: python model\n"


def test_without_a_lock_it_is_only_said(processes, capsys):
    assert leftovers.report(None, "cuda", answers(["4711, python, 800 MiB"]), processes.root) == 1
    assert "left over: on the GPU: 4711" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_c3_a_real_process_is_found_by_its_job(tmp_path):
    environment = {**os.environ, leftovers.JOB: f"github_{tmp_path.name}"}
    with subprocess.Popen(["sleep", "600"], env=environment) as left:
        try:
            found = leftovers.job_processes(leftovers.PROC, f"github_{tmp_path.name}", os.getpid())
            assert found == [(left.pid, "sleep 600")]
        finally:
            left.kill()
    assert leftovers.job_processes(leftovers.PROC, f"github_{tmp_path.name}", os.getpid()) == []


def test_the_command_asks_the_real_machine(damover, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv(leftovers.JOB, raising=False)
    code, out, _ = damover("ci", "leftovers")
    assert code == 1
    assert "nvidia-smi is not there" in out
