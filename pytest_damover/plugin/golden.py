"""The `golden` fixture: three outcomes, match, drift and missing; and a run that writes goldens passes nothing."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_damover import documents, store
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.golden import Tolerance, drift

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
FOLDER = "golden"


def folder_of(project: Path, suite: str) -> Path:
    """Where a suite's goldens lie."""
    return project / FOLDER / suite


@dataclass(frozen=True, slots=True)
class Golden:
    """Goldens of one suite, one JSON file each."""

    folder: Path
    update: bool

    def __call__(self, detections: Detections, name: str, tolerance: Tolerance | None = None) -> None:
        """Fail the test when `detections` drifted from the golden of that name; skip it when there is none.

        With `--damover-update-golden` the golden is written and the test skipped: it has compared nothing.
        """
        if NAME.fullmatch(name) is None:
            allowed = "1 to 100 letters, digits, '.', '_', '-', no leading '.' or '-'"
            raise DamoverError(Fault(Code.GOLDEN, f"golden name {name!r}", "no file can be named so", allowed))
        path = self.folder / f"{name}.json"
        if self.update:
            self.folder.mkdir(parents=True, exist_ok=True)
            store.write_text(path, json.dumps(detections.to_json(), indent=1) + "\n")
            pytest.skip(f"golden {name} was written; a run that writes goldens compares nothing")
        if not path.is_file():
            pytest.skip(f"golden {name} is missing; look at the detections, then run with --damover-update-golden")
        lines = drift(self._read(path), detections, tolerance or Tolerance())
        if lines:
            pytest.fail(f"drift from golden {name}:\n  " + "\n  ".join(lines), pytrace=False)

    def _read(self, path: Path) -> Detections:
        data = documents.parse_json(documents.read_bytes(path, path.name, Code.GOLDEN), path.name, Code.GOLDEN)
        try:
            return Detections.from_json(data)
        except (KeyError, TypeError, ValueError) as error:
            fault = Fault(Code.GOLDEN, path.name, f"not detections ({error})", "boxes, scores, labels")
            raise DamoverError(fault) from error
