"""What a run left behind on its machine: processes of the same job, and whatever computes on the GPU."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pytest_damover import machine_lock
from pytest_damover.cli.output import say
from pytest_damover.report.text import harmless

JOB = "RUNNER_TRACKING_ID"
"""GitHub's runner gives it to everything that a job starts, and to nothing else."""
COMPUTING = ("nvidia-smi", "--query-compute-apps=pid,process_name,used_memory", "--format=csv,noheader")
MEMORY = ("nvidia-smi", "--query-gpu=index,name,memory.used,memory.total", "--format=csv,noheader")
TIMEOUT_S = 60
PROC = Path("/proc")

Ask = Callable[[Sequence[str]], "list[str] | None"]


def report(lock: Path | None, device: str = "cuda", ask: Ask | None = None, proc: Path = PROC) -> int:
    """Print what is left and the GPU's memory; 1 when something is, and then it is noted in `LOCK.dirty`.

    While another run holds the lock the GPU is rightly busy, and only processes of this job count. Where the GPU
    cannot be asked, that counts as something left: nothing says that it is free. A run on the `cpu` has none.
    """
    ask = ask or _asked
    found = [f"process {pid}: {command}" for pid, command in job_processes(proc, os.environ.get(JOB, ""), os.getpid())]
    with _locked(lock) as ours:
        if ours and device != "cpu":
            found += _on_the_gpu(ask)
        elif not ours:
            say("another run has the GPU: only this job's own processes were looked for")
        for line in () if device == "cpu" else ask(MEMORY) or ():
            say(f"GPU memory: {line}")
        for line in found:
            say(f"left over: {line}")
        if found and lock is not None:
            _mark(lock).write_text(harmless("\n".join(found)) + "\n", encoding="utf-8", errors="backslashreplace")
            say(f"the runner is marked dirty: clean it, then remove {_mark(lock)}")
    return 1 if found else 0


def job_processes(proc: Path, job: str, own: int) -> list[tuple[int, str]]:
    """Number and command of every process that a job started, but for `own` and those above it."""
    if not job:
        return []
    above, wanted = set(_above(proc, own)), f"{JOB}={job}".encode()
    found = []
    for folder in proc.iterdir():
        if not folder.name.isdigit() or int(folder.name) in above:
            continue
        if wanted in _bytes(folder / "environ").split(b"\0"):
            command = _bytes(folder / "cmdline").replace(b"\0", b" ").decode(errors="backslashreplace").strip()
            found.append((int(folder.name), command))
    return sorted(found)


def _above(proc: Path, process: int) -> Iterator[int]:
    """The process, its parent, and so on."""
    while process > 0:
        yield process
        # the name in brackets may hold blanks and brackets itself: what follows the last one is state and parent
        fields = _bytes(proc / str(process) / "stat").rpartition(b")")[2].split()
        process = int(fields[1]) if len(fields) > 1 else 0


def _on_the_gpu(ask: Ask) -> list[str]:
    computing = ask(COMPUTING)
    if computing is None:
        return ["the GPU could not be asked: nvidia-smi is not there or failed"]
    return [f"on the GPU: {line}" for line in computing]


def _asked(command: Sequence[str]) -> list[str] | None:
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return [line for line in done.stdout.decode(errors="backslashreplace").splitlines() if line.strip()]


@contextmanager
def _locked(lock: Path | None) -> Iterator[bool]:
    """True while this process has the lock, or where there is none to have."""
    if lock is None or not lock.exists():
        yield True
        return
    with machine_lock.attempt(lock) as ours:
        yield ours


def _mark(lock: Path) -> Path:
    return lock.with_name(f"{lock.name}.dirty")


def _bytes(path: Path) -> bytes:
    """What a file of /proc holds; nothing when the process has ended or is somebody else's."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
