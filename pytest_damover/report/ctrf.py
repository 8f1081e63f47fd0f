"""`ctrf.json`: the results in the Common Test Report Format (ctrf.io), for the dashboards that read it."""

from __future__ import annotations

import json
from collections import Counter
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
    told = [*results(run, verdict)]
    moment = began(run)
    start_ms = 0 if moment is None else round(moment.timestamp() * 1000)
    counts = Counter(_STATUS[one.status] for one in told)
    data = {
        "reportFormat": "CTRF",
        "specVersion": SPEC_VERSION,
        **({} if moment is None else {"timestamp": moment.isoformat()}),
        "generatedBy": "pytest-damover",
        "results": {
            "tool": {"name": "pytest-damover", "version": one_line(run.plan.code)},
            "summary": {
                "tests": len(told),
                **{name: counts[name] for name in _COUNTED},
                "suites": len({one.suite for one in told}),
                "start": start_ms,
                "stop": start_ms + sum(map(_ms, told)),
                "extra": {"verdict": verdict.verdict.value, "runId": one_line(run.plan.run_id)},
            },
            "tests": [_test(one) for one in told],
        },
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"


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
