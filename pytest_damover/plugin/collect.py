"""Collection: case files become items without any Python, Python tests are multiplied by revision, baseline first."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from pytest_damover.domain.timing.looks import loads_of
from pytest_damover.plugin import gather
from pytest_damover.plugin.items import FACTS, BrokenItem, CaseItem, DamoverItem, TestFacts
from pytest_damover.plugin.narrowing import asked_paths, passed_over
from pytest_damover.plugin.racing import LatencyItem
from pytest_damover.suites import CASE_LINES, CASES, POLICY, BrokenCase, Suite

PER_REVISION = frozenset(("revision", "detector", "model", "device", "cases", "golden", "latency"))


class CaseFolder(pytest.Directory):
    """A suite's `cases/`: the cases of all its files, without a node for every file."""

    suite: Suite

    def collect(self) -> Iterator[pytest.Item]:
        for name in self.suite.case_files():
            yield from _items(self, self.suite, name)


class CaseFile(pytest.File):
    """One case file, where the command line asks for it."""

    suite: Suite

    def collect(self) -> Iterator[pytest.Item]:
        yield from _items(self, self.suite, self.path.name)


def _items(parent: pytest.Collector, suite: Suite, name: str) -> Iterator[pytest.Item]:
    """Every case of a file, once for each revision; ids are the file's, whatever node collects it."""
    place = {"file": suite.case_source(name), "path": suite.cases / name}
    running = gather.of(parent.config).lineup.running
    for entry in suite.read(name):
        if isinstance(entry, BrokenCase):
            yield BrokenItem.from_parent(parent, entry=entry, **place)
        else:
            for revision in running:
                yield CaseItem.from_parent(parent, suite=suite, case=entry, revision=revision, **place)


class PolicyNode(pytest.File):
    """A suite's policy: when it limits latency, the race of each candidate is an item of its own."""

    suite: Suite

    def collect(self) -> Iterator[pytest.Item]:
        state = gather.of(self.config)
        policy = state.policy(self.suite.name)
        if policy is None or policy.latency is None or state.lineup.baseline is None:
            return
        for candidate in state.lineup.compared:
            yield LatencyItem.from_parent(
                self,
                suite=self.suite,
                candidate=candidate,
                rule=policy.latency,
                throughput=policy.throughput,
                loads=loads_of(policy.cold_start),
                file=self.nodeid,
                path=self.path,
            )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collecting makes items that stay: looking for garbage among them takes a fifth of its time and finds none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        return (yield)
    finally:
        if was_on:
            gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> Generator[None, bool | None, bool | None]:
    """Notice tests of a suite that pytest passes over: they would be in no plan, and so never missing."""
    ignored = yield
    if ignored:
        state = gather.of(config)
        why = passed_over(collection_path, state.options.project, config)
        if why:
            state.collection_skips.append(why)
    return ignored


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take a suite's `cases/` as one node, unless one of its files was asked for or is to be left out."""
    if path.name != CASES:
        return None
    config = parent.config
    suite = gather.of(config).suite_of(path)
    if suite is None or path != suite.cases or config.getoption("ignore") or config.getoption("ignore_glob"):
        return None
    if any(asked.parent == path for asked in asked_paths(config)):
        return None
    node: CaseFolder = CaseFolder.from_parent(parent, path=path)
    node.suite = suite
    return node


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    is_case = file_path.suffix == ".json" or file_path.name == CASE_LINES
    if not is_case and file_path.name != POLICY:
        return None
    suite = gather.of(parent.config).suite_of(file_path)
    if suite is None or file_path.parent != suite.root / (CASES if is_case else ""):
        return None
    node: CaseFile | PolicyNode = (CaseFile if is_case else PolicyNode).from_parent(parent, path=file_path)
    node.suite = suite
    return node


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Multiply by revision, before any other parameter: ids begin with the revision."""
    state = gather.of(metafunc.config)
    if state.suite_of(metafunc.definition.path) is None:
        return
    if "pair" in metafunc.fixturenames:
        revisions = state.lineup.compared if state.lineup.baseline is not None else ()
    elif PER_REVISION.intersection(metafunc.fixturenames):
        revisions = state.lineup.running
    else:
        return
    if "revision" not in metafunc.fixturenames:
        metafunc.fixturenames.append("revision")
    metafunc.parametrize("revision", revisions, ids=[revision.name for revision in revisions], indirect=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """Remember everything before anybody takes away; after everybody sorted, baseline first, pairs after theirs."""
    state = gather.of(config)
    for item in items:
        if not isinstance(item, DamoverItem) and (suite := state.suite_of(item.path)) is not None:
            item.stash[FACTS] = TestFacts.of(item, suite)
            _group_for_benchmark(item)
    state.collected = list(items)
    yield
    order = {revision.name: index for index, revision in enumerate(state.lineup.running)}
    items.sort(key=lambda item: _turn(item, order))


def _group_for_benchmark(item: pytest.Item) -> None:
    """pytest-benchmark shows the revisions of one test side by side, unless the test has a group of its own."""
    if item.config.pluginmanager.hasplugin("benchmark") and "benchmark" in getattr(item, "fixturenames", ()):
        marker = item.get_closest_marker("benchmark")
        if marker is None or "group" not in marker.kwargs:
            item.add_marker(pytest.mark.benchmark(group=item.stash[FACTS].case))


def _turn(item: pytest.Item, order: dict[str, int]) -> tuple[int, bool]:
    if isinstance(item, DamoverItem):
        return order.get(item.revision_name, -1), item.is_pair
    facts = item.stash.get(FACTS, None)
    if facts is None or facts.revision is None:
        return -1, False
    return order.get(facts.revision, -1), facts.is_pair


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    state = gather.of(collector.config)
    if report.failed:
        state.suite_of(collector.path)  # a suite whose conftest.py is broken is still one of the suites
        state.collection_errors.append((report.nodeid, report.longreprtext))
    elif report.skipped:  # a module that skips itself leaves no test behind that could be missed
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
        state.collection_skips.append(f"{report.nodeid} was not collected: {why}")
    return report
