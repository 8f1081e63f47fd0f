"""Going on with an interrupted run: what it had done is taken over, provided that all that matters is still the same.

Refused as a usage error: another plan (revisions, cases, images, goldens, tests, policies, items, device, runner, our
own code), other versions of Python or of a package, a journal that is damaged beyond a torn last line, a run that is
complete. On another machine everything but the races is taken over: those are run again, each as a whole. What ended
in a failure, a crash or an error is taken over as well: going on is no second chance.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.journal import FINISHED, Finished, Resumed
from pytest_damover.domain.plan_file import plan_to_text
from pytest_damover.domain.rules.plan import faults_of_records, named
from pytest_damover.domain.rules.resumed import MACHINE, version_changes
from pytest_damover.domain.run import LATENCY, Plan, PlanItem, Run
from pytest_damover.plugin.gather import Gather
from pytest_damover.plugin.items import FACTS, DamoverItem
from pytest_damover.plugin.reporting import tolerance
from pytest_damover.store import RunFolder

OWN = ("run_id", "created_at", "command", "notes", "differences", "consents")
"""What two plans of one run may differ in: when and how it was asked for, and what is only told to the reader."""
VALUE_WIDTH = 40


@dataclass(frozen=True, slots=True)
class Taken:
    """What a run takes over: the runs it comes from, what they had loaded, and the ends of their items."""

    runs: tuple[Resumed, ...]
    loads: tuple[tuple[str, Mapping[str, Any]], ...]
    ends: tuple[Finished, ...]


def take(folder: RunFolder, plan: Plan, now: Mapping[str, str]) -> Taken:
    """What `plan` can take over from the run in `folder`, in the environment `now`; `DamoverError` says why nothing."""
    run = folder.read()
    found = [*_unfit(run), *_differences(run.plan, plan)]
    found += [f"versions: {change}" for change in version_changes(run.journal.environment, now)]
    if found:
        allowed = "an interrupted run of the same plan on the same versions"
        faults = (Fault(Code.RUN_FOLDER, str(folder.path), one, allowed, "run it anew") for one in found)
        raise DamoverError(*faults)
    own = Resumed(run.plan.run_id, run.plan_digest, run.journal_digest, run.journal.environment, 0)
    runs = (*run.journal.resumed, own)
    moved = {one.run_id for one in runs if any(one.environment.get(key) != now.get(key) for key in MACHINE)}
    races = {item.key for item in run.plan.items if item.probe == LATENCY}
    named_ends = (replace(end, taken_from=end.taken_from or own.run_id) for end in run.journal.finished)
    ends = tuple(end for end in named_ends if not (end.item in races and end.taken_from in moved))
    counts = Counter(end.taken_from for end in ends)
    loads = list(run.journal.loads)
    return Taken(
        tuple(replace(one, items=counts[one.run_id]) for one in runs),
        tuple(load for at, load in enumerate(loads) if load not in loads[:at]),
        ends,
    )


def take_out(session: pytest.Session, state: Gather, taken: Taken) -> None:
    """What was taken over does not run: the rest knows how it ended, and pytest is told that it is deselected."""
    ends = {end.item: end for end in taken.ends}
    done = [(item, plan_item, ends[plan_item.key]) for item, plan_item in _planned(session) if plan_item.key in ends]
    for _, plan_item, end in done:
        state.remember(plan_item, end)
    for item, plan_item, end in done:
        severity = item.severity if isinstance(item, DamoverItem) else item.stash[FACTS].severity
        tolerance(state, plan_item, end.outcome, severity, end.crashed)  # it counts what the policy allows
    gone = {item for item, _, _ in done}
    session.items[:] = [item for item in session.items if item not in gone]
    if gone:
        session.config.hook.pytest_deselected(items=[item for item, _, _ in done])
    loaded = {name for name, _ in taken.loads}
    for revision in state.lineup.running:
        if revision.name in loaded:
            state.admissions.folder(revision)  # to be looked at again at the end, loaded here or not


def _planned(session: pytest.Session) -> Iterator[tuple[pytest.Item, PlanItem]]:
    for item in session.items:
        facts = item.stash.get(FACTS, None)
        if isinstance(item, DamoverItem) and item.plan_item is not None:
            yield item, item.plan_item
        elif facts is not None:
            yield item, facts.plan_item


def _unfit(run: Run) -> Iterator[str]:
    if run.journal.ended == FINISHED:
        yield "the run is complete, nothing of it is missing"
    for finding in faults_of_records(run):
        yield finding.message
    for name, faults in run.journal.verified:
        if faults:
            yield f"{name} changed while it was judged: {named(faults)}"


def _differences(before: Plan, now: Plan) -> Iterator[str]:
    """In words, one for each thing that matters and is not the same."""
    old, new = (json.loads(plan_to_text(plan)) for plan in (before, now))
    for key in OWN:
        old.pop(key, None)
        new.pop(key, None)
    yield from _unlike("", old, new)


def _unlike(where: str, old: Any, new: Any) -> Iterator[str]:
    if old == new:
        return
    pairs = _pairs(old, new)
    if pairs is None:
        yield f"another plan: {where or 'all of it'} was {_short(old)}, and is {_short(new)}"
        return
    for name, one, other in pairs:
        yield from _unlike(f"{where}.{name}" if where else name, one, other)


def _pairs(old: Any, new: Any) -> list[tuple[str, Any, Any]] | None:
    """The parts of two like things by name; None where they have none."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [(str(key), old.get(key), new.get(key)) for key in {**old, **new}]
    if not (isinstance(old, list) and isinstance(new, list)):
        return None
    names = [[_name(one) for one in many] for many in (old, new)]
    if all(names[0]) and all(names[1]):
        return _pairs(*(dict(zip(known, many, strict=True)) for known, many in zip(names, (old, new), strict=True)))
    return _lost_and_found(old, new) or None


def _lost_and_found(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[str, Any, Any]]:
    """The first thing that only one of two lists holds, on either side."""
    lost = next((one for one in old if one not in new), None)
    found = next((one for one in new if one not in old), None)
    return [] if lost is None and found is None else [("one of them", lost, found)]


def _name(one: Any) -> str:
    """Suites, revisions and files are told apart by name."""
    return str(one.get("name") or one.get("path") or "") if isinstance(one, dict) else ""


def _short(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= VALUE_WIDTH else f"{text[: VALUE_WIDTH - 1]}…"
