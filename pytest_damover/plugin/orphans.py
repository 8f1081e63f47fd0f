"""Goldens that nothing asks for any more: told, never removed.

A case says in its file whether it wants its golden, so a case's orphan is known before anything runs, whatever `-k`
selects. A Python test says it when it runs: its orphans are known only after every Python test of the suite has run,
and those that ask for `golden` to their end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from pytest_damover.domain.golden_file import Asker, StoredGolden, file_slug
from pytest_damover.domain.golden_result import GoldenOutcome
from pytest_damover.domain.journal import ItemOutcome, Orphans
from pytest_damover.domain.run import TEST
from pytest_damover.plugin.gather import Gather
from pytest_damover.plugin.goldens import FOLDER, files_of
from pytest_damover.plugin.items import FACTS, TestFacts
from pytest_damover.suites import BrokenCase, Suite


def of_cases(suite: Suite, paths: Sequence[str]) -> tuple[str, ...]:
    """Goldens of cases that are not there or want none, and files that lie where no golden is ever read."""
    # what a broken case would ask for nobody knows
    asking = [one.name for one in suite.all_cases() if isinstance(one, BrokenCase) or one.golden is not None]
    return _not_among(paths, Asker.CASE, asking) + tuple(path for path in paths if StoredGolden.at(path) is None)


def note(suite: Suite, paths: Sequence[str]) -> str:
    """The orphans that are known before anything runs, in a sentence; '' when there are none."""
    found = of_cases(suite, paths)
    if not found:
        return ""
    return f"suite {suite.name}: no case asks for {', '.join(f'{FOLDER}/{suite.name}/{path}' for path in found)}"


def after_the_run(state: Gather, suite: Suite, narrowed: bool) -> Orphans | None:
    """Every orphan of a suite that is known now; None where it has no goldens."""
    paths = files_of(state.goldens.folder_of(suite.name))
    if not paths:
        return None
    found = of_cases(suite, paths)
    of_tests = [path for path in paths if (one := StoredGolden.at(path)) and one.group[1] == Asker.TEST.folder]
    if not of_tests:
        return Orphans(suite.name, found)
    unknown = "a part of the suite was not collected" if narrowed else _not_to_its_end(state, suite.name)
    if unknown:
        return Orphans(suite.name, found, unknown)
    asked = (
        golden.name
        for item, goldens in state.goldens_asked.items()
        if (item.suite, item.probe) == (suite.name, TEST)
        for golden in goldens
    )
    return Orphans(suite.name, tuple(sorted((*found, *_not_among(of_tests, Asker.TEST, asked)))))


def _not_among(paths: Iterable[str], asker: Asker, names: Iterable[str]) -> tuple[str, ...]:
    asked = {file_slug(name) for name in names}
    stored = [(path, StoredGolden.at(path)) for path in paths]
    return tuple(
        path for path, one in stored if one is not None and one.group[1] == asker.folder and one.group[2] not in asked
    )


def _not_to_its_end(state: Gather, suite: str) -> str:
    """The first Python test of the suite that may ask for a golden and did not come to it, in words."""
    for item in state.collected:
        facts = item.stash.get(FACTS, None)
        if facts is not None and facts.suite == suite and not _came_to_its_end(state, item, facts):
            return f"{item.nodeid} did not run to its end"
    return ""


def _came_to_its_end(state: Gather, item: pytest.Item, facts: TestFacts) -> bool:
    planned = facts.plan_item
    outcome = state.outcomes.get((planned.suite, planned.case, planned.probe, planned.revision))
    if outcome is None or "golden" not in getattr(item, "fixturenames", ()):
        return outcome is not None
    asked = {golden.outcome for golden in state.goldens_asked.get(planned, ())}
    goes_on = not asked.isdisjoint((GoldenOutcome.MISSING, GoldenOutcome.WRITTEN))
    return outcome is ItemOutcome.PASSED or (outcome is ItemOutcome.SKIPPED and goes_on)
