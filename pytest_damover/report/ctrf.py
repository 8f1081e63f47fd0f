"""`ctrf.json`: the results in the Common Test Report Format (ctrf.io), for the dashboards that read it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from pytest_damover.domain.run import Run
from pytest_damover.domain.verdict import Verdict
from pytest_damover.report.text import one_line
from pytest_damover.report.views.results import Result, Status, began, results

SPEC_VERSION = "0.0.0"
"""What the published schema and its own readers write; it has had no numbered release."""
_STATUS = {
    Status.PASSED: "passed",
    Status.FAILED: "failed",
    Status.ERROR: "failed",
    Status.SKIPPED: "skipped",
    Status.TOLERATED: "other",
    Status.MISSING: "pending",
}
_COUNTED = ("passed", "failed", "skipped", "pending", "other")


def render(run: Run, verdict: Verdict) -> str:
    """The text of `ctrf.json`, times in milliseconds.

    A run keeps no time of its end, so `stop` is the start and all that was measured, one after another.
    """
    moment = began(run)
    start_ms = 0 if moment is None else round(moment.timestamp() * 1000)
    counts, suites, tests, duration_ms = Counter[str](), set[str](), list[str](), 0
    for one in results(run, verdict):
        tests.append(_json(_test(one)))
        counts[_STATUS[one.status]] += 1
        suites.add(one.suite)
        duration_ms += _ms(one)
    head = {
        "reportFormat": "CTRF",
        "specVersion": SPEC_VERSION,
        **({} if moment is None else {"timestamp": moment.isoformat()}),
        "generatedBy": "pytest-damover",
    }
    summary = {
        "tests": len(tests),
        **{name: counts[name] for name in _COUNTED},
        "suites": len(suites),
        "start": start_ms,
        "stop": start_ms + duration_ms,
        "extra": {"verdict": verdict.verdict.value, "runId": one_line(run.plan.run_id)},
    }
    tool = {"name": "pytest-damover", "version": one_line(run.plan.code)}
    listed = ",\n".join(tests)  # a line each, made one after another: 200,000 tests as data would be most of the memory
    return (
        f'{_json(head)[:-1]},"results":{{"tool":{_json(tool)},"summary":{_json(summary)},"tests":[\n{listed}\n]}}}}\n'
    )


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _test(result: Result) -> dict[str, Any]:
    test: dict[str, Any] = {"name": result.name, "status": _STATUS[result.status], "duration": _ms(result)}
    test["rawStatus"] = f"{result.raw}, tolerated" if result.status is Status.TOLERATED else result.raw
    test["suite"] = [result.suite]
    if result.message:
        test["message"] = result.message
    if result.details[1:]:
        test["trace"] = "\n".join(result.details)
    if result.file:
        test["filePath"] = result.file
    return test


def _ms(result: Result) -> int:
    return round(result.duration_ns / 1e6)
