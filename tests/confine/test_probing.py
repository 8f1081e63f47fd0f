import os
import subprocess
import sys

import pytest

from pytest_damover.confine import probing
from pytest_damover.domain.confinement import Guard


def test_it_tells_of_every_guard_without_changing_this_process():
    state = probing.probe()
    assert {guard for guard, _ in (*state.in_force, *state.not_prevented)} == set(Guard)
    assert state.holds(Guard.ENVIRONMENT)
    assert state.holds(Guard.HOME)
    subprocess.run([sys.executable, "-c", "import socket; socket.socket()"], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="the guards are Linux's")
def test_what_the_kernel_offers_is_used():
    from pytest_damover.confine import _landlock, _seccomp

    if not _landlock.version() or os.uname().machine not in _seccomp.ARCHITECTURES:
        pytest.skip("this kernel has no Landlock, or no filter is written for this machine")
    assert probing.probe().not_prevented == ()


@pytest.mark.parametrize(
    ("boot", "why"),
    [("raise SystemExit('broken here')", "broken here"), ("raise SystemExit(3)", "exit code 3"), ("print()", "JSON")],
)
def test_where_it_cannot_be_tried_nothing_is_claimed(monkeypatch, boot, why):
    monkeypatch.setattr(probing, "_BOOT", boot)
    state = probing.probe()
    assert state.in_force == ()
    assert [guard for guard, _ in state.not_prevented] == list(Guard)
    assert all(why in reason for _, reason in state.not_prevented)
