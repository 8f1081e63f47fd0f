"""The controller: it plans, hands out, writes down and judges; workers run the items, and what is timed runs here.

It collects too. So the plan is made by the same code and from the same items as in a run of one process, before any
worker begins an item, and what workers collected is held against it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Generator, Sequence
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from pytest_damover.domain.errors import DamoverError
from pytest_damover.domain.journal import Finished, ItemOutcome
from pytest_damover.plugin import progress
from pytest_damover.plugin.distributed import solo
from pytest_damover.plugin.distributed.arrivals import CRASHED, Arrivals, plan_item_of
from pytest_damover.plugin.distributed.exchange import INPUT, LANE, Assignment
from pytest_damover.plugin.distributed.scheduling import RevisionScheduling, Turn
from pytest_damover.plugin.gather import Gather
from pytest_damover.plugin.items import CaseItem
from pytest_damover.plugin.protocol import run_all
from pytest_damover.plugin.turns import devices_of


class Controller:
    """The controller's hooks."""

    def __init__(self, config: pytest.Config, state: Gather) -> None:
        self._config = config
        self._state = state
        self._session: pytest.Session
        self._items: list[pytest.Item] = []
        self._arrivals = Arrivals(state, ())
        self._scheduling: RevisionScheduling | None = None
        self._lanes: dict[str, int] = {}
        self._devices: tuple[str, ...] = ()
        self._deaths: dict[str, str] = {}
        self._agreed = True
        self._folder = TemporaryDirectory(prefix="damover-")
        self._assignment = Assignment(state.lineup, Path(self._folder.name) / "pins.json")

    def pytest_sessionstart(self) -> None:
        solo.enable_benchmarks(self._config)

    def pytest_unconfigure(self) -> None:
        self._folder.cleanup()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> bool:
        """Collect here as well, while the workers do; xdist would not."""
        self._session = session
        session.perform_collect()
        self._items = list(session.items)
        self._arrivals = Arrivals(self._state, self._items)
        return True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """What was told of a module here, xdist need not tell again from each worker."""
        told = getattr(self._config.pluginmanager.getplugin("dsession"), "_failed_collection_errors", None)
        if told is not None and not report.passed:
            told[report.longrepr if isinstance(report.longrepr, tuple) else str(report.longrepr)] = True

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_setupnodes(self, specs: Sequence[object]) -> None:
        self._state.workers = len(specs)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        lane = next(number for number in count() if number not in self._lanes.values())
        self._lanes[node.gateway.id] = lane
        node.workerinput[INPUT], node.workerinput[LANE] = self._assignment.to_text(), lane

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_xdist_make_scheduler(self) -> RevisionScheduling:
        """The plan is written: workers may know what images it was made for, and begin."""
        with contextlib.suppress(DamoverError):  # without the gate there is no plan that would have said so
            self._devices = devices_of(self._state, self._state.workers)
        pins = {"images": self._state.shelf.pinned, "goldens": self._state.goldens.pinned, "devices": self._devices}
        self._assignment.pins.write_text(json.dumps(pins))
        left = set(self._session.items)  # of what was collected, whatever somebody took away since
        turns = self._turns([index for index, item in enumerate(self._items) if item in left])
        self._scheduling = RevisionScheduling(turns, self._state.workers, self._arrivals.completed, self._may_work)
        return self._scheduling

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: Sequence[str]) -> None:
        expected = [item.nodeid for item in self._items]
        if list(ids) != expected and self._agreed:
            self._agreed = False
            self._give_up(_difference(node.gateway.id, expected, ids))

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Innermost of all that wrap the loop: when the workers have ended, what is timed runs alone."""
        try:
            result = yield
        except KeyboardInterrupt:
            if session.shouldfail:  # xdist stops at --maxfail as if by Ctrl-C
                raise session.Failed(session.shouldfail) from None
            raise
        if self._scheduling is not None and self._agreed:
            run_all(session, [item for item in session.items if solo.is_solo(item)])
        return result

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        solo.refuse_disabled_benchmark(item)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._arrivals.started(nodeid)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None]:
        """Before anybody else sees it, a worker's report is made to say what the run says."""
        if report.when == CRASHED and (node := getattr(report, "node", None)) is not None:
            self._died(node.gateway.id, f"while it ran {report.nodeid}")
        item = self._arrivals.reported(report)
        line = None if item is None else self._config.pluginmanager.getplugin(progress.NAME)
        if line is not None and report.when == "call":  # the dots of Python tests would come between
            report.damover_case = True  # type: ignore[attr-defined]
        yield
        if line is not None and isinstance(item, CaseItem):
            line.count(item, report)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        self._lanes.pop(node.gateway.id, None)
        if error:
            self._died(node.gateway.id, str(error).strip().rpartition("\n")[2])

    def _died(self, worker: str, how: str) -> None:
        """Whatever others make good afterwards, a run that lost a worker is no run like any other."""
        self._deaths[worker] = how
        self._state.broke_off = "; ".join(f"worker {name} died: {how}" for name, how in self._deaths.items())

    def _may_work(self, node: Any) -> bool:
        """On GPUs, the first workers, of which each has one; two on one GPU would slow and crowd out each other."""
        return not self._devices or self._lanes[node.gateway.id] < len(self._devices)

    def _turns(self, indices: Sequence[int]) -> dict[int, Turn]:
        """The place in the order of every item that workers run."""
        baseline = self._state.lineup.baseline
        order = {revision.name: place for place, revision in enumerate(self._state.lineup.running)}
        mine = {index: plan_item_of(self._items[index]) for index in indices if not solo.is_solo(self._items[index])}
        on_baseline = {
            (item.suite, item.case, item.probe): index
            for index, item in mine.items()
            if item is not None and baseline is not None and item.revision == baseline.name
        }
        turns = {}
        for index, item in mine.items():
            revision = -1 if item is None else order.get(item.revision, -1)
            before = None if item is None else on_baseline.get((item.suite, item.case, item.probe))
            turns[index] = Turn(revision, None if before == index else before)
        return turns

    def _give_up(self, why: str) -> None:
        """Nobody knows what an index means: nothing runs, and the run is an error for every revision."""
        if self._scheduling is not None:
            self._scheduling.abandon()
        self._state.broke_off = why.partition("\n")[0]
        told = pytest.CollectReport(nodeid="workers", outcome="failed", longrepr=why, result=[])
        self._config.hook.pytest_collectreport(report=told)
        for revision in self._state.lineup.running:
            planned = next((one for one in self._state.planned.values() if one.revision == revision.name), None)
            if planned is not None:
                self._state.start(planned)
                self._state.finish(planned, Finished(planned.key, ItemOutcome.ERROR, self._state.broke_off))


def _difference(worker: str, expected: Sequence[str], found: Sequence[str]) -> str:
    """In words, what a worker collected that the plan was not made from; the first line is the whole in short."""
    more, less = [sorted(set(one) - set(other)) for one, other in ((found, expected), (expected, found))]
    lines = [f"worker {worker} collected other tests than the plan was made from: one of them collects by chance"]
    lines += [f"only in {worker}: {nodeid}" for nodeid in more[:3]] + [f"not in {worker}: {id_}" for id_ in less[:3]]
    if not more and not less:
        lines.append("the same tests in another order")
    return "\n".join(lines)
