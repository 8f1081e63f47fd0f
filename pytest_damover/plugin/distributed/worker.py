"""A worker: it runs items and sends what became of each on its own report; it judges, writes and prints nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pytest_damover.domain.journal import Finished
from pytest_damover.plugin.distributed.exchange import ATTRIBUTE, Observation
from pytest_damover.plugin.distributed.solo import refuse_beside_others, silence_benchmarks
from pytest_damover.plugin.gather import Gather
from pytest_damover.plugin.golden import goldens_of
from pytest_damover.plugin.items import FACTS, CaseItem, DamoverItem
from pytest_damover.plugin.journaling import outcome_of
from pytest_damover.plugin.reporting import REPORTS, has_crashed


@dataclass
class Relay:
    """Stands in for the journal: keeps what happened until the next report can carry it.

    The start of an item is told by pytest's own `pytest_runtest_logstart`.
    """

    finished: Finished | None = None
    loads: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def start(self, item: str) -> None:
        """An item of ours begins."""

    def load(self, revision: str, facts: Mapping[str, Any]) -> None:
        """A revision was loaded."""
        self.loads.append((revision, dict(facts)))

    def finish(self, finished: Finished) -> None:
        """An item of ours has ended."""
        self.finished = finished

    def take_loads(self) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """What was loaded since it was last asked."""
        taken, self.loads = tuple(self.loads), []
        return taken


@dataclass(eq=False)  # plugins are kept in sets
class Worker:
    """The worker's hooks, in place of judging and journaling."""

    state: Gather
    pins: Path
    lane: int = 0
    relay: Relay = field(default_factory=Relay)
    item: pytest.Item | None = None
    began_ns: int = 0
    pinned: bool = False

    def __post_init__(self) -> None:
        self.state.relay = self.relay

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        silence_benchmarks(session.config)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            if isinstance(item, DamoverItem) and item.plan_item is not None:
                self.state.planned[item.plan_item.key] = item.plan_item

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        if not self.pinned:
            pins = json.loads(self.pins.read_text())
            self.state.shelf.pin_images(pins["images"])
            self.state.goldens.pin_files(pins["goldens"])
            if pins["devices"]:
                self.state.models.use(pins["devices"][self.lane])
            self.pinned = True
        item.stash[REPORTS] = []
        self.item, self.relay.finished, self.began_ns = item, None, time.perf_counter_ns()
        try:
            return (yield)
        finally:
            self.item = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Before xdist sends the report."""
        outside, self.state.failed_outside = self.state.failed_outside, []
        observation = Observation(self._finished(), self._case_digest(), self.relay.take_loads(), tuple(outside))
        setattr(report, ATTRIBUTE, observation.to_text())

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest) -> None:
        refuse_beside_others(fixturedef.argname, request.node)

    def pytest_sessionfinish(self) -> None:
        self.state.models.close()

    def _finished(self) -> Finished | None:
        """The end of the item at hand; of a Python test as far as its reports go, so that the last one tells it."""
        facts = None if self.item is None else self.item.stash.get(FACTS, None)
        if self.item is None or facts is None:
            return self.relay.finished
        outcome, reason = outcome_of(self.item)
        duration_ns = time.perf_counter_ns() - self.began_ns
        device, crashed = self.state.models.device, has_crashed(self.item.stash[REPORTS])
        goldens = goldens_of(self.item)
        return Finished(facts.plan_item.key, outcome, reason, device, duration_ns, crashed=crashed, goldens=goldens)

    def _case_digest(self) -> str:
        return self.item.case.digest if isinstance(self.item, CaseItem) else ""
