"""The lock: whether it is there and sound, and whether names in a local hub still mean the bytes that were locked."""

from __future__ import annotations

import os
from collections.abc import Iterator

from pytest_damover import hubs
from pytest_damover.doctor._check import Check
from pytest_damover.domain.errors import DamoverError
from pytest_damover.domain.revision import Revision
from pytest_damover.lock import FILE_NAME, Lock, differences, read_lock
from pytest_damover.settings import Settings


def checks(settings: Settings) -> Iterator[Check]:
    """The lock itself, then one check for each locked revision that is not what it was."""
    path = settings.project / FILE_NAME
    if not path.exists():
        advice = "damover lock NAME …, and commit the file; or damover_locked = false"
        yield Check("lock", not _is_wanted(settings), f"no {FILE_NAME}: names may move", advice)
        return
    try:
        lock = read_lock(path)
    except DamoverError as error:
        yield Check("lock", False, f"{FILE_NAME} cannot be used", str(error))
        return
    yield Check("lock", True, _told(lock))
    if settings.get("hub").partition(":")[0] == "local":
        yield from _moved(settings, lock)


def _is_wanted(settings: Settings) -> bool:
    """Whether a run here would be a locked one, as the plugin decides it."""
    if "damover_locked" in settings.keys:
        return settings.flag("locked")
    return os.environ.get("CI", "").lower() in ("true", "1")


def _told(lock: Lock) -> str:
    revisions, consents = len(lock.revisions), len(lock.consents)
    unused = len(lock.consents.keys() - {revision.digest for revision in lock.revisions.values()})
    told = f"{revisions} revision{'s' * (revisions != 1)}, {consents} consent{'s' * (consents != 1)}"
    return f"{told}, {unused} of them for bytes that are not locked" if unused else told


def _moved(settings: Settings, lock: Lock) -> Iterator[Check]:
    hub = hubs.open_hub(settings.get("hub"), settings.project)
    for (model, tag), locked in lock.revisions.items():
        if locked.hub == hub.name:
            why = _why_different(hub, model, tag, locked)
            if why:
                advice = f"put the files back; if the change is wanted: damover lock {tag}"
                yield Check("locked bytes", False, f"{model} {tag}: {why}", advice)


def _why_different(hub: hubs.Hub, model: str, tag: str, locked: Revision) -> str:
    try:
        found = hub.resolve(model, tag)
    except DamoverError as error:
        return str(error)
    return "" if found.digest == locked.digest else "; ".join(differences(locked.files, found.files))
