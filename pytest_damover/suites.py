"""Suites on disk: `suites/<suite>/` with its cases and its policy, read strictly."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_damover import documents
from pytest_damover.domain.case import Case, case_from_data
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.golden_result import DEFAULT_TOLERANCE, Tolerance
from pytest_damover.domain.naming import slug
from pytest_damover.domain.waiver import WaiverFile, meaning_faults, waivers_digest

FOLDER = "suites"
CASES = "cases"
CASE_LINES = "cases.jsonl"
POLICY = "gate.toml"
WAIVERS = "waivers.toml"


@dataclass(frozen=True, slots=True)
class BrokenCase:
    """A case that could not be read: a name to show it under, and its faults."""

    name: str
    source: str
    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A policy as it was read: its data when it is usable, else its faults."""

    source: str
    data: Mapping[str, Any] | None
    faults: tuple[Fault, ...]


@dataclass(slots=True)
class Suite:
    """One suite folder; every case file is read once, and names must be unique in the suite.

    `project` is the folder that sources are relative to.
    """

    name: str
    root: Path
    project: Path
    _files: dict[str, tuple[Case | BrokenCase, ...]] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    cases: Path = field(init=False)
    """The folder of the case files."""
    _folder: str = field(init=False)
    _source: str = field(init=False)

    def __post_init__(self) -> None:
        self.cases = self.root / CASES
        self._folder = str(self.cases)
        self._source = self.source(self.cases)

    def case_files(self) -> Iterator[str]:
        """Names of the case files in `cases/`: every `*.json` in name order, then `cases.jsonl`."""
        if not self.cases.is_dir():
            return
        with os.scandir(self.cases) as entries:
            names = sorted(entry.name for entry in entries if entry.is_file() or _leads_nowhere(entry))
        yield from (name for name in names if name.endswith(".json"))
        if CASE_LINES in names:
            yield CASE_LINES

    def read(self, name: str) -> tuple[Case | BrokenCase, ...]:
        """Every case of one case file, good or broken."""
        if name not in self._files:
            self._files[name] = tuple(self._unique(entry) for entry in self._parse(name))
        return self._files[name]

    def all_cases(self) -> Iterator[Case | BrokenCase]:
        """Every case of every file, and whatever lies where it will never be read."""
        for name in self.case_files():
            yield from self.read(name)
        yield from self._misplaced()

    def examine(self, text: bytes, where: str) -> Case | BrokenCase:
        """What a new case file of that text would be among the suite's cases."""
        for _ in self.all_cases():
            pass
        return self._unique(self._case(text, where, where, where))

    def case_source(self, name: str) -> str:
        """The path of a case file relative to the project, with forward slashes."""
        return f"{self._source}/{name}"

    def source(self, path: Path) -> str:
        """The path relative to the project, with forward slashes."""
        return path.relative_to(self.project).as_posix()

    def read_policy(self, override: Path | None = None) -> PolicyFile:
        """The suite's `gate.toml`, or the policy file that the user named instead."""
        path = override or self.root / POLICY
        where = path.as_posix() if override else self.source(path)
        return read_policy(path, where)

    def read_waivers(self) -> WaiverFile | None:
        """The suite's `waivers.toml`; None where there is none."""
        path = self.root / WAIVERS
        return read_waivers(path, self.source(path)) if os.path.lexists(path) else None

    def _misplaced(self) -> Iterator[BrokenCase]:
        """What was surely meant to run and never would: nobody shall take its silence for a pass."""
        if (self.root / CASE_LINES).exists():
            yield _misplaced(CASE_LINES, self.source(self.root / CASE_LINES), f"{self._source}/{CASE_LINES}")
        if not self.cases.is_dir():
            return
        with os.scandir(self.cases) as entries:
            unread = [entry for entry in entries if not entry.name.endswith(".json") or entry.is_dir()]
            names = sorted((entry.name, entry.is_dir()) for entry in unread)
        for name, is_folder in names:
            inside = (self.cases / name).rglob("*") if is_folder else ()
            if any(_is_case_like(path.name) for path in inside) or (is_folder and _is_case_like(name)):
                yield _misplaced(name, f"{self._source}/{name}/", f"case files directly in {self._source}/")
            elif not is_folder and name != CASE_LINES and _is_case_like(name):
                yield _misplaced(name, self.case_source(name), f"{self._source}/*.json, {CASE_LINES}; tests beside it")

    def _parse(self, name: str) -> Iterator[Case | BrokenCase]:
        source, stem = self.case_source(name), name.rpartition(".")[0]
        path = f"{self._folder}/{name}"
        try:
            name.encode()
        except UnicodeEncodeError:
            source, stem = ascii(source)[1:-1], ascii(stem)[1:-1]
            yield BrokenCase(stem, source, (Fault(Code.CASE_FILE, source, "a file name that is not UTF-8", "UTF-8"),))
            return
        try:
            if name != CASE_LINES:
                yield self._case(documents.read_bytes(path, source, Code.CASE_FILE), source, source, stem)
                return
            with open(path, "rb") as file:  # noqa: PTH123 - one of ten thousand
                lines = iter(lambda: file.readline(documents.MAX_BYTES + 1), b"")
                for number, line in enumerate(lines, start=1):
                    documents.check_size(line, f"{source}:{number}", Code.CASE_FILE)
                    if line.strip():
                        yield self._case(line.strip(), source, f"{source}:{number}", f"{stem}-line-{number}")
        except (DamoverError, OSError) as error:
            faults = error.faults if isinstance(error, DamoverError) else (Fault(Code.CASE_FILE, source, str(error)),)
            yield BrokenCase(stem, source, faults)

    def _case(self, text: bytes, source: str, where: str, fallback: str) -> Case | BrokenCase:
        try:
            data = documents.parse_json(text, where, Code.CASE_FILE)
        except DamoverError as error:
            return BrokenCase(fallback, where, error.faults)
        faults = documents.schema_faults(data, "case", where, Code.CASE_FILE) or _meaning_faults(data, where)
        if faults:
            return BrokenCase(fallback, where, faults)
        return case_from_data(data, self.name, source, hashlib.sha256(text).hexdigest())

    def _unique(self, entry: Case | BrokenCase) -> Case | BrokenCase:
        if isinstance(entry, BrokenCase):
            return entry
        name = entry.name if entry.name.isascii() else unicodedata.normalize("NFC", entry.name)
        keys = (name.casefold(), slug(name).casefold())
        taken = next((self._names[key] for key in keys if key in self._names), None)
        if taken is None:
            self._names |= dict.fromkeys(keys, entry.source)
            return entry
        found = f"the name {entry.name!r} is taken by a case in {taken}"
        allowed = "names that differ in more than upper and lower case"
        return BrokenCase(entry.name, entry.source, (Fault(Code.CASE_NAME, entry.source, found, allowed),))


