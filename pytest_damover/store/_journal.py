"""The journal as it is written: appended record by record, never half a one that a later one follows."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.journal import JOURNAL_SCHEMA, Finished, Orphans, Resumed
from pytest_damover.store._files import encoded, sync_folder, writing

SYNC_INTERVAL_S = 1.0


@dataclass(frozen=True, slots=True)
class _Done:
    """How far the journal is known to be whole."""

    length_bytes: int = 0
    records: int = 0
    started: int = 0
    finished: int = 0

    def after(self, kind: str, line: bytes) -> _Done:
        return _Done(
            self.length_bytes + len(line),
            self.records + 1,
            self.started + (kind == "start"),
            self.finished + (kind == "finish"),
        )


class JournalWriter:
    """Appends records to `journal.jsonl`.

    A record is with the kernel when `start` or `finish` returns, so it outlives this process, whatever ends it. It is
    on the disk, and outlives a power cut, when `begin`, `resume` or `end` returns, and with the first record that comes
    more than `SYNC_INTERVAL_S` seconds after the last one that was synced.

    An item is acknowledged when pytest has reported it. A case is reported after its `finish` has returned, so no
    acknowledged one is lost with the process; a Python test is acknowledged with the report of its tear-down.

    A record that cannot be written whole is taken back, where the disk allows that, and the journal ends as stopped.
    """

    def __init__(self, path: Path) -> None:
        with writing(path):
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
            try:
                sync_folder(path.parent)
            except BaseException:
                os.close(self._descriptor)
                raise
        self._encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=True).encode
        self._done = self._next = _Done()
        self._lost = ""
        self._synced = time.monotonic()

    def begin(self, run_id: str, plan_digest: str, environment: Mapping[str, Any]) -> None:
        """The first record."""
        record = {"kind": "begin", "schema": JOURNAL_SCHEMA, "run_id": run_id, "plan_digest": plan_digest}
        try:
            self._append({**record, "environment": environment})
            self._sync()
        except BaseException:
            os.close(self._descriptor)
            raise

    def resume(
        self,
        runs: Sequence[Resumed],
        loads: Sequence[tuple[str, Mapping[str, Any]]],
        ends: Sequence[Finished],
    ) -> None:
        """What was taken over from interrupted `runs`; every end names the run it was taken from."""
        for run in runs:
            self._append(run.to_json())
        for revision, facts in loads:
            self.load(revision, facts)
        for finished in ends:
            self.start(finished.item)
            self.finish(finished)
        self._sync()

    def start(self, item: str) -> None:
        """An item begins."""
        self._write("start", f'"kind":"start","item":{encode_basestring(item)}}}')

    def load(self, revision: str, facts: Mapping[str, Any]) -> None:
        """A revision was loaded, and this is what its results depend on beside its files."""
        self._append({"kind": "load", "revision": revision, "facts": dict(facts)})

    def verify(self, revision: str, faults: Sequence[str]) -> None:
        """The files of a revision were hashed once more, and this is what was not as planned."""
        self._append({"kind": "verify", "revision": revision, "faults": list(faults)})

    def goldens(self, orphans: Orphans) -> None:
        """The goldens of one suite that nothing asks for any more."""
        told = {"suite": orphans.suite, "orphans": list(orphans.paths), "unknown": orphans.unknown}
        self._append({"kind": "goldens", **told})

    def finish(self, finished: Finished) -> None:
        """An item has ended."""
        self._append(finished.to_json())

    def end(self, reason: str) -> None:
        """The last record: why there is no more, and how many there were."""
        reason = f"stopped: {self._lost}" if self._lost else reason
        try:
            self._recover()
            self._lost = ""  # there may be room again: then nothing but the run's end is missing
            counts = {"started": self._done.started, "finished": self._done.finished}
            self._append({"kind": "end", "reason": reason, "counts": counts})
            self._sync()
        finally:
            os.close(self._descriptor)

    def _append(self, record: Mapping[str, Any]) -> None:
        self._write(record["kind"], self._encode(record)[1:])

    def _write(self, kind: str, rest_of_record: str) -> None:
        self._recover()
        if self._lost:
            raise DamoverError(_journal_fault(self._lost))
        line = encoded(f'{{"seq":{self._done.records},{rest_of_record}\n')
        self._next = self._done.after(kind, line)
        try:
            written = os.write(self._descriptor, line)
        except OSError as error:
            raise self._lose(f"cannot be written: {error.strerror}") from error
        if written != len(line):
            raise self._lose("the disk took half a record")
        self._done = self._next
        if time.monotonic() - self._synced > SYNC_INTERVAL_S:
            self._sync()

    def _recover(self) -> None:
        """After Ctrl-C in the middle of a record: it was written whole, or it is taken back."""
        if self._next is self._done:
            return
        with writing("journal.jsonl"):
            if os.fstat(self._descriptor).st_size == self._next.length_bytes:
                self._done = self._next
            else:
                os.ftruncate(self._descriptor, self._done.length_bytes)
                self._next = self._done

    def _lose(self, found: str) -> DamoverError:
        self._lost = found
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, self._done.length_bytes)
        return DamoverError(_journal_fault(found))

    def _sync(self) -> None:
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            self._lost = f"cannot be synced: {error.strerror}"
            raise DamoverError(_journal_fault(self._lost)) from error
        self._synced = time.monotonic()


def _journal_fault(found: str) -> Fault:
    return Fault(Code.STORE, "journal.jsonl", found, "a disk with room")
