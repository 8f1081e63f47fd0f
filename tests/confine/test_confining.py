import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_damover.confine import close_fds, confine, confining
from pytest_damover.domain.confinement import Confinement, Guard

linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's guards are Linux's")
ME = os.getuid() if hasattr(os, "getuid") else 0


@linux
@pytest.mark.parametrize("user", [ME, 65_534] if ME == 0 else [ME])
def test_ordinary_work_goes_on(run_program, user):
    found = run_program("behaviour.py", "work", user)
    work = found["work"]
    assert work["user"] in (user, 65_534)
    assert work["grandchild"] == 15
    assert (work["pair"], work["program"], work["threads"]) == ("hello", "hi", 1)
    assert all(work[name] for name in ("temporary", "maps", "null", "folder", "memory"))


@linux
def test_each_means_is_really_used(run_program):
    found = run_program("behaviour.py", "work", ME)
    state, work = Confinement.from_json(found["state"]), found["work"]
    if state.not_prevented:
        pytest.skip(f"NOT PREVENTED on this machine: {state.not_prevented}")
    assert int(work["status"]["CapEff"], 16) == int(work["status"]["CapPrm"], 16) == 0
    assert work["status"]["NoNewPrivs"] == "1"
    assert work["status"]["Seccomp"] == "2"
    is_apart = work["network"] != str(Path("/proc/self/ns/net").readlink())
    assert is_apart is ("own" in dict(state.in_force)[Guard.NETWORK])


@linux
def test_leave_to_read_proc_lasts_while_somebody_holds_it_open(run_program):
    """The kernel forgets entries of /proc that nobody uses, and makes others for which no leave was given."""
    found = run_program("behaviour.py", "work", ME)
    if not Confinement.from_json(found["state"]).holds(Guard.READING):
        pytest.skip("NOT PREVENTED on this machine: reading")
    assert any(path.removeprefix("/proc/").isdigit() for path in found["work"]["held"])
    assert "/proc/meminfo" in found["work"]["held"]


@linux
def test_files_that_it_makes_are_for_itself(run_program):
    assert run_program("behaviour.py", "work", ME)["work"]["mode"] == 0o700


@linux
def test_t15_what_it_was_started_with_is_dropped_and_said_to_be_in_memory(run_program):
    environ = {"PATH": os.environ["PATH"], "LANG": "C", "HF_TOKEN": "MARKER"}
    found = run_program("behaviour.py", "work", ME, environ=environ)
    assert "HF_TOKEN" not in found["work"]["variables"]
    assert {"PATH", "LANG", "HOME"} <= set(found["work"]["variables"])
    assert dict(Confinement.from_json(found["state"]).not_prevented)[Guard.ENVIRONMENT] == "still in memory: HF_TOKEN"


@linux
def test_other_threads_get_no_socket_either(run_program):
    found = run_program("behaviour.py", "thread")
    if not Confinement.from_json(found["state"]).holds(Guard.NETWORK):
        pytest.skip("NOT PREVENTED on this machine: network")
    assert found["out"] is False


@linux
def test_it_ends_with_its_parent(run_program):
    assert run_program("behaviour.py", "orphan")["gone"]


def test_elsewhere_nothing_is_claimed(tmp_path, monkeypatch):
    """The environment, the home and the limits are left out of this: they would change the process of the tests."""
    monkeypatch.setattr(confining.sys, "platform", "plan9")
    guards = confining._kernel_guards(tmp_path, [], gpu=False)
    assert guards.keys() == {Guard.NETWORK, Guard.WRITING, Guard.READING, Guard.PROCESSES, Guard.DRIVER}
    assert not any(means.works for means in guards.values())
    assert all("plan9" in means.text for means in guards.values())


def test_a_home_that_is_not_there_is_refused_before_anything_is_given_up(tmp_path):
    before = dict(os.environ)
    with pytest.raises(FileNotFoundError):
        confine(tmp_path / "none", [], False, None)
    assert dict(os.environ) == before


def test_the_words_survive_the_journal():
    state = Confinement(((Guard.HOME, "own"),), ((Guard.NETWORK, "no means"),))
    assert Confinement.from_json(state.to_json()) == state
    assert state.holds(Guard.HOME)
    assert not state.holds(Guard.NETWORK)


@pytest.mark.skipif(sys.platform == "win32", reason="a child inherits no descriptor there")
def test_only_the_named_descriptors_stay_open():
    code = """
import os
from pytest_damover.confine import close_fds
kept, lost = os.pipe(), os.pipe()
close_fds(kept)
def is_open(fd):
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True
print([is_open(fd) for fd in (0, 1, 2, *kept, *lost)])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str([True] * 5 + [False] * 2)
    assert close_fds.__doc__