def read_policy(path: Path, where: str) -> PolicyFile:
    """Read and check one policy file; its faults are all of them."""
    try:
        data = documents.parse_toml(documents.read_bytes(path, where, Code.POLICY), where, Code.POLICY)
    except DamoverError as error:
        return PolicyFile(where, None, error.faults)
    faults = documents.schema_faults(data, "policy", where, Code.POLICY)
    return PolicyFile(where, None if faults else data, faults)


def read_waivers(path: Path, where: str) -> WaiverFile:
    """Read and check one file of waivers; its faults are all of them."""
    try:
        data = documents.parse_toml(documents.read_bytes(path, where, Code.WAIVERS), where, Code.WAIVERS)
    except DamoverError as error:
        return WaiverFile(where, "", None, tuple(map(str, error.faults)))
    faults = waiver_faults(data, where, Code.WAIVERS)
    return WaiverFile(where, "" if faults else waivers_digest(data), None if faults else data, tuple(map(str, faults)))


def waiver_faults(data: Any, where: str, code: Code) -> tuple[Fault, ...]:
    """All that is wrong with the data of waivers, wherever it was read."""
    return documents.schema_faults(data, "waivers", where, code) or meaning_faults(data, where, code)


def _misplaced(name: str, source: str, allowed: str) -> BrokenCase:
    found = "cases or tests that are not read here"
    return BrokenCase(name, source, (Fault(Code.CASE_FILE, source, found, allowed, "move or rename it"),))


def _is_case_like(name: str) -> bool:
    return name.lower().endswith((".json", ".jsonl")) or (name.startswith("test_") and name.endswith(".py"))


def _leads_nowhere(entry: os.DirEntry[str]) -> bool:
    """True for a link to nothing: as a case file it is an error, not a case less."""
    return entry.is_symlink() and not os.path.exists(entry)  # noqa: PTH110 - one of ten thousand


def _meaning_faults(data: Mapping[str, Any], where: str) -> tuple[Fault, ...]:
    """What a schema cannot say: an upper limit under its lower one, a box without area."""
    expected, faults = data["expected"], []
    low, high = expected.get("min_objects"), expected.get("max_objects")
    if low is not None and high is not None and low > high:
        path = f"{where}: $.expected.max_objects"
        faults.append(Fault(Code.CASE_FILE, path, f"{high} is less than min_objects {low}", f"at least {low}"))
    boxes = [(f"expected_boxes[{i}].box", entry["box"]) for i, entry in enumerate(expected.get("expected_boxes", ()))]
    boxes += [(f"forbidden_regions[{i}]", box) for i, box in enumerate(expected.get("forbidden_regions", ()))]
    for name, (x1, y1, x2, y2) in boxes:
        if not (x1 < x2 and y1 < y2):
            found = f"[{x1}, {y1}, {x2}, {y2}] has no area"
            faults.append(Fault(Code.CASE_FILE, f"{where}: $.expected.{name}", found, "x1 < x2 and y1 < y2"))
    return (*faults, *_golden_faults(expected.get("golden"), f"{where}: $.expected.golden"))


def _golden_faults(demand: Any, where: str) -> Iterator[Fault]:
    """A demand that is none, and tolerances looser than the default without a reason."""
    if demand is False:
        yield Fault(Code.CASE_FILE, where, "false demands nothing", "true, or tolerances", "leave the key out")
    if isinstance(demand, dict):
        asked = Tolerance(**{"box_px": DEFAULT_TOLERANCE.box_px, "score": DEFAULT_TOLERANCE.score, **demand})
        for found in asked.faults(DEFAULT_TOLERANCE):
            yield Fault(Code.CASE_FILE, where, found, f'at most {DEFAULT_TOLERANCE}, or a "reason" beside them')
