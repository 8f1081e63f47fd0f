"""Builders of plans, journals and detections: a run is written as who found what, nothing else."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from pytest_damover.domain.case import case_from_data
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.gate import compare_candidates, judge, planned_policies
from pytest_damover.domain.journal import Finished, ItemOutcome, Journal
from pytest_damover.domain.policy import policy_from_data
from pytest_damover.domain.revision import FileEntry, Revision
from pytest_damover.domain.run import DETECT, Plan, PlanItem, Run, SuitePlan

PHONE = [10.0, 10.0, 50.0, 90.0]
HIT = {"boxes": [PHONE], "scores": [0.9], "labels": ["phone"]}
MISS = {"boxes": [], "scores": [], "labels": []}
POLICY = {
    "schema": 1,
    "evidence": {"min_cases": 1, "min_images": 1, "min_objects": 0, "min_slice_images": 1},
}


def revision(name, content=None):
    files = (FileEntry("weights.pt", 3, (content or name).encode().hex().ljust(64, "0")[:64]),)
    return Revision(name, name, "demo/phone", "local", None, files)


def case(name, slices=(), severity="major", boxes=((PHONE, "phone"),), suite="phone", **expected):
    data = {
        "name": name,
        "image_path": f"images/{name}.jpg",
        "severity": severity,
        "slices": list(slices),
        "expected": {**expected},
    }
    if boxes is not None:
        data["expected"]["expected_boxes"] = [{"box": list(box), "label": label} for box, label in boxes]
    return case_from_data(data, suite, f"suites/{suite}/cases/{name}.json", "0" * 64)


def suite(cases=(), policy=POLICY, name="phone", **changes):
    values = {
        "name": name,
        "root": f"suites/{name}",
        "cases": tuple(cases),
        "broken": (),
        "policy": policy,
        "policy_source": f"suites/{name}/gate.toml",
        "policy_faults": (),
        "test_severities": {},
    }
    return SuitePlan(**{**values, **changes})


def plan(suites, baseline="v1", candidates=("v2",), items=None, **changes):
    base = None if baseline is None else revision(baseline)
    others = tuple(revision(name) if isinstance(name, str) else name for name in candidates)
    sides = [side.name for side in ((base, *others) if base else others)]
    if items is None:
        items = [PlanItem(s.name, c.name, DETECT, side) for side in sides for s in suites for c in s.cases]
    values = {
        "run_id": "run-1",
        "created_at": "2026-01-01T00:00:00Z",
        "command": "pytest --revisions v1,v2",
        "detector": "replay",
        "device": "cpu",
        "baseline": base,
        "candidates": others,
        "suites": tuple(suites),
        "items": tuple(items),
        "narrowed": (),
        "left_out": (),
    }
    return Plan(**{**values, **changes})


def finished(item, outcome="passed", detections=HIT, **values):
    return Finished(item.key, ItemOutcome(outcome), device="cpu", detections=detections, **values)


def run(planned, ends=None, started=None, ended="finished", plan_digest="p" * 64, **changes):
    """A run in which every planned item passed with one hit; `ends` replaces the end of an item by its key."""
    replaced = ends or {}
    ends = [replaced.get(item.key, finished(item)) for item in planned.items]
    ends = [end for end in ends if end is not None]
    values = {
        "run_id": planned.run_id,
        "plan_digest": plan_digest,
        "environment": {},
        "started": tuple(item.key for item in planned.items) if started is None else tuple(started),
        "finished": tuple(ends),
        "ended": ended,
        "damage": (),
        "loads": tuple((side.name, {}) for side in planned.revisions),
        "verified": tuple((side.name, ()) for side in planned.revisions),
    }
    return Run(planned, Journal(**{**values, **changes}), plan_digest, "j" * 64)


def outcomes(planned, **by_side):
    """Ends for `run`: `outcomes(plan, v2={"night_1": "failed"})`; a failed one found nothing."""
    keys = {(item.case, item.revision): item for item in planned.items}
    return {
        keys[name, side].key: None
        if outcome is None
        else finished(keys[name, side], outcome, MISS if outcome == "failed" else HIT)
        for side, cases in by_side.items()
        for name, outcome in cases.items()
    }


def policy(**tables):
    return policy_from_data({**POLICY, **tables})


def detections(*objects):
    """`detections((box, score, label), …)`."""
    return Detections.of([o[0] for o in objects], [o[1] for o in objects], [o[2] for o in objects])


def journal_text(planned, plan_digest, ends, reason="finished", torn=False):
    records = [
        {"kind": "begin", "schema": 2, "run_id": planned.run_id, "plan_digest": plan_digest, "environment": {"os": "x"}}
    ]
    for end in ends:
        records += [{"kind": "start", "item": end.item}, end.to_json()]
    if reason is not None:
        records.append({"kind": "end", "reason": reason, "counts": {"started": len(ends), "finished": len(ends)}})
    lines = [json.dumps({"seq": seq, **record}) for seq, record in enumerate(records)]
    return "\n".join(lines) + ("" if torn else "\n")


def answer(run, policies=None):
    policies = planned_policies(run.plan) if policies is None else policies
    return judge(run, compare_candidates(run, policies), policies)


def findings(verdict):
    (candidate,) = verdict.candidates
    return {(finding.rule, finding.slice): finding for finding in candidate.findings}


def reasons(verdict, rule="plan"):
    (candidate,) = verdict.candidates
    return {(finding.verdict, finding.reason) for finding in candidate.findings if finding.rule == rule}


BUILDERS = (revision, case, suite, plan, finished, run, outcomes, policy, detections, journal_text)
QUESTIONS = (answer, findings, reasons)


@pytest.fixture(scope="session")
def build():
    """All builders of this file by name."""
    functions = {function.__name__: function for function in BUILDERS + QUESTIONS}
    return SimpleNamespace(PHONE=PHONE, HIT=HIT, MISS=MISS, POLICY=POLICY, **functions)


@pytest.fixture(scope="session")
def day_night(build):
    """A plan of four minor cases by day and four critical ones by night, v1 against v2."""
    cases = [
        build.case(f"{s}_{i}", [s], severity)
        for s, severity in (("day", "minor"), ("night", "critical"))
        for i in range(4)
    ]
    return build.plan([build.suite(cases)])


@pytest.fixture(scope="session")
def compared(build, day_night):
    """That plan's run, in which everything passed, and its comparison."""
    run = build.run(day_night)
    return run, *compare_candidates(run, {})
