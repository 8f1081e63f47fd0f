"""Who is judged against whom: the names of `--revisions`, resolved once."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from pytest_damover import hubs, lock
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.revision import Revision
from pytest_damover.hubs import Hub
from pytest_damover.plugin.options import Options


@dataclass(frozen=True, slots=True)
class Lineup:
    """The resolved revisions; `baseline` is None when one revision is judged alone."""

    hub: Hub
    baseline: Revision | None
    candidates: tuple[Revision, ...]

    @property
    def compared(self) -> tuple[Revision, ...]:
        """The candidates whose bytes are not the baseline's: only they can be compared with it."""
        if self.baseline is None:
            return self.candidates
        return tuple(candidate for candidate in self.candidates if candidate.digest != self.baseline.digest)

    @property
    def running(self) -> tuple[Revision, ...]:
        """What has to run, in the order it runs: nothing at all when there is nothing to compare."""
        if self.baseline is None or not self.compared:
            return self.compared
        return (self.baseline, *self.compared)

    def named(self, name: str) -> Revision:
        """The running revision of that name."""
        return next(revision for revision in self.running if revision.name == name)


def resolve(options: Options) -> Lineup:
    """Ask the hub for every revision; unknown names are one usage error, a hub that fails ends the run as ERROR."""
    try:
        hub = hubs.open_hub(options.hub, options.project)
        revisions = _resolve_all(hub, options)
        if options.locked:
            lock.check_locked(options.project / lock.FILE_NAME, revisions)
    except DamoverError as error:
        text = "\n".join(f"damover: {fault}" for fault in error.faults)
        if any(fault.code is Code.HUB for fault in error.faults):
            pytest.exit(text, returncode=21)
        raise pytest.UsageError(text) from error
    if len(revisions) == 1:
        return Lineup(hub, None, revisions)
    first = options.revisions.index(options.baseline) if options.baseline else 0
    return Lineup(hub, revisions[first], revisions[:first] + revisions[first + 1 :])


def _resolve_all(hub: Hub, options: Options) -> tuple[Revision, ...]:
    revisions: dict[str, Revision] = {}
    faults: list[Fault] = []
    for name in dict.fromkeys(options.revisions):
        try:
            revisions[name] = hub.resolve(options.model, options.aliases.get(name, name), name)
        except DamoverError as error:
            faults.extend(error.faults)
    if faults:
        raise DamoverError(*faults)
    return tuple(revisions[name] for name in options.revisions)
