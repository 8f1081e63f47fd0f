"""A disk that fails at any point of a run: readers find old bytes or new ones, and the run says so (H8, H9, G1)."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_damover import cli, store
from pytest_damover.domain.damage import TORN
from pytest_damover.domain.errors import DamoverError
from pytest_damover.domain.journal import FINISHED, Journal
from pytest_damover.runners.inline import InlineRunner

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a file's name is learnt from /proc/self/fd")
ERRORS = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "short": 0}


class Faults:
    """Lets the n-th call that changes something under `root` fail, and counts the calls."""

    def __init__(self, monkeypatch, root: Path) -> None:
        self.root, self.failing, self.seen, self.error = str(root), 0, 0, errno.ENOSPC
        for name, place in (("open", 0), ("mkdir", 0), ("symlink", 1), ("replace", 1)):
            monkeypatch.setattr(os, name, self._by_path(getattr(os, name), place))
        for name in ("write", "fsync"):
            monkeypatch.setattr(os, name, self._by_descriptor(getattr(os, name)))

    def fail(self, nth: int, error: int) -> None:
        self.failing, self.seen, self.error = nth, 0, error

    @property
    def fired(self) -> bool:
        return self.seen >= self.failing > 0

    def _is_next(self, path: str) -> bool:
        if not os.path.abspath(path).startswith(self.root):  # noqa: PTH100 - nothing may be opened to know
            return False
        self.seen += 1
        return self.seen == self.failing

    def _by_path(self, real, place):
        def call(*arguments, **more):
            if self._is_next(os.fsdecode(arguments[place])):
                raise OSError(self.error or errno.ENOSPC, os.strerror(self.error or errno.ENOSPC))
            return real(*arguments, **more)

        return call

    def _by_descriptor(self, real):
        def call(descriptor, *data):
            if not self._is_next(os.readlink(f"/proc/self/fd/{descriptor}")):  # noqa: PTH115
                return real(descriptor, *data)
            if self.error or not data:
                raise OSError(self.error or errno.EIO, os.strerror(self.error or errno.EIO))
            return real(descriptor, data[0][: len(data[0]) // 2])

        return call


@pytest.fixture
def small(project):
    """One case on two revisions."""
    project.policy("schema = 1\n[evidence]\nmin_cases = 1\nmin_images = 1\nmin_objects = 0\nmin_slice_images = 1\n")
    project.case("one")
    project.revision("v1")
    project.revision("v2", latency_ms=0.001)
    return project


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def check_whole(reports, checked):
    """No file of any run folder is there by halves, and nothing else lies about.

    `checked` has the folders that were looked at before, with their bytes: those stay as they are.
    """
    for folder in (path for path in reports.iterdir() if path.is_dir() and not path.is_symlink()):
        if folder in checked:
            assert contents(folder) == checked[folder]
            continue
        names = {path.name for path in folder.iterdir()}
        made = {"verdict.json", "report.html", "summary.md", "junit.xml", "ctrf.json"}
        assert names <= {"plan.json", "journal.jsonl", *made}
        for name in names & {"plan.json", "verdict.json"}:
            json.loads((folder / name).read_text())
        if "report.html" in names:
            assert (folder / "report.html").read_text().rstrip().endswith("</html>")
        if "journal.jsonl" in names and (folder / "journal.jsonl").read_bytes().count(b"\n"):
            journal = Journal.from_text((folder / "journal.jsonl").read_text())
            assert journal.damage in ((), (TORN,))
            if cli.main(["judge", str(folder)]) == 0:
                assert journal.ended == FINISHED
        checked[folder] = contents(folder)
    others = {path.name for path in reports.iterdir() if path.is_symlink() or not path.is_dir()}
    assert others <= {"latest"}
    assert (reports / "latest").resolve().is_dir() or (reports / "latest").is_file()


@pytest.mark.parametrize("kind", ["ENOSPC", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("EIO", "short"))])
def test_h8_whatever_write_fails_readers_find_old_bytes_or_new_ones(small, monkeypatch, kind):
    assert small.compare().ret == 0
    reports = small.root / "reports"
    checked = {}
    check_whole(reports, checked)
    faults = Faults(monkeypatch, reports)
    for nth in range(1, 200):
        faults.fail(nth, ERRORS[kind])
        result = small.compare()
        fired, faults.failing = faults.fired, 0
        said = result.stdout.str() + result.stderr.str()
        check_whole(reports, checked)
        if not fired:
            break
        if result.ret == 0:  # where a link cannot be made a file is, and of a write that was cut short the rest follows
            newest = store.open_run_folder(reports / "latest")
            assert json.loads(newest.verdict.read_text())["verdict"] == "PASS"
            continue
        assert result.ret in (20, 21), said
        assert "INTERNALERROR" not in said
        assert "Traceback" not in said
        assert any(words in said for words in ("No space left", "Input/output error", "half a record")), said
    assert nth > 30, "the shim saw nothing"
    assert result.ret == 0


def test_g1_the_plan_is_on_the_disk_before_anything_is_loaded(small, monkeypatch):
    synced, fsync, load, seen = [], os.fsync, InlineRunner.load, []

    def noted(descriptor):
        fsync(descriptor)
        synced.append(os.fstat(descriptor).st_ino)

    def loading(self, *arguments, **more):
        if not seen:
            folder = (small.root / "reports/latest").resolve()
            places = (folder / "plan.json", folder, folder.parent, folder.parent.parent, folder / "journal.jsonl")
            seen.extend(path.stat().st_ino in synced for path in places)
            seen.append(bool(json.loads((folder / "plan.json").read_text())["items"]))
        return load(self, *arguments, **more)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(InlineRunner, "load", loading)
    assert small.compare().ret == 0
    assert seen == [True] * 6


@pytest.fixture
def tiny(small):
    """Makes a file system of so many bytes; skips, aloud, where that is not allowed."""
    places = []

    def make(size_bytes):
        place = small.root / f"tiny-{size_bytes}"
        place.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size_bytes},nr_inodes=40", "tmpfs", str(place)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f"NOT TESTED: no file system can be mounted here: {done.stderr.strip()}")
        places.append(place)
        return place

    yield make
    for place in places:
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("pages", [1, 2, 3, 4, 5, 6, 8, 12])
def test_h9_a_disk_that_is_full_is_said_and_earlier_reports_stay(small, tiny, pages):
    reports = tiny(pages * 4096)
    earlier = reports / "20000101T000000Z-aaaa"
    earlier.mkdir()
    (earlier / "verdict.json").write_text('{"verdict": "FAIL"}')
    result = small.compare("--damover-reports", str(reports))
    said = result.stdout.str() + result.stderr.str()
    assert result.ret in (20, 21), said
    assert "No space left" in said
    assert "INTERNALERROR" not in said
    assert contents(earlier) == {"verdict.json": b'{"verdict": "FAIL"}'}
    if (reports / "latest").exists():
        check_whole(reports, {})


def test_h9_the_device_that_is_always_full(tmp_path):
    folder = store.create_run_folder(tmp_path, "run")
    writer = store.JournalWriter(folder.journal)
    writer.begin("run", "0" * 64, {})
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, writer._descriptor)
    os.close(full)
    with pytest.raises(DamoverError, match=r"journal\.jsonl: cannot be written: No space left"):
        writer.start("a")
    with pytest.raises(DamoverError):
        writer.end(FINISHED)
    journal = Journal.from_text(folder.journal.read_text())
    assert (journal.started, journal.ended, journal.damage) == ((), None, ())


def test_g3_the_same_bytes_give_the_same_verdict_bytes(small):
    small.compare()
    folder = small.root / "reports/latest"
    first = (folder / "verdict.json").read_bytes()
    for _ in range(2):
        (folder / "verdict.json").unlink()
        assert cli.main(["judge", "reports/latest"]) == 0
        assert (folder / "verdict.json").read_bytes() == first


def test_h5_a_policy_that_asks_for_a_gpu_does_not_take_a_cpu_for_one(small):
    small.policy((small.suite / "gate.toml").read_text() + 'device = "cuda"\n')
    assert small.compare().ret == 20
    assert ("evidence.device", "INCONCLUSIVE") in small.bad_findings()
    assert {record["device"] for record in small.journal if record["kind"] == "finish"} == {"cpu"}
