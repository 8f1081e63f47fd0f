"""How items run and how their outcome shows in pytest: a regression fails, a known failure is xfailed."""

from __future__ import annotations

import time
from collections.abc import Generator

import pytest

from pytest_damover.domain.case import Severity
from pytest_damover.domain.journal import Finished, ItemOutcome
from pytest_damover.domain.run import PlanItem
from pytest_damover.plugin import gather, progress
from pytest_damover.plugin.gather import Gather
from pytest_damover.plugin.items import FACTS, CaseItem, DamoverItem

REPORTS = pytest.StashKey[list[pytest.TestReport]]()
TOLERATED = pytest.StashKey[bool]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:  # noqa: ARG001
    if not isinstance(item, DamoverItem):
        return None
    hook, line = item.config.hook, item.config.pluginmanager.getplugin(progress.NAME)
    if line is not None and isinstance(item, CaseItem):
        report = _run(item, gather.of(item.config))
        report.damover_case = True  # type: ignore[attr-defined]
        hook.pytest_runtest_logreport(report=report)
        line.count(item, report)
        return True
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    hook.pytest_runtest_logreport(report=_run(item, gather.of(item.config)))
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def _run(item: DamoverItem, state: Gather) -> pytest.TestReport:
    start = time.time()
    if item.plan_item is not None:
        state.start(item.plan_item)
    finished = item.execute()
    tolerated = None if item.plan_item is None else tolerance(state, item.plan_item, finished.outcome, item.severity)
    if item.plan_item is not None:
        state.finish(item.plan_item, finished)
    stop = time.time()
    report = pytest.TestReport(
        nodeid=item.nodeid,
        location=item.location,
        keywords={item.name: 1},
        outcome="passed" if finished.outcome is ItemOutcome.PASSED else "failed",
        longrepr=None if finished.outcome is ItemOutcome.PASSED else _story(item, finished, state),  # type: ignore[arg-type]
        when="call",
        duration=stop - start,
        start=start,
        stop=stop,
    )
    if tolerated is not None:
        _tolerate(report, tolerated)
    return report


def tolerance(state: Gather, item: PlanItem, outcome: ItemOutcome, severity: Severity) -> str | None:
    """Why a failed item does not fail the run; None when it passed or does fail it.

    The baseline may fail, the candidate may fail what the baseline fails, and the policy may allow so many regressions
    of a severity: the first so many are shown as allowed, the next one fails.
    """
    if outcome is not ItemOutcome.FAILED or not state.options.gate:
        return None
    if state.is_baseline(item):
        return "baseline already fails this"
    if state.baseline_outcome(item) is ItemOutcome.FAILED:
        return "known failure: the baseline fails this too"
    limit = state.allowance(item.suite, severity)
    key = (item.suite, item.revision, severity)
    state.spent[key] = state.spent.get(key, 0) + 1
    if state.spent[key] > limit:
        return None
    return (
        f"{severity.value} {'regression' if state.lineup.baseline else 'failure'} {state.spent[key]} of {limit} allowed"
    )


def _tolerate(report: pytest.TestReport, reason: str) -> None:
    report.outcome = "skipped"
    report.wasxfail = reason  # type: ignore[attr-defined]


def _story(item: DamoverItem, finished: Finished, state: Gather) -> str:
    lines = [finished.reason]
    if isinstance(item, CaseItem):
        about = ", ".join((item.severity.value, *item.case.slices))
        lines = [
            f"{item.case.image_path} ({about}) on {item.revision_name}",
            *(outcome.message for outcome in finished.failed_expectations),
        ]
        if not finished.failed_expectations:
            lines.append(finished.reason)
        if state.baseline_outcome(item.plan_item) is ItemOutcome.PASSED:  # type: ignore[arg-type]
            lines.append(f"{state.lineup.baseline.name} passes this case")  # type: ignore[union-attr]
    return "\n    ".join(lines)


def pytest_runtest_setup(item: pytest.Item) -> None:
    facts = item.stash.get(FACTS, None)
    if facts is not None and facts.needs_gpu and not gather.of(item.config).models.device.startswith("cuda"):
        pytest.skip(f"needs a GPU, this run is on {gather.of(item.config).models.device}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    facts = item.stash.get(FACTS, None)
    if facts is not None:
        item.stash.setdefault(REPORTS, []).append(report)
        state = gather.of(item.config)
        if report.when == "call" and report.failed:
            reason = tolerance(state, facts.plan_item, ItemOutcome.FAILED, facts.severity)
            if reason is not None:
                item.stash[TOLERATED] = True
                _tolerate(report, reason)
    return report
