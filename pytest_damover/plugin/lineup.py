"""Who is judged against whom: the names of `--revisions`, resolved once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from pytest_damover import hubs, lock
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.revision import Revision
from pytest_damover.domain.verdict import Answer
from pytest_damover.hubs import Hub, UnreachableError
from pytest_damover.hubs._locked import LockedHub
from pytest_damover.plugin.options import Options
from pytest_damover.plugin.refusal import told


@dataclass(frozen=True, slots=True)
class Lineup:
    """The resolved revisions; `baseline` is None when one revision is judged alone.

    `notes` say in words what a reader should know of how they were found.
    """

    hub: Hub
    baseline: Revision | None
    candidates: tuple[Revision, ...]
    allow_identical: bool = False
    notes: tuple[str, ...] = ()

    @property
    def compared(self) -> tuple[Revision, ...]:
        """The candidates that can be compared: not the baseline's bytes again, unless that was asked for."""
        if self.baseline is None:
            return self.candidates
        return tuple(one for one in self.candidates if self._is_comparable(one, self.baseline))

    @property
    def running(self) -> tuple[Revision, ...]:
        """What has to run, in the order it runs: nothing at all when there is nothing to compare."""
        if self.baseline is None or not self.compared:
            return self.compared
        return (self.baseline, *self.compared)

    def named(self, name: str) -> Revision:
        """The running revision of that name."""
        return next(revision for revision in self.running if revision.name == name)

    def _is_comparable(self, candidate: Revision, baseline: Revision) -> bool:
        if candidate.digest != baseline.digest:
            return True
        return self.allow_identical and candidate.name != baseline.name  # one name cannot be told from itself


def resolve(options: Options) -> Lineup:
    """Ask the hub for every revision; unknown names are one usage error, a hub that fails ends the run as ERROR."""
    try:
        hub = hubs.open_hub(options.hub, options.project)
        hub, revisions, notes = _resolve_all(hub, options)
        if options.locked:
            lock.check_locked(options.project / lock.FILE_NAME, revisions)
    except DamoverError as error:
        if any(fault.code is Code.HUB for fault in error.faults):
            pytest.exit(told(error, options.lang), returncode=Answer.ERROR.exit_code)
        raise pytest.UsageError(told(error, options.lang)) from error
    notes = (*notes, *_stand_ins(revisions))
    if len(revisions) == 1:
        return Lineup(hub, None, revisions, notes=notes)
    first = options.revisions.index(options.baseline) if options.baseline else 0
    candidates = revisions[:first] + revisions[first + 1 :]
    _refuse_twice(candidates)
    return Lineup(hub, revisions[first], candidates, options.allow_identical, notes)


def _resolve_all(hub: Hub, options: Options) -> tuple[Hub, tuple[Revision, ...], tuple[str, ...]]:
    """The revisions, and the hub that has them: the lock's, when offline, or when the real one cannot be reached."""
    path = options.project / lock.FILE_NAME
    if options.offline:
        hub = LockedHub(hub, lock.read_lock(path))
        return hub, _resolve_names(hub, options), (f"offline: {hub.name} was not asked, {lock.FILE_NAME} was",)
    try:
        return hub, _resolve_names(hub, options), ()
    except UnreachableError as error:
        if not options.locked or not path.exists():
            raise
        locked = LockedHub(hub, lock.read_lock(path))
        note = f"{hub.name} could not be reached, so nobody knows whether a tag has moved since {lock.FILE_NAME}"
        revisions = _resolve_names(locked, options)
        if not all(locked.holds(revision) for revision in revisions):
            raise
        return locked, revisions, (f"{note}: {error.faults[0].found}",)


def _resolve_names(hub: Hub, options: Options) -> tuple[Revision, ...]:
    revisions: dict[str, Revision] = {}
    faults: list[Fault] = []
    for asked in dict.fromkeys(options.revisions):
        try:
            revisions[asked] = hubs.resolve(hub, options.model, asked, options.aliases)
        except UnreachableError:
            raise
        except DamoverError as error:
            faults.extend(error.faults)
    if faults:
        raise DamoverError(*faults)
    return tuple(revisions[asked] for asked in options.revisions)


def _refuse_twice(candidates: tuple[Revision, ...]) -> None:
    """Two words may stand for one candidate, which must not be judged twice under one name."""
    names = [candidate.name for candidate in candidates]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            asked = " and ".join(one.requested for one in candidates if one.name == name)
            raise pytest.UsageError(f"damover: --revisions: {asked} are all {name}; allowed: each candidate once")


def _stand_ins(revisions: tuple[Revision, ...]) -> Iterator[str]:
    for revision in dict.fromkeys(revisions):
        if revision.requested not in ("", revision.name):
            yield f"{revision.requested!r} was asked for, which is {revision.name}"
