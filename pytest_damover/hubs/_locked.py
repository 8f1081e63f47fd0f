"""The lock in place of the hub: what names meant when they were locked, and bytes that are on the disk already."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.revision import Revision
from pytest_damover.domain.semver import version_key
from pytest_damover.hubs import Hub, RevisionInfo, unknown_revision
from pytest_damover.lock import Lock


class LockedHub:
    """Answers for `hub` from a lock; it asks the hub for nothing but what it has kept on this machine."""

    def __init__(self, hub: Hub, lock: Lock) -> None:
        self._hub = hub
        self._lock = lock
        self.name = hub.name

    def list_revisions(self, model: str) -> tuple[RevisionInfo, ...]:
        """The locked revisions of `model` in version order."""
        tags = sorted((tag for owner, tag in self._lock.revisions if owner == model), key=version_key)
        return tuple(RevisionInfo(tag, "tag", self._lock.revisions[model, tag].commit) for tag in tags)

    def resolve(self, model: str, tag: str, name: str | None = None) -> Revision:
        """The locked revision of that tag; one that is not locked is refused with what is."""
        locked = self._lock.revisions.get((model, tag))
        if locked is None:
            raise unknown_revision(model, tag, "revisions.lock", self.list_revisions(model))
        return replace(locked, name=name or tag)

    def holds(self, revision: Revision) -> bool:
        """True when the hub has kept the revision on this machine."""
        return self._hub.holds(revision)

    def fetch(self, revision: Revision) -> Path:
        """The folder that the hub has kept, checked; what it has not kept is refused, never downloaded."""
        if self._hub.holds(revision):
            return self._hub.fetch(revision)
        found = f"{revision.model} {revision.tag} ({revision.digest[:12]}) is not on this machine"
        allowed = "a revision that was fetched before"
        next_step = f"once, with the network: pytest --revisions {revision.tag}"
        raise DamoverError(Fault(Code.HUB, f"{self.name} offline", found, allowed, next_step))
