"""`plan.json`: a plan as text, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pytest_damover.domain.anatomy import Difference
from pytest_damover.domain.case import case_from_data
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.journal import Journal
from pytest_damover.domain.revision import Revision
from pytest_damover.domain.run import Plan, PlanItem, PlannedRule, Run, SuitePlan, run_of
from pytest_damover.domain.safety import Safety
from pytest_damover.domain.waiver import WaiverFile

PLAN_SCHEMA = 2


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
