"""The goldens of a run: found when the plan is made, read as they were then, compared or written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_damover import documents, store
from pytest_damover.domain.case import Case, GoldenDemand
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.golden import drift
from pytest_damover.domain.golden_file import Asker, Golden, GoldenKey, Setting, StoredGolden, family_of, nearest
from pytest_damover.domain.golden_result import DEFAULT_TOLERANCE, GoldenOutcome, GoldenResult, Tolerance, demanded
from pytest_damover.domain.revision import Revision
from pytest_damover.domain.run import Plan

FOLDER = "golden"
MOST_DIFFERENCES = 20
"""The journal holds the detections; so many sentences are enough to see what is wrong."""
EXACTLY = Tolerance(0.0, 0.0)
UPDATE = "--damover-update-golden"


@dataclass(frozen=True, slots=True)
class Asked:
    """Detections that are held to a golden: whose they are, of which image, and what is demanded of them."""

    key: GoldenKey
    revision: Revision
    detections: Detections
    image_sha256: str | None
    demand: GoldenDemand


def refuse_two_of_a_family(revisions: Sequence[Revision]) -> None:
    """Usage error of a run that would write one golden for two revisions: nobody has said which of them is right."""
    families: dict[str, list[str]] = {}
    for revision in revisions:
        families.setdefault(family_of(revision), []).append(revision.name)
    wrong = [
        f"damover: {UPDATE}: {' and '.join(names)} are both of the family {family}, whose goldens are one set; "
        "give --revisions the one whose detections were accepted"
        for family, names in families.items()
        if len(names) > 1
    ]
    if wrong:
        raise pytest.UsageError("\n".join(wrong))


def files_of(folder: Path) -> tuple[str, ...]:
    """Everything that lies below a suite's folder of goldens, by path relative to it."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return tuple(sorted(path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts)))


class Goldens:
    """The goldens under `golden/`; with `update` they are written, and nothing is compared."""

    def __init__(self, project: Path, update: bool) -> None:
        self._root = project / FOLDER
        self.update = update
        self._pinned: Mapping[str, Mapping[str, str]] = {}
        self._found: dict[str, tuple[StoredGolden, ...]] = {}
        self._written: dict[tuple[str, str], Asked] = {}

    @property
    def pinned(self) -> Mapping[str, Mapping[str, str]]:
        """SHA-256 of the goldens of the plan, by suite and path; empty before there is one."""
        return self._pinned

    def pin(self, plan: Plan) -> None:
        """From now on a golden is refused whose bytes are not those that `plan` was made for."""
        self.pin_files({suite.name: suite.goldens for suite in plan.suites})

    def pin_files(self, digests: Mapping[str, Mapping[str, str]]) -> None:
        """The same, where another process has the plan."""
        self._pinned = digests
        self._found.clear()

    def folder_of(self, suite: str) -> Path:
        """Where a suite's goldens lie."""
        return self._root / suite

    def of_case(
        self, case: Case, revision: Revision, detections: Detections, image_sha256: str, setting: Setting
    ) -> GoldenResult:
        """What becomes of a case that is held to its golden."""
        assert case.golden is not None
        key = GoldenKey(Asker.CASE, case.name, family_of(revision), setting)
        return self.hold(case.suite, Asked(key, revision, detections, image_sha256, case.golden))

    def hold(self, suite: str, asked: Asked) -> GoldenResult:
        """Compare with the nearest golden, or write it; `DamoverError` for one that cannot be read or has changed."""
        if self.update:
            return self._write(suite, asked)
        used = nearest(self._stored(suite), asked.key)
        if used is None:
            missing = tuple(self._why_missing(suite, asked.key))
            return GoldenResult(asked.key.name, GoldenOutcome.MISSING, asked.key.path, "", missing)
        golden = self._read(suite, used)
        tolerance = _allowed(asked, golden.tolerance, f"golden/{suite}/{used.path}")
        lines = _differences(golden, asked, tolerance)
        return GoldenResult(
            name=asked.key.name,
            outcome=GoldenOutcome.DRIFT if lines else GoldenOutcome.MATCH,
            file=used.path,
            inexact=_inexact(used.setting, asked.key.setting),
            differences=_shortened(lines),
            tolerance=tolerance,
        )

    def _stored(self, suite: str) -> tuple[StoredGolden, ...]:
        if suite not in self._found:
            paths = self._pinned[suite] if suite in self._pinned else files_of(self.folder_of(suite))
            self._found[suite] = tuple(one for one in map(StoredGolden.at, paths) if one is not None)
        return self._found[suite]

    def _read(self, suite: str, stored: StoredGolden) -> Golden:
        where = f"{FOLDER}/{suite}/{stored.path}"
        text = documents.read_bytes(self.folder_of(suite) / stored.path, where, Code.GOLDEN)
        pinned = self._pinned.get(suite, {}).get(stored.path)
        if pinned is not None and hashlib.sha256(text).hexdigest() != pinned:
            found = f"changed after the plan was made: its SHA-256 is {hashlib.sha256(text).hexdigest()}"
            raise DamoverError(Fault(Code.GOLDEN, where, found, pinned, "leave goldens alone during a run; run again"))
        return read_golden(text, where, stored)

    def _why_missing(self, suite: str, key: GoldenKey) -> list[str]:
        exact = f"{FOLDER}/{suite}/{key.path}"
        lines = [f"{exact} is not there: look at the detections, then run with {UPDATE}"]
        others = [one for one in self._stored(suite) if one.group[1:] == key.group[1:]]
        if others:
            lines.append(f"there is one of another family, which does not count: {others[0].path}")
        if (self.folder_of(suite) / f"{key.name}.json").is_file():
            old = f"{FOLDER}/{suite}/{key.name}.json does not say family, device and image"
            lines.append(f"{old}: it is of an earlier form, and not read; delete it once {UPDATE} has run")
        return lines

    def _write(self, suite: str, asked: Asked) -> GoldenResult:
        path = self.folder_of(suite) / asked.key.path
        where = f"{FOLDER}/{suite}/{asked.key.path}"
        tolerance = _allowed(asked, DEFAULT_TOLERANCE, where)
        before = self._written.setdefault((suite, asked.key.path), asked)
        if before.image_sha256 != asked.image_sha256 or drift(before.detections, asked.detections, EXACTLY):
            found = "was written before in this run, with other detections"
            raise DamoverError(
                Fault(Code.GOLDEN, where, found, "one name for one image", "give each a name of its own")
            )
        revision = asked.revision
        golden = Golden(asked.key, revision.name, revision.digest, asked.image_sha256, tolerance, asked.detections)
        changes = self._changes(path, where, asked.key, golden) if before is asked else ()
        store.make_folder(path.parent)
        store.write_text(path, json.dumps(golden.to_json(), ensure_ascii=False, indent=1) + "\n")
        return GoldenResult(asked.key.name, GoldenOutcome.WRITTEN, asked.key.path, "", _shortened(changes), tolerance)

    def _changes(self, path: Path, where: str, key: GoldenKey, now: Golden) -> tuple[str, ...]:
        """In words, what is another than in the golden that is written over."""
        if not path.exists():
            return ("it is new",)
        stored = StoredGolden(key.path, key.group, key.setting)
        try:
            before = read_golden(documents.read_bytes(path, where, Code.GOLDEN), where, stored)
        except DamoverError:
            return ("what was there could not be read",)
        lines = [*drift(before.detections, now.detections, EXACTLY)]
        if before.image_sha256 != now.image_sha256:
            lines.insert(0, f"it was of the image {_short(before.image_sha256)}, and is of {_short(now.image_sha256)}")
        if before.tolerance != now.tolerance:
            lines.append(f"it allowed {before.tolerance}, and allows {now.tolerance}")
        return tuple(lines) or ("nothing has changed",)


