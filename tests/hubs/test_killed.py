"""T5: a fetching process that is killed at any boundary leaves nothing partial, and is continued, not repeated."""

import signal
import subprocess
import sys
import time

import pytest

MODEL, MANY = "demo/phone", 6
pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")]
# the last words of argv: which function of the store to stop before or after
FETCH = """
import sys, time
from pathlib import Path
from pytest_damover.hubs import _store, open_hub

endpoint, store, moment, name = sys.argv[1:]
if name:
    place, attribute = (_store.os, name) if name == "rename" else (_store, name)
    honest = getattr(place, attribute)
    def stopping(*arguments):
        answer = honest(*arguments) if moment == "after" else None
        print("here", flush=True)
        time.sleep(60)
    setattr(place, attribute, stopping)
hub = open_hub("modelscope:" + endpoint, Path(), Path(store))
hub.fetch(hub.resolve("demo/phone", "many"))
"""


@pytest.fixture
def fetching(many_files, store):
    """A function that starts the process; it is killed at the end in any case."""
    started = []

    def start(moment="", name=""):
        command = [sys.executable, "-c", FETCH, many_files.endpoint, str(store), moment, name]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def staged(store):
    """Sizes of the files in staging folders, by name."""
    found = {}
    for path in store.glob(".staging-*/tree/**/*"):
        if path.is_file():
            found[path.name] = path.stat().st_size
    return found


def wait_for(condition):
    deadline = time.monotonic() + 60  # a process that imports the hub's client takes long where many do
    while not condition():
        assert time.monotonic() < deadline, "what the test waits for did not happen"
        time.sleep(0.01)


def killed(process):
    process.send_signal(signal.SIGKILL)
    process.communicate()


def rest_of_the_download(remote, many_files):
    """Fetch again here; the paths that were asked for."""
    many_files.let_through(None)
    asked = len(many_files.downloads())
    revision = remote.resolve(MODEL, "many")
    folder = remote.fetch(revision)
    assert folder.name == revision.digest
    assert len([path for path in folder.rglob("*") if path.is_file()]) == MANY
    return many_files.downloaded()[asked:]


@pytest.mark.parametrize("whole", range(MANY))
def test_t5_killed_between_two_files(many_files, fetching, remote, store, shelved, whole):
    many_files.let_through(whole)
    process = fetching()
    wait_for(lambda: len(many_files.downloads()) > whole)
    wait_for(lambda: len([name for name in staged(store) if not name.endswith(".incomplete")]) == whole)
    killed(process)
    assert shelved() == []
    kept = set(staged(store))
    asked = rest_of_the_download(remote, many_files)
    assert len(asked) == MANY - whole
    assert not kept & {path.rpartition("/")[2] for path in asked}


@pytest.mark.parametrize(
    ("moment", "name", "there"),
    [
        ("before", "verify", False),
        ("before", "_seal", False),
        ("after", "_seal", False),
        ("before", "rename", False),
        ("after", "rename", True),
    ],
)
def test_t5_killed_after_the_last_file(many_files, fetching, remote, shelved, moment, name, there):
    process = fetching(moment, name)
    assert process.stdout.readline() == "here\n"
    killed(process)
    assert bool(shelved()) is there
    assert rest_of_the_download(remote, many_files) == []


def test_t5_killed_within_a_file_continues_where_it_was(many_files, fetching, remote, store, shelved):
    half = 256 * 1200 // 2
    many_files.faults["net/big.pt"] = "stall"
    process = fetching()
    wait_for(lambda: staged(store).get("big.pt.incomplete", 0) > half - 20_000 and len(staged(store)) == MANY)
    killed(process)
    assert shelved() == []
    many_files.faults.clear()
    many_files.ranges.clear()
    assert rest_of_the_download(remote, many_files) == ["net/big.pt"]
    ((path, start),) = many_files.ranges
    assert path == "net/big.pt"
    assert half - 20_000 < start <= half
