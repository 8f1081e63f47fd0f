"""Every canary in one process per user and kind of system, run once; see `outbreak`."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import pytest_damover

PROGRAM = Path(__file__).with_name("outbreak")
PACKAGES = Path(pytest_damover.__file__).parents[1]
# the package that these tests test, wherever another one is installed
BOOT = """
import runpy, sys
_, packages, *sys.argv = sys.argv
sys.path.insert(0, packages)
runpy.run_path(sys.argv[0], run_name="__main__")
"""
CLEAN = {"PATH": os.environ.get("PATH", ""), "HOME": os.environ.get("HOME", "/")}


def run_here(program, *arguments, environ=CLEAN):
    """The program's JSON; it starts with nothing of the caller's environment but `environ`."""
    command = [sys.executable, "-I", "-c", BOOT, str(PACKAGES), str(program), *map(str, arguments)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def outbreak():
    """What became of every canary, for a user number and a mode."""

    @functools.cache
    def run(user, mode):
        secret = {"TOKEN": "MARKER-5f3c"} if mode == "free" else {}
        return run_here(PROGRAM, user, mode, environ={**CLEAN, **secret})

    return run


@pytest.fixture(scope="session")
def run_program():
    """`run_here`, for programs beside this file."""
    return lambda name, *arguments, **more: run_here(PROGRAM.with_name(name), *arguments, **more)


@functools.cache
def canaries():
    """The canaries by name."""
    return run_here(PROGRAM, 0, "names")


def pytest_generate_tests(metafunc):
    if "canary" in metafunc.fixturenames:
        metafunc.parametrize("canary", canaries() if sys.platform == "linux" else ())
