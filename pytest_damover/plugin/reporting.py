"""How an outcome shows in pytest: a regression fails, a known failure is xfailed."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from pytest_damover.domain.case import Severity
from pytest_damover.domain.comparing.tolerance import BASELINE_FAILS, KNOWN_FAILURE, allowed
from pytest_damover.domain.journal import ItemOutcome
from pytest_damover.domain.run import LATENCY, PlanItem
from pytest_damover.plugin import gather
from pytest_damover.plugin.gather import Gather, Role
from pytest_damover.plugin.golden import fault_of, goldens_of, why_not_compared
from pytest_damover.plugin.items import FACTS
from pytest_damover.runners import CrashError

REPORTS = pytest.StashKey[list[pytest.TestReport]]()
TOLERATED = pytest.StashKey[bool]()
CRASHED = "damover_crashed"
"""The attribute of a report that travels with it from a worker."""


def tolerance(
    state: Gather, item: PlanItem, outcome: ItemOutcome, severity: Severity, crashed: bool = False
) -> str | None:
    """Why a failed item does not fail the run; None when it passed or does fail it.

    The baseline may fail, the candidate may fail what the baseline fails, and the policy may allow so many regressions
    of a severity: the first so many are shown as allowed, the next one fails. What a waiver covers is not counted.
    Nothing allows a candidate to crash.
    """
    if outcome is not ItemOutcome.FAILED or not state.options.gate:
        return None
    if state.is_baseline(item):
        return BASELINE_FAILS
    if state.role is Role.WORKER:  # what the baseline did, another worker may know
        return None
    if crashed:
        return None
    if state.baseline_outcome(item) is ItemOutcome.FAILED:
        return KNOWN_FAILURE
    waived = state.waived.get((item.suite, item.case, item.revision))
    if waived is not None and item.probe != LATENCY:
        return waived
    limit = state.allowance(item.suite, severity)
    key = (item.suite, item.revision, severity)
    state.spent[key] = state.spent.get(key, 0) + 1
    return allowed(severity, state.spent[key], limit, alone=state.lineup.baseline is None)


def tolerate(report: pytest.TestReport, reason: str) -> None:
    """Show a failed item as xfailed, with the reason."""
    report.outcome = "skipped"
    report.wasxfail = reason


def pytest_runtest_setup(item: pytest.Item) -> None:
    facts = item.stash.get(FACTS, None)
    if facts is not None and facts.needs_gpu and not gather.of(item.config).models.device.startswith("cuda"):
        pytest.skip(f"needs a GPU, this run is on {gather.of(item.config).models.device}")


def has_crashed(reports: list[pytest.TestReport]) -> bool:
    """True when a model's process crashed in the test that these are the reports of."""
    return any(getattr(report, CRASHED, False) for report in reports)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.excinfo is not None and call.excinfo.errisinstance(CrashError):
        setattr(report, CRASHED, True)
    facts = item.stash.get(FACTS, None)
    if facts is None and report.failed:
        gather.of(item.config).failed_outside.append(report.nodeid)
    if facts is not None:
        item.stash.setdefault(REPORTS, []).append(report)
        state = gather.of(item.config)
        if report.when == "call" and report.passed and (why := why_not_compared(goldens_of(item))):
            report.outcome = "skipped"  # it went on, and what it asked for is not shown
            report.longrepr = (str(item.path), item.location[1] or 0, why)
        if report.when == "call" and report.failed and not fault_of(item):
            reason = tolerance(state, facts.plan_item, ItemOutcome.FAILED, facts.severity, has_crashed([report]))
            if reason is not None:
                item.stash[TOLERATED] = True
                tolerate(report, reason)
    return report
