"""Locks that all users of a machine share, with real processes and the kernel's own flock."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pytest_damover import machine_lock
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.machine_lock import BusyError, Patience, hold

HOLDER = """\
import sys, time
from pathlib import Path
from pytest_damover.machine_lock import Patience, hold
held = hold(sys.argv[2], Patience(Path(sys.argv[1]), 0))
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "locks"
    folder.mkdir(mode=0o1777)
    folder.chmod(0o1777)
    return folder


@pytest.fixture
def holder(folder):
    """Another process that has the lock `gpu`."""
    package = Path(machine_lock.__file__).parents[1]
    command = [sys.executable, "-c", HOLDER, str(folder), "gpu"]
    environment = {**os.environ, "PYTHONPATH": str(package)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def patience(folder, timeout_s=0.0, say=lambda _: None):
    return Patience(folder, timeout_s, say)


def test_two_do_not_have_it_at_once_and_the_second_is_told_who_has_it(folder, holder):
    with pytest.raises(BusyError) as refusal:
        hold("gpu", patience(folder))
    (fault,) = refusal.value.faults
    assert fault.code is Code.DEVICE
    assert f"pid {holder.pid} of " in fault.found
    assert ", since 20" in fault.found


def test_who_waits_is_told_once_and_gets_it_when_the_holder_is_killed(folder, holder):
    said = []

    def killed(text):
        said.append(text)
        holder.send_signal(signal.SIGKILL)

    with hold("gpu", patience(folder, 60, killed)):
        pass
    assert len(said) == 1
    assert f"pid {holder.pid} of " in said[0]


@pytest.mark.usefixtures("holder")
def test_it_waits_as_long_as_it_is_told_to(folder):
    began = time.monotonic()
    with pytest.raises(BusyError, match=r"still after 0\.3 s"):
        hold("gpu", patience(folder, 0.3))
    assert time.monotonic() - began >= 0.3


def test_what_was_given_back_is_free_and_names_nobody(folder):
    hold("gpu", patience(folder)).close()
    assert (folder / "damover-gpu.lock").read_text() == ""
    with hold("gpu", patience(folder)):
        assert json.loads((folder / "damover-gpu.lock").read_text())["pid"] == os.getpid()


@pytest.mark.usefixtures("holder")
def test_another_name_is_another_lock_and_no_name_leaves_the_folder(folder):
    with hold("../GPU 1", patience(folder)):
        assert (folder / "damover-.._GPU_1.lock").is_file()


def test_a_forked_child_that_outlives_its_parent_does_not_keep_it(folder):
    script = (
        "import os, sys, time; from pathlib import Path; from pytest_damover.machine_lock import Patience, hold\n"
        "held = hold('gpu', Patience(Path(sys.argv[1]), 0))\n"
        "pid = os.fork()\n"
        "if pid == 0: time.sleep(60)\n"
        "print(pid, flush=True); os._exit(0)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(machine_lock.__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        child = int(parent.stdout.readline())
        try:
            parent.wait(30)
            hold("gpu", patience(folder, 5)).close()
        finally:
            os.kill(child, signal.SIGKILL)


def test_the_next_user_may_open_it_whatever_the_umask(folder):
    before = os.umask(0o077)
    try:
        hold("gpu", patience(folder)).close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / "damover-gpu.lock").stat().st_mode) == 0o666


def test_a_lock_of_another_user_that_is_closed_to_us_still_keeps_us_out(folder, monkeypatch):
    path = folder / "damover-gpu.lock"
    path.touch()
    real = os.open

    def read_only(name, flags, *more):
        if Path(name) == path and flags & os.O_ACCMODE != os.O_RDONLY and not flags & os.O_CREAT:
            raise PermissionError(13, "not yours", str(name))
        return real(name, flags, *more)

    monkeypatch.setattr(os, "open", read_only)
    with path.open() as theirs:
        fcntl.flock(theirs, fcntl.LOCK_EX)
        with pytest.raises(BusyError, match="does not say which"):
            hold("gpu", patience(folder))
    with hold("gpu", patience(folder)), pytest.raises(BusyError):
        hold("gpu", patience(folder))


def test_a_link_is_never_followed(folder, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (folder / "damover-gpu.lock").symlink_to(victim)
    with pytest.raises(DamoverError, match="a link"):
        hold("gpu", patience(folder))
    assert victim.read_text() == "precious"


def test_a_link_to_nothing_makes_no_file_elsewhere(folder, tmp_path):
    (folder / "damover-gpu.lock").symlink_to(tmp_path / "made")
    with pytest.raises(DamoverError, match="a link"):
        hold("gpu", patience(folder))
    assert not (tmp_path / "made").exists()


def test_a_file_with_a_second_name_is_not_written_to(folder, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (folder / "damover-gpu.lock").hardlink_to(victim)
    with pytest.raises(DamoverError, match="one name"):
        hold("gpu", patience(folder))
    assert victim.read_text() == "precious"


def test_a_pipe_is_refused_and_not_waited_for(folder):
    os.mkfifo(folder / "damover-gpu.lock")
    with pytest.raises(DamoverError, match="not a plain file"):
        hold("gpu", patience(folder))


@pytest.mark.parametrize("mode", [0o777, 0o775])
def test_a_folder_whose_files_others_may_rename_is_refused(folder, mode):
    folder.chmod(mode)
    with pytest.raises(DamoverError, match="rename"):
        hold("gpu", patience(folder))


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DamoverError, match="No such file"):
        hold("gpu", patience(tmp_path / "absent"))


def test_a_lock_that_was_removed_meanwhile_is_no_lock(folder, monkeypatch):
    path, real, removed = folder / "damover-gpu.lock", machine_lock._taken, []

    def removing(file):
        taken = real(file)
        if not removed:
            removed.append(path.unlink())
        return taken

    monkeypatch.setattr(machine_lock, "_taken", removing)
    with hold("gpu", patience(folder, 5)), path.open() as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize(
    "note",
    [
        '{"pid": 1, "user": "\\u001b[2J::error::x", "since": "2026-01-01T00:00:00+00:00"}',
        "\x1b[2J::error::x",
        "[" * 400,
        '{"pid": "x", "user": 1, "since": 2}',
        "\xff",
    ],
)
def test_what_a_stranger_wrote_into_it_is_shown_harmlessly(folder, note):
    path = folder / "damover-gpu.lock"
    path.write_text(note, encoding="latin-1")
    with path.open() as theirs:
        fcntl.flock(theirs, fcntl.LOCK_EX)
        with pytest.raises(BusyError) as refusal:
            hold("gpu", patience(folder))
    assert "\x1b" not in str(refusal.value)
    assert "::" not in str(refusal.value)


def test_the_shared_folder_is_one_where_nobody_takes_away_anothers(tmp_path):
    open_to_all, shared = tmp_path / "open", tmp_path / "shared"
    for path, mode in ((open_to_all, 0o777), (shared, 0o1777)):
        path.mkdir()
        path.chmod(mode)
    assert machine_lock.shared_folder((tmp_path / "absent", open_to_all, shared)) == shared
    with pytest.raises(DamoverError, match="damover_lock_folder"):
        machine_lock.shared_folder((open_to_all,))
