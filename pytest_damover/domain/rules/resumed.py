"""Rule `resume`: what was taken over from an interrupted run was made like the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_damover.domain.journal import Resumed
from pytest_damover.domain.rules.plan import named
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.run import LATENCY, Run
from pytest_damover.domain.verdict import Answer, Finding

RULE = "resume"
MACHINE = ("machine", "processor", "cores", "system")
"""What of a run's environment is the machine; the rest are versions, and the device's name."""


def judge_resumed(run: Run) -> tuple[Finding, ...]:
    """What speaks against mixing the runs, or one PASS finding that says what was taken over; nothing otherwise."""
    found = [*_counted(run), *_versions(run), *_devices(run), *_races(run)]
    if found or not run.journal.resumed:
        return tuple(found)
    taken = sum(resumed.items for resumed in run.journal.resumed)
    runs = named(resumed.run_id for resumed in run.journal.resumed)
    message = f"{taken} items were taken over from {runs}, which was interrupted"
    moved = [change for resumed in run.journal.resumed for change in machine_changes(run, resumed)]
    message += f"; on another machine: {named(moved)}" if moved else ""
    return (_finding(Answer.PASS, Reason.RESUMED, message, taken),)


def version_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """In words, every name of an environment that is no part of the machine and stands for something else now."""
    return _changes(before, now, [name for name in {**before, **now} if name not in MACHINE])


def machine_changes(run: Run, resumed: Resumed) -> list[str]:
    """In words, what is another machine than that of the interrupted run."""
    return _changes(resumed.environment, run.journal.environment, MACHINE)


def _changes(before: Mapping[str, Any], now: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    return [f"{name} {before.get(name)} is now {now.get(name)}" for name in names if before.get(name) != now.get(name)]


def _counted(run: Run) -> Iterator[Finding]:
    taken = Counter(end.taken_from for end in run.journal.finished if end.taken_from)
    said = Counter[str]()
    for resumed in run.journal.resumed:
        said[resumed.run_id] += resumed.items
    for run_id in dict.fromkeys((*taken, *said)):
        if taken[run_id] != said[run_id]:
            message = f"{taken[run_id]} items are marked as taken over from {run_id!r}, the journal says {said[run_id]}"
            yield _finding(Answer.ERROR, Reason.RESUME_DAMAGED, message, taken[run_id])


def _versions(run: Run) -> Iterator[Finding]:
    for resumed in run.journal.resumed:
        changed = version_changes(resumed.environment, run.journal.environment)
        if changed:
            message = f"the parts of this run, {resumed.run_id} and its rest, differ: {named(changed)}"
            yield _finding(Answer.INCONCLUSIVE, Reason.OTHER_VERSIONS, message, resumed.items)


def _devices(run: Run) -> Iterator[Finding]:
    """A revision that was loaded in both parts ran on the same kind of device, with the same thresholds."""
    if not run.journal.resumed:
        return
    seen: dict[tuple[str, str], Any] = {}
    for revision, facts in run.journal.loads:
        for name in ("device_name", "precision", "versions", "score_threshold", "nms_iou_threshold", "threads"):
            if name in facts and seen.setdefault((revision, name), facts[name]) != facts[name]:
                message = f"{revision}: {name} was {seen[revision, name]} before the interruption, then {facts[name]}"
                yield _finding(Answer.INCONCLUSIVE, Reason.OTHER_VERSIONS, message, None)


def _races(run: Run) -> Iterator[Finding]:
    """A race is one machine's own matter."""
    races = {item.key for item in run.plan.items if item.probe == LATENCY}
    moved = {resumed.run_id for resumed in run.journal.resumed if machine_changes(run, resumed)}
    mixed = [end.item for end in run.journal.finished if end.taken_from in moved and end.item in races]
    if mixed:
        message = f"{len(mixed)} races were taken over from another machine: {named(mixed)}"
        yield _finding(Answer.INCONCLUSIVE, Reason.OTHER_MACHINE, message, len(mixed))


def _finding(answer: Answer, reason: Reason, message: str, n: int | None) -> Finding:
    return Finding(RULE, answer, reason.value, message, n=n)
