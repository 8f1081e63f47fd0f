"""OPEN FIRST. A run is a plan (everything that must run, written first) and a journal (everything that ran)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pytest_damover.domain.anatomy import Difference
from pytest_damover.domain.case import Case
from pytest_damover.domain.journal import Finished, Journal
from pytest_damover.domain.revision import Revision
from pytest_damover.domain.safety import Safety
from pytest_damover.domain.waiver import WaiverFile

DETECT = "detect"
TEST = "test"
LATENCY = "latency"

NO_REVISION = ""
"""The revision of a Python test that asks for none: it runs once, and for every candidate."""


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One thing that must run: a probe of a case (or of the whole suite) on one revision."""

    suite: str
    case: str
    probe: str
    revision: str

    @property
    def key(self) -> str:
        """The name that the journal uses: results are joined on it, never on pytest's node ids."""
        return f"{self.suite}/{self.case}:{self.probe}@{self.revision}"


@dataclass(frozen=True, slots=True)
class PlannedRule:
    """One rule that the policy will apply: to a whole suite, to one `slice` of it, or to its objects of one `label`."""

    rule: str
    slice: str | None = None
    label: str | None = None

    def to_json(self) -> list[str | None]:
        """Rule and slice, and the label where there is one."""
        return [self.rule, self.slice, *([] if self.label is None else [self.label])]


@dataclass(frozen=True, slots=True)
class SuitePlan:
    """One suite as it was read: its good cases, what is broken in it, and the policy that was in force.

    `root` is relative to the project's root; `policy` is the policy's data, None when there is no usable one, and
    `policy_digest` the SHA-256 of what it says, '' without one; `rules` is what it will be judged by.
    `test_severities` holds what Python tests were marked with, by case name. `waivers` is None without waivers.toml.

    SHA-256 in hex of what the run rests on: `images` by `image_path`, as the case's author gave it, else as it lay
    there when the plan was made (one that could not be read is missing); `goldens` by path below `golden/<suite>/`;
    `tests` by path relative to the project: every Python file of the suite, and the conftest.py files above it.
    """

    name: str
    root: str
    cases: tuple[Case, ...]
    broken: tuple[str, ...]
    policy: Mapping[str, Any] | None
    policy_source: str
    policy_faults: tuple[str, ...]
    test_severities: Mapping[str, str]
    policy_digest: str = ""
    rules: tuple[PlannedRule, ...] = ()
    images: Mapping[str, str] = field(default_factory=dict)
    goldens: Mapping[str, str] = field(default_factory=dict)
    tests: Mapping[str, str] = field(default_factory=dict)
    waivers: WaiverFile | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that must run, with the digests of what it runs on.

    `baseline` is None when one revision is judged alone. `narrowed` lists in words why the selection is smaller than
    the suites (a node id on the command line, say); `left_out` lists what was not planned and why (a test that needs a
    GPU on a machine without one); `command` repeats the run.

    `safety` and `consents` say by revision name what loading it may run, and who consented to that and when;
    `differences` say by candidate name in what its files differ from the baseline's, seen without running either;
    `notes` list in words what the reader should know of how revisions and cases were found. `code` names what planned
    the run: the version of this package and the SHA-256 of its own files.
    """

    run_id: str
    created_at: str
    command: str
    detector: str
    device: str
    baseline: Revision | None
    candidates: tuple[Revision, ...]
    suites: tuple[SuitePlan, ...]
    items: tuple[PlanItem, ...]
    narrowed: tuple[str, ...]
    left_out: tuple[str, ...]
    runner: str = ""
    allow_identical: bool = False
    safety: Mapping[str, Safety] = field(default_factory=dict)
    consents: Mapping[str, str] = field(default_factory=dict)
    differences: Mapping[str, Difference] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    code: str = ""

    @property
    def revisions(self) -> tuple[Revision, ...]:
        """Baseline first, then the candidates."""
        return self.candidates if self.baseline is None else (self.baseline, *self.candidates)

    def suite(self, name: str) -> SuitePlan:
        """The suite of that name."""
        return next(suite for suite in self.suites if suite.name == name)


@dataclass(frozen=True)
class Run:
    """A plan and its journal, with the digests of the bytes they were read from."""

    plan: Plan
    journal: Journal
    plan_digest: str
    journal_digest: str

    @cached_property
    def cases(self) -> Mapping[tuple[str, str], Case]:
        """Every good case by (suite, case name)."""
        return {(suite.name, case.name): case for suite in self.plan.suites for case in suite.cases}

    @cached_property
    def finished(self) -> Mapping[str, Finished]:
        """The first end of every item by its key; a second end is for the judge to find."""
        return {finished.item: finished for finished in reversed(self.journal.finished)}


def run_of(plan: Plan, journal: Journal, plan_text: str, journal_text: str) -> Run:
    """A run whose two files have been read already; their texts give the digests of their bytes."""
    return Run(plan, journal, _sha256(plan_text), _sha256(journal_text))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
