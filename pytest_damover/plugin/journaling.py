"""Journals Python tests: the start before their set-up, the end after their tear-down."""

from __future__ import annotations

import time
from collections.abc import Generator

import pytest

from pytest_damover.domain.journal import Finished, ItemOutcome
from pytest_damover.plugin import gather
from pytest_damover.plugin.golden import fault_of, goldens_of
from pytest_damover.plugin.items import FACTS
from pytest_damover.plugin.others import wrap_tests
from pytest_damover.plugin.reporting import REPORTS, TOLERATED, has_crashed


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    result = yield
    gather.of(session.config).completed = True
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, bool | None, bool | None]:
    facts = item.stash.get(FACTS, None)
    if facts is None:
        return (yield)
    state, plan_item = gather.of(item.config), facts.plan_item
    item.stash[REPORTS] = []
    state.start(plan_item)
    began = time.perf_counter_ns()
    broken_off = False
    try:
        return (yield)
    except (KeyboardInterrupt, pytest.exit.Exception):  # the run ends inside this test, which has no end of its own
        broken_off = True
        raise
    finally:
        if not broken_off:
            outcome, reason = outcome_of(item)
            duration_ns = time.perf_counter_ns() - began
            device, crashed = state.models.device, has_crashed(item.stash[REPORTS])
            goldens = goldens_of(item)
            finished = Finished(plan_item.key, outcome, reason, device, duration_ns, crashed=crashed, goldens=goldens)
            state.finish(plan_item, finished)


def outcome_of(item: pytest.Item) -> tuple[ItemOutcome, str]:
    """The worst of the test's reports; a test that was never called, or was run again, proves nothing."""
    reports = item.stash[REPORTS]
    calls = [report for report in reports if report.when == "call"]  # several where a test has subtests
    if fault := fault_of(item):
        return ItemOutcome.ERROR, fault
    for report in reports:
        if report.failed and report.when != "call":
            return ItemOutcome.ERROR, _reason(report)
    if any(report.failed for report in calls) or item.stash.get(TOLERATED, False):
        return ItemOutcome.FAILED, next((_reason(report) for report in calls if not report.passed), "failed")
    for report in reports:
        if report.skipped or hasattr(report, "wasxfail"):
            return ItemOutcome.SKIPPED, _reason(report)
    for phase in ("setup", "teardown"):
        times = sum(report.when == phase for report in reports)
        if times != 1:
            return ItemOutcome.ERROR, f"the test had {times} {phase}s: it was run again, or not to its end{_by(item)}"
    if not calls:
        return ItemOutcome.ERROR, f"the test was never called{_by(item)}"
    return ItemOutcome.PASSED, ""


def _by(item: pytest.Item) -> str:
    names = wrap_tests(item.config)
    return f"; plugins that run tests their own way: {', '.join(names)}" if names else ""


def _reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2])
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash is not None else report.longreprtext)[:2000]
