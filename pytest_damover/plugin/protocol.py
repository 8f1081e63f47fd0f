"""How our own items run: one report each, and none of the set-up that pytest's protocol wraps around a test."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pytest

from pytest_damover.domain.journal import Finished, ItemOutcome
from pytest_damover.plugin import gather, progress
from pytest_damover.plugin.gather import Gather, Role
from pytest_damover.plugin.golden import why_not_compared
from pytest_damover.plugin.items import CaseItem, DamoverItem
from pytest_damover.plugin.reporting import tolerance, tolerate
from pytest_damover.plugin.turns import run_in_turn
from pytest_damover.report.words import words_in

SUMMARY_WIDTH = 120


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """pytest's own loop, but our items are run without its per-test hooks: they cost more than a trivial case."""
    state = gather.of(session.config)
    if session.config.option.collectonly or _will_not_run(session) or state.role is not Role.ALONE:
        return None
    run_all(session, session.items)
    return True


def run_all(session: pytest.Session, items: Sequence[pytest.Item]) -> None:
    """Run `items` one after the other in this process, until the session is told to stop."""
    # ours set nothing up: to the last test nothing follows, so it clears everything away inside a report of its own
    tests = [item for item in items if not isinstance(item, DamoverItem)]
    following = iter((*tests[1:], None))
    lookahead = gather.of(session.config).lookahead
    for index, item in enumerate(items):
        if isinstance(item, DamoverItem):
            lookahead.at(items, index)
            run_item(item, last=item is items[-1])
        else:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=next(following))
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)


def _will_not_run(session: pytest.Session) -> bool:
    return bool(session.testsfailed and not session.config.option.continue_on_collection_errors)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """For whoever runs the loop in our place."""
    if not isinstance(item, DamoverItem):
        return None
    gather.of(item.config).lookahead.at((item,) if nextitem is None else (item, nextitem), 0)
    run_item(item, last=nextitem is None)
    return True


def run_item(item: DamoverItem, last: bool) -> None:
    """Run one item of ours and report it once; in quiet output a row of dots is enough, with no line for each file."""
    hook, state = item.config.hook, gather.of(item.config)
    line = item.config.pluginmanager.getplugin(progress.NAME)
    if line is not None and isinstance(item, CaseItem):
        report = _run(item, state)
        report.damover_case = True  # type: ignore[attr-defined]
        hook.pytest_runtest_logreport(report=report)
        line.count(item, report)
        return
    spoken = item.config.get_verbosity() > 0 or state.role is Role.WORKER
    if spoken:
        hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    hook.pytest_runtest_logreport(report=_run(item, state))
    if spoken or last:
        hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)


def _run(item: DamoverItem, state: Gather) -> pytest.TestReport:
    start = time.time()
    if item.plan_item is not None:
        state.start(item.plan_item)
    finished = run_in_turn(item, state)
    tolerated = None
    if item.plan_item is not None:
        tolerated = tolerance(state, item.plan_item, finished.outcome, item.severity, finished.crashed)
    if item.plan_item is not None:
        state.finish(item.plan_item, finished)
    stop = time.time()
    report = pytest.TestReport(
        nodeid=item.nodeid,
        location=item.location,
        keywords={item.name: 1},
        outcome=shown_as(finished),
        longrepr=what_is_said(item, finished, state),  # type: ignore[arg-type]
        when="call",
        duration=stop - start,
        start=start,
        stop=stop,
    )
    if tolerated is not None:
        tolerate(report, tolerated)
    return report


@dataclass(frozen=True, slots=True)
class Crash:
    """Where a failed item is, and what it says in one line."""

    path: str
    lineno: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"  # what `--tb=line` shows


@dataclass(frozen=True, slots=True)
class Story:
    """A failed item in words; pytest shows `reprcrash.message` in its short summary and the whole under FAILURES."""

    text: str
    reprcrash: Crash

    def toterminal(self, writer: pytest.TerminalReporter) -> None:
        """Print the whole."""
        writer.line(self.text)

    def __str__(self) -> str:
        return self.text


def shown_as(finished: Finished) -> Literal["passed", "failed", "skipped"]:
    """How pytest is to count an end: what lacks its golden has not passed, whatever else it met."""
    if finished.outcome in (ItemOutcome.PASSED, ItemOutcome.SKIPPED):
        return "skipped" if why_not_compared(finished.goldens) else "passed"
    return "failed"


def what_is_said(item: DamoverItem, finished: Finished, state: Gather) -> Story | tuple[str, int, str] | None:
    """The long text of a report, in the form that pytest knows for its outcome."""
    shown = shown_as(finished)
    if shown == "skipped":
        return item.location[0], 0, finished.reason
    return None if shown == "passed" else story(item, finished, state)


def story(item: DamoverItem, finished: Finished, state: Gather) -> Story:
    """What there is to say of an item that did not pass, in the language of the run."""
    words = words_in(state.options.lang)
    reason = words.retell(finished.reason)
    lines = [reason]
    if isinstance(item, CaseItem):
        about = ", ".join((item.severity.value, *item.case.slices))
        missed = [words.retell(outcome.message) for outcome in finished.failed_expectations] or [reason]
        original = "" if item.case.name.isascii() else f"{item.case.name}: "
        lines = [f"{original}{item.case.image_path} ({about}) on {item.revision_name}", *missed]
        if item.plan_item is not None and state.baseline_outcome(item.plan_item) is ItemOutcome.PASSED:
            lines.append(words.retell("the baseline passes this case"))
    first = reason.partition("\n")[0]
    first = first if len(first) <= SUMMARY_WIDTH else f"{first[: SUMMARY_WIDTH - 1]}…"
    return Story("\n    ".join(lines), Crash(item.location[0], 0, first))
