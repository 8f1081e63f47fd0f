"""What comes in from workers goes into the journal, and is shown as a run of one process would show it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pytest_damover.domain.journal import Finished, ItemOutcome
from pytest_damover.domain.run import PlanItem
from pytest_damover.plugin.distributed.exchange import ATTRIBUTE, Observation
from pytest_damover.plugin.distributed.solo import is_solo
from pytest_damover.plugin.gather import Gather
from pytest_damover.plugin.items import FACTS, CaseItem, DamoverItem
from pytest_damover.plugin.protocol import what_is_said
from pytest_damover.plugin.reporting import has_crashed, tolerance, tolerate

CRASHED = "???"
"""The phase of the report that xdist makes for the item at which a worker died."""


def plan_item_of(item: pytest.Item) -> PlanItem | None:
    """The place of an item in the plan; None for a test of no suite and for a broken case."""
    if isinstance(item, DamoverItem):
        return item.plan_item
    facts = item.stash.get(FACTS, None)
    return None if facts is None else facts.plan_item


class Arrivals:
    """Takes what workers tell of `items`, the controller's own collection, whose indices are the workers' too."""

    def __init__(self, state: Gather, items: Sequence[pytest.Item]) -> None:
        self._state = state
        self._items = items
        ours = ((item.nodeid, plan_item_of(item)) for item in items if not is_solo(item))
        self._planned = {nodeid: planned for nodeid, planned in ours if planned is not None}
        self._started: set[str] = set()
        self._tests: dict[int, Finished] = {}
        self._loaded: set[str] = set()

    def started(self, nodeid: str) -> None:
        """A worker begins an item."""
        if (planned := self._planned.get(nodeid)) is not None:
            self._start(planned)

    def reported(self, report: pytest.TestReport) -> pytest.Item | None:
        """Take in a worker's report and make it say what the run says of it; the item it is about, if it is one."""
        index: int | None = getattr(report, "item_index", None)
        if index is None or report.when == CRASHED:
            return None
        item, observation = self._items[index], self._observation(report)
        if isinstance(item, DamoverItem):
            self._reported_ours(item, report, observation)
        elif (facts := item.stash.get(FACTS, None)) is not None:
            if observation.finished is not None:
                self._tests[index] = observation.finished
            broke = observation.finished is not None and observation.finished.outcome is ItemOutcome.ERROR
            if report.when == "call" and report.failed and not broke:
                crashed = has_crashed([report])
                reason = tolerance(self._state, facts.plan_item, ItemOutcome.FAILED, facts.severity, crashed)
                if reason is not None:
                    tolerate(report, reason)
        return item

    def completed(self, index: int) -> None:
        """A worker is through with an item: the end of a Python test is known only now."""
        planned = plan_item_of(self._items[index])
        if planned is None or isinstance(self._items[index], DamoverItem):
            return
        self._start(planned)
        unreported = Finished(planned.key, ItemOutcome.ERROR, "the test ended without a report")
        self._state.finish(planned, self._tests.pop(index, unreported))

    def _reported_ours(self, item: DamoverItem, report: pytest.TestReport, observation: Observation) -> None:
        if item.plan_item is None or observation.finished is None:
            return
        finished = observation.finished
        if isinstance(item, CaseItem) and observation.case_digest != item.case.digest:
            finished = Finished(finished.item, ItemOutcome.ERROR, f"{item.case.source} was changed during the run")
            report.outcome = "failed"
        self._start(item.plan_item)
        reason = tolerance(self._state, item.plan_item, finished.outcome, item.severity, finished.crashed)
        self._state.finish(item.plan_item, finished)
        report.longrepr = what_is_said(item, finished, self._state)  # type: ignore[assignment]
        if reason is not None:
            tolerate(report, reason)

    def _start(self, planned: PlanItem) -> None:
        if planned.key not in self._started:
            self._started.add(planned.key)
            self._state.start(planned)

    def _observation(self, report: pytest.TestReport) -> Observation:
        """What the report carries; it is taken off, for pytest keeps reports to the end."""
        text = report.__dict__.pop(ATTRIBUTE, None)
        if text is None:
            return Observation(None)
        observation = Observation.from_text(text)
        self._state.failed_outside += observation.failed_outside
        for revision, facts in observation.loads:
            self._state.loaded(revision, facts)
            self._state.admissions.loaded_elsewhere(self._state.lineup.named(revision))
        return observation
