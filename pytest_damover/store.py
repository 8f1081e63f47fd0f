"""The only module that writes project files: atomic, fsynced, and never over what is already there by halves."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.journal import JOURNAL_SCHEMA, Finished
from pytest_damover.domain.run import Run, run_from_text

LATEST = "latest"
SYNC_INTERVAL_S = 1.0


@contextmanager
def _writing(path: Path | str) -> Iterator[None]:
    """Say in a `DamoverError` what could not be written."""
    try:
        yield
    except OSError as error:
        found = f"cannot be written: {error.strerror}"
        raise DamoverError(Fault(Code.STORE, str(path), found, "a place with room that may be written")) from error


def write_text(path: Path, text: str) -> None:
    """Put `text` at `path`: a reader finds the old bytes or the new ones, also after a power cut."""
    write_bytes(path, _encoded(text))


def write_bytes(path: Path, content: bytes) -> None:
    """Put `content` at `path` by a temporary file beside it, fsync and rename; `DamoverError` where that fails."""
    with _writing(path):
        descriptor, temporary = tempfile.mkstemp(prefix=".writing.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o644)  # noqa: PTH101 - mkstemp makes 0600, a report is to be read by others
            os.replace(temporary, path)  # noqa: PTH105 - beside its siblings
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class RunFolder:
    """`reports/<run-id>/`: plan and journal, and what is made from them."""

    path: Path

    @property
    def plan(self) -> Path:
        return self.path / "plan.json"

    @property
    def journal(self) -> Path:
        return self.path / "journal.jsonl"

    @property
    def verdict(self) -> Path:
        return self.path / "verdict.json"

    @property
    def report(self) -> Path:
        return self.path / "report.html"

    @property
    def summary(self) -> Path:
        return self.path / "summary.md"

    def read(self) -> Run:
        """The run as its two files tell it; `DamoverError` when one is missing or is something else."""
        return run_from_text(*self.texts())

    def texts(self) -> tuple[str, str]:
        """What `plan.json` and `journal.jsonl` hold; `DamoverError` when one cannot be read."""
        return self._text(self.plan), self._text(self.journal)

    def _text(self, path: Path) -> str:
        try:
            return path.read_bytes().decode()
        except (OSError, UnicodeDecodeError) as error:
            allowed = "a run folder with plan.json and journal.jsonl"
            fault = Fault(Code.RUN_FOLDER, str(path), f"cannot be read: {error}", allowed, "name one: reports/latest")
            raise DamoverError(fault) from error


def create_run_folder(reports: Path, run_id: str) -> RunFolder:
    """Make `reports/<run_id>/`; an existing one is never reused."""
    try:
        reports.mkdir(parents=True, exist_ok=True)
        folder = RunFolder(reports / run_id)
        folder.path.mkdir()
    except OSError as error:
        raise DamoverError(Fault(Code.STORE, str(reports / run_id), f"cannot be made: {error.strerror}")) from error
    return folder


def point_latest(folder: RunFolder) -> None:
    """Let `reports/latest` name this run: a relative link, or a file with the run id where links cannot be made."""
    latest = folder.path.parent / LATEST
    if latest.is_dir() and not latest.is_symlink():
        found, next_step = "a folder that is no run of ours is in the way", f"move it away: {latest}"
        raise DamoverError(Fault(Code.STORE, str(latest), found, "a link to the newest run", next_step))
    temporary = folder.path.parent / f".{LATEST}.{folder.path.name}"
    try:
        temporary.symlink_to(folder.path.name, target_is_directory=True)
    except (OSError, NotImplementedError):
        write_text(latest, folder.path.name + "\n")
        return
    with _writing(latest):
        os.replace(temporary, latest)  # noqa: PTH105 - Path.replace would follow nothing else


def open_run_folder(path: Path) -> RunFolder:
    """The run folder that `path` names; `reports/latest` may be a link or a file with a run id."""
    if path.is_file() and path.name == LATEST:
        return RunFolder(path.parent / path.read_text("utf-8").strip())
    return RunFolder(path.resolve() if path.is_symlink() else path)


class JournalWriter:
    """Appends records to `journal.jsonl`.

    A record is with the kernel when `start` or `finish` returns, so it outlives this process; it is on the disk after
    at most `SYNC_INTERVAL_S` seconds of further work, and at `end`.
    """

    def __init__(self, path: Path) -> None:
        with _writing(path):
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        self._encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=True).encode
        self._sequence = 0
        self._counts = {"started": 0, "finished": 0}
        self._synced = time.monotonic()

    def begin(self, run_id: str, plan_digest: str, environment: Mapping[str, Any]) -> None:
        """The first record."""
        record = {"kind": "begin", "schema": JOURNAL_SCHEMA, "run_id": run_id, "plan_digest": plan_digest}
        self._append({**record, "environment": environment})
        os.fsync(self._descriptor)

    def start(self, item: str) -> None:
        """An item begins."""
        self._write(f'"kind":"start","item":{encode_basestring(item)}}}', "started")

    def load(self, revision: str, facts: Mapping[str, Any]) -> None:
        """A revision was loaded, and this is what its results depend on beside its files."""
        self._append({"kind": "load", "revision": revision, "facts": dict(facts)})

    def verify(self, revision: str, faults: Sequence[str]) -> None:
        """The files of a revision were hashed once more, and this is what was not as planned."""
        self._append({"kind": "verify", "revision": revision, "faults": list(faults)})

    def finish(self, finished: Finished) -> None:
        """An item has ended."""
        self._append(finished.to_json(), "finished")

    def end(self, reason: str) -> None:
        """The last record: why there is no more, and how many there were."""
        self._append({"kind": "end", "reason": reason, "counts": self._counts})
        os.fsync(self._descriptor)
        os.close(self._descriptor)

    def _append(self, record: Mapping[str, Any], counted: str = "") -> None:
        self._write(self._encode(record)[1:], counted)

    def _write(self, rest_of_record: str, counted: str = "") -> None:
        line = _encoded(f'{{"seq":{self._sequence},{rest_of_record}\n')
        try:
            written = os.write(self._descriptor, line)
        except OSError as error:
            raise DamoverError(_journal_fault(f"cannot be written: {error.strerror}")) from error
        finally:  # also when Ctrl-C comes between the record and its count
            self._sequence += 1
            if counted:
                self._counts[counted] += 1
        if written != len(line):
            raise DamoverError(_journal_fault("the disk took half a record"))
        now = time.monotonic()
        if now - self._synced > SYNC_INTERVAL_S:
            os.fsync(self._descriptor)
            self._synced = now


def _journal_fault(found: str) -> Fault:
    return Fault(Code.STORE, "journal.jsonl", found, "a disk with room")


def text_digest(text: str) -> str:
    """SHA-256 in hex of the bytes that `write_text` writes."""
    return hashlib.sha256(_encoded(text)).hexdigest()


def _encoded(text: str) -> bytes:
    """UTF-8; half a surrogate pair, as in a message or a file name that is no UTF-8, becomes its escape in JSON."""
    return text.encode(errors="backslashreplace")
