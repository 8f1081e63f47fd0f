"""OPEN FIRST. A run is a plan (everything that must run, written first) and a journal (everything that ran)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pytest_damover.domain.anatomy import Difference
from pytest_damover.domain.case import Case, case_from_data
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.journal import Finished, Journal
from pytest_damover.domain.revision import Revision
from pytest_damover.domain.safety import Safety
from pytest_damover.domain.waiver import WaiverFile

PLAN_SCHEMA = 2

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


def plan_to_text(plan: Plan) -> str:
    """The bytes of `plan.json`, as text."""
    data = {
        "schema": PLAN_SCHEMA,
        "run_id": plan.run_id,
        "created_at": plan.created_at,
        "command": plan.command,
        "detector": plan.detector,
        "device": plan.device,
        "baseline": plan.baseline and plan.baseline.to_json(),
        "candidates": [revision.to_json() for revision in plan.candidates],
        "narrowed": plan.narrowed,
        "left_out": plan.left_out,
        "runner": plan.runner,
        "allow_identical": plan.allow_identical,
        "safety": {name: safety.to_json() for name, safety in plan.safety.items()},
        "consents": dict(plan.consents),
        "differences": {name: difference.to_json() for name, difference in plan.differences.items()},
        "notes": plan.notes,
        "code": plan.code,
        "suites": [_suite_to_json(suite) for suite in plan.suites],
        "items": [(item.suite, item.case, item.probe, item.revision) for item in plan.items],
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"


def plan_from_text(text: str, where: str = "plan.json") -> Plan:
    """Read `plan.json`; `DamoverError` when it is no plan of a schema this package knows."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DamoverError(_plan_fault(where, f"not a plan ({type(error).__name__}: {error})")) from error
    return plan_from_data(data, where)


def plan_from_data(data: Any, where: str = "plan.json") -> Plan:
    """The plan that the JSON of `plan.json` is; `DamoverError` as for `plan_from_text`."""
    try:
        if data["schema"] != PLAN_SCHEMA:
            raise DamoverError(_plan_fault(where, f"schema {data['schema']!r:.40}"))
        return _plan_from_json(data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DamoverError(_plan_fault(where, f"not a plan ({type(error).__name__}: {error})")) from error


def run_from_text(plan_text: str, journal_text: str) -> Run:
    """Read a run from the texts of its two files."""
    return run_of(plan_from_text(plan_text), Journal.from_text(journal_text), plan_text, journal_text)


def run_of(plan: Plan, journal: Journal, plan_text: str, journal_text: str) -> Run:
    """A run whose two files have been read already; their texts give the digests of their bytes."""
    return Run(plan, journal, _sha256(plan_text), _sha256(journal_text))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


def _plan_fault(where: str, found: str) -> Fault:
    allowed = f"a plan of schema {PLAN_SCHEMA}"
    return Fault(Code.RUN_FOLDER, where, found, allowed, "name a run folder: reports/<run-id>")


def _suite_to_json(suite: SuitePlan) -> dict[str, Any]:
    return {
        "name": suite.name,
        "root": suite.root,
        "policy": suite.policy,
        "policy_digest": suite.policy_digest,
        "policy_source": suite.policy_source,
        "policy_faults": suite.policy_faults,
        "rules": [planned.to_json() for planned in suite.rules],
        "test_severities": suite.test_severities,
        "images": suite.images,
        "goldens": suite.goldens,
        "tests": suite.tests,
        **({} if suite.waivers is None else {"waivers": _waivers_to_json(suite.waivers)}),
        "broken": suite.broken,
        "cases": [[case.source, case.digest, case.data] for case in suite.cases],
    }


def _suite_from_json(data: Mapping[str, Any]) -> SuitePlan:
    name = data["name"]
    return SuitePlan(
        name=name,
        root=_text(data["root"]),
        cases=tuple(case_from_data(case, name, source, digest) for source, digest, case in data["cases"]),
        broken=_texts(data["broken"]),
        policy=data["policy"],
        policy_source=data["policy_source"],
        policy_faults=_texts(data["policy_faults"]),
        test_severities=data["test_severities"],
        policy_digest=_text(data["policy_digest"]),
        rules=tuple(_planned_rule(*planned) for planned in data["rules"]),
        images=_text_by_name(data["images"]),
        goldens=_text_by_name(data["goldens"]),
        tests=_text_by_name(data["tests"]),
        waivers=_waivers_from_json(data["waivers"]) if "waivers" in data else None,
    )


def _waivers_to_json(file: WaiverFile) -> dict[str, Any]:
    return {"source": file.source, "digest": file.digest, "data": file.data, "faults": file.faults}


def _waivers_from_json(data: Mapping[str, Any]) -> WaiverFile:
    return WaiverFile(_text(data["source"]), _text(data["digest"]), data["data"], _texts(data["faults"]))


def _plan_from_json(data: Mapping[str, Any]) -> Plan:
    baseline = data["baseline"]
    return Plan(
        run_id=data["run_id"],
        created_at=data["created_at"],
        command=_text(data["command"]),
        detector=data["detector"],
        device=data["device"],
        baseline=None if baseline is None else Revision.from_json(baseline),
        candidates=tuple(Revision.from_json(revision) for revision in data["candidates"]),
        suites=tuple(_suite_from_json(suite) for suite in data["suites"]),
        items=tuple(PlanItem(*item) for item in data["items"]),
        narrowed=_texts(data["narrowed"]),
        left_out=_texts(data["left_out"]),
        runner=_text(data["runner"]),
        allow_identical=data["allow_identical"] is True,
        safety={name: Safety.from_json(safety) for name, safety in data["safety"].items()},
        consents={name: _text(consent) for name, consent in data["consents"].items()},
        differences={name: Difference.from_json(one) for name, one in data["differences"].items()},
        notes=_texts(data["notes"]),
        code=_text(data["code"]),
    )


def _planned_rule(rule: Any, slice_name: Any, *label: Any) -> PlannedRule:
    return PlannedRule(_text(rule), None if slice_name is None else _text(slice_name), *(_text(one) for one in label))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TypeError(f"{values!r} is no list of texts")
    return tuple(values)


def _text_by_name(values: Any) -> Mapping[str, str]:
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise TypeError(f"{values!r} is no table of texts")
    return values
