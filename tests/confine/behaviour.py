"""What a confined process still can do, and what happens to it; a program for `test_confining.py`."""

from __future__ import annotations

import json
import multiprocessing.shared_memory  # noqa: F401 - imported where Python's folder can still be reached
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from pytest_damover import confine as confinement
from pytest_damover.confine import _kernel

SECONDS = 10
MEMORY_BYTES = 1 << 30


def ordinary_work(home: Path) -> dict[str, object]:
    """What torch and ModelScope do: temporary files, threads, programs, pairs of sockets, memory, `/proc/self`."""
    own, other = socket.socketpair()
    own.sendall(b"hello")
    done = []
    thread = threading.Thread(target=lambda: done.append(1))
    thread.start()
    thread.join()
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(b"x")
    renamed = Path(file.name).rename(home / "renamed")
    return {
        "pair": other.recv(8).decode(),
        "threads": len(done),
        "temporary": Path(file.name).parent == home and renamed.read_text() == "x",
        "program": subprocess.run(["/bin/echo", "hi"], capture_output=True, text=True, check=True).stdout.strip(),
        "grandchild": _kill_a_child(),
        "maps": bool(Path("/proc/self/maps").read_text()),
        "null": Path(os.devnull).write_text("x"),
        "folder": str(Path.cwd()) == str(home),
        "memory": len(bytearray(MEMORY_BYTES // 4)),
        "user": os.getuid(),
        "variables": sorted(os.environ),
        "mode": _mode_of_a_new_folder(home),
        "network": str(Path("/proc/self/ns/net").readlink()),
        "status": dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines()),
        "held": sorted(filter(_is_kernels, (str(path.resolve()) for path in Path("/proc/self/fd").iterdir()))),
    }


def _mode_of_a_new_folder(home: Path) -> int:
    (home / "new").mkdir()
    return (home / "new").stat().st_mode & 0o777


def _is_kernels(path: str) -> bool:
    return path.startswith("/proc/") and not path.endswith("/fd")


def _kill_a_child() -> int:
    child = os.fork()
    if child == 0:
        time.sleep(30)
    os.kill(child, signal.SIGTERM)
    return os.waitpid(child, 0)[1]


def in_child(work, user: int, home: Path) -> object:
    """The answer of `work` in a confined child."""
    answer, answering = os.pipe()
    child = os.fork()
    if child == 0:
        if user != os.getuid():
            os.chown(home, user, user)
            os.setgid(user)
            os.setuid(user)
            _kernel.prctl(4, 1)  # PR_SET_DUMPABLE
        os.setsid()
        started = time.perf_counter()
        state = confinement.confine(home, [], False, MEMORY_BYTES)
        cost_ms = (time.perf_counter() - started) * 1e3
        found: dict[str, object] = {"state": state.to_json(), "cost_ms": cost_ms, "work": work(home)}
        os.write(answering, json.dumps(found).encode())
        os._exit(0)
    os.close(answering)
    with os.fdopen(answer) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return json.loads(said)


def other_thread(home: Path) -> dict[str, object]:
    """Confines a process with two threads; whether the other one can make a socket afterwards."""
    answer, answering = os.pipe()
    child = os.fork()
    if child == 0:
        confined, tried = threading.Event(), []

        def attempt() -> None:
            confined.wait()
            try:
                tried.append(bool(socket.socket()))
            except OSError:
                tried.append(False)

        thread = threading.Thread(target=attempt)
        thread.start()
        state = confinement.confine(home, [], False, None)
        confined.set()
        thread.join()
        os.write(answering, json.dumps({"state": state.to_json(), "out": tried[0]}).encode())
        os._exit(0)
    os.close(answering)
    with os.fdopen(answer) as pipe:
        return json.loads(pipe.read())


def orphan(home: Path) -> dict[str, bool]:
    """A parent is killed; is its confined child gone?"""
    answer, answering = os.pipe()
    parent = os.fork()
    if parent == 0:
        child = os.fork()
        if child == 0:
            confinement.confine(home, [], False, None)
            os.write(answering, f"{os.getpid()}\n".encode())
            time.sleep(60)
        time.sleep(60)
    os.close(answering)
    pipe = os.fdopen(answer)
    child = int(pipe.readline())
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    ended, _, _ = select.select([pipe], [], [], SECONDS)  # readable when the last who could write has ended
    if not ended:
        os.kill(child, signal.SIGKILL)
    return {"gone": bool(ended)}


def main() -> None:
    home = Path(tempfile.mkdtemp(prefix="damover-home-"))
    home.chmod(0o755)
    try:
        if sys.argv[1] == "orphan":
            print(json.dumps(orphan(home)))
        elif sys.argv[1] == "thread":
            print(json.dumps(other_thread(home)))
        else:
            print(json.dumps(in_child(ordinary_work, int(sys.argv[2]), home)))
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