def read_golden(text: bytes, where: str, stored: StoredGolden) -> Golden:
    """The golden that a file holds; `DamoverError` when it is none, or another than its path says."""
    data = documents.parse_json(text, where, Code.GOLDEN)
    faults = documents.schema_faults(data, "golden", where, Code.GOLDEN)
    if faults:
        raise DamoverError(*faults)
    again = f"write it again with {UPDATE}"
    try:
        golden = Golden.from_json(data)
    except ValueError as error:
        raise DamoverError(Fault(Code.GOLDEN, where, str(error), "lists of one length", again)) from error
    if golden.key.path != stored.path:
        raise DamoverError(Fault(Code.GOLDEN, where, f"holds the golden {golden.key.path}", stored.path, again))
    for found in golden.tolerance.faults(DEFAULT_TOLERANCE):
        raise DamoverError(
            Fault(Code.GOLDEN, f"{where}: $.tolerance", found, f"at most {DEFAULT_TOLERANCE}, or a reason")
        )
    return golden


def _allowed(asked: Asked, accepted: Tolerance, where: str) -> Tolerance:
    tolerance = demanded(asked.demand, accepted)
    wrong = dict.fromkeys((*tolerance.faults(accepted), *tolerance.faults(DEFAULT_TOLERANCE)))
    if wrong:
        next_step = 'say why: "reason" beside the tolerances, or Tolerance(…, reason="…")'
        raise DamoverError(*(Fault(Code.GOLDEN, where, found, str(accepted), next_step) for found in wrong))
    return tolerance


def _differences(golden: Golden, asked: Asked, tolerance: Tolerance) -> tuple[str, ...]:
    images = golden.image_sha256, asked.image_sha256
    if None not in images and images[0] != images[1]:
        return (f"it was accepted for another image: SHA-256 {_short(images[0])}, this one is {_short(images[1])}",)
    return drift(golden.detections, asked.detections, tolerance)


def _inexact(used: Setting, here: Setting) -> str:
    return "" if used == here else f"accepted on {used}, this ran on {here}"


def _shortened(lines: tuple[str, ...]) -> tuple[str, ...]:
    more = len(lines) - MOST_DIFFERENCES
    return lines if more <= 0 else (*lines[:MOST_DIFFERENCES], f"and {more} more")


def _short(digest: str | None) -> str:
    return "unknown" if digest is None else digest[:12]
