"""Collection: case files become items without any Python, Python tests are multiplied by revision, baseline first."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from pytest_damover.plugin import gather
from pytest_damover.plugin.items import FACTS, BrokenItem, CaseItem, DamoverItem, LatencyItem, TestFacts
from pytest_damover.suites import CASE_LINES, CASES, POLICY, BrokenCase, Suite

PER_REVISION = frozenset(("revision", "detector", "model", "device", "cases", "golden", "latency"))


class CaseFile(pytest.File):
    """One case file: every case of it once for each revision."""

    suite: Suite

    def collect(self) -> Iterator[pytest.Item]:
        running = gather.of(self.config).lineup.running
        for entry in self.suite.read(self.path):
            if isinstance(entry, BrokenCase):
                yield BrokenItem.from_parent(self, entry=entry)
            else:
                for revision in running:
                    yield CaseItem.from_parent(self, suite=self.suite, case=entry, revision=revision)


class PolicyNode(pytest.File):
    """A suite's policy: when it limits latency, the race of each candidate is an item of its own."""

    suite: Suite

    def collect(self) -> Iterator[pytest.Item]:
        state = gather.of(self.config)
        policy = state.policy(self.suite.name)
        if policy is None or policy.latency is None or state.lineup.baseline is None:
            return
        for candidate in state.lineup.compared:
            yield LatencyItem.from_parent(self, suite=self.suite, candidate=candidate, pairs=policy.latency.pairs)


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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
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


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """Remember everything before `-k` and its like take away; then put the baseline first, pairs after their candidate."""
    state = gather.of(config)
    for item in items:
        if not isinstance(item, DamoverItem) and (suite := state.suite_of(item.path)) is not None:
            item.stash[FACTS] = TestFacts.of(item, suite)
    state.collected = list(items)
    yield
    order = {revision.name: index for index, revision in enumerate(state.lineup.running)}
    items.sort(key=lambda item: _turn(item, order))


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
    if report.failed:
        gather.of(collector.config).collection_errors.append((report.nodeid, report.longreprtext))
    return report
