"""The only package that writes project files: atomic, fsynced, and never over what is already there by halves."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.plan_file import run_from_text
from pytest_damover.domain.run import Run
from pytest_damover.store._files import encoded, make_folder, sync_folder, text_digest, write_bytes, write_text, writing
from pytest_damover.store._journal import SYNC_INTERVAL_S, JournalWriter

__all__ = [
    "LATEST",
    "SYNC_INTERVAL_S",
    "JournalWriter",
    "RunFolder",
    "create_run_folder",
    "encoded",
    "make_folder",
    "open_run_folder",
    "point_latest",
    "sync_folder",
    "text_digest",
    "write_bytes",
    "write_text",
]
LATEST = "latest"


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

    @property
    def benchmark(self) -> Path:
        return self.path / "benchmark.json"

    @property
    def junit(self) -> Path:
        return self.path / "junit.xml"

    @property
    def ctrf(self) -> Path:
        return self.path / "ctrf.json"

    def read(self) -> Run:
        """The run as its two files tell it; `DamoverError` when one is missing or is something else."""
        return run_from_text(*self.texts())

    def texts(self) -> tuple[str, str]:
        """What `plan.json` and `journal.jsonl` hold; `DamoverError` when one cannot be read."""
        # a kill may tear the journal's last line within a character: kept as it is, it is damage and in the digest
        return self._text(self.plan, "strict"), self._text(self.journal, "surrogateescape")

    def _text(self, path: Path, torn_errors: str) -> str:
        try:
            whole, newline, torn = path.read_bytes().rpartition(b"\n")
            return (whole + newline).decode() + torn.decode(errors=torn_errors)
        except OSError as error:
            raise _no_run(path, f"cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise _no_run(path, f"byte {error.start} is not UTF-8") from error


def _no_run(path: Path, found: str) -> DamoverError:
    allowed = "a run folder with plan.json and journal.jsonl"
    return DamoverError(Fault(Code.RUN_FOLDER, str(path), found, allowed, "name one: reports/latest"))


def create_run_folder(reports: Path, run_id: str) -> RunFolder:
    """Make `reports/<run_id>/`; an existing one is never reused."""
    folder = RunFolder(reports / run_id)
    new = [path for path in (reports, *reports.parents) if not path.exists()]
    try:
        reports.mkdir(parents=True, exist_ok=True)
        folder.path.mkdir()
        for path in (folder.path, *new):
            sync_folder(path.parent)
    except OSError as error:
        raise DamoverError(Fault(Code.STORE, str(folder.path), f"cannot be made: {error.strerror}")) from error
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
    with writing(latest):
        try:
            os.replace(temporary, latest)  # noqa: PTH105 - Path.replace would follow nothing else
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(latest.parent)


def open_run_folder(path: Path) -> RunFolder:
    """The run folder that `path` names; `reports/latest` may be a link or a file with a run id."""
    if path.is_file() and path.name == LATEST:
        return RunFolder(path.parent / path.read_text("utf-8").strip())
    return RunFolder(path.resolve() if path.is_symlink() else path)
