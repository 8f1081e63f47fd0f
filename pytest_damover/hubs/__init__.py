"""Hubs: where a revision's bytes come from.

The folder is the registry: every module without a leading underscore is a hub and offers
`open_hub(place, project_root, store) -> Hub`; `place` is what follows the colon in `name:place`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Literal, Protocol

from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.revision import Revision, check_asked

MODEL_PATTERN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,95}/[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True, slots=True)
class RevisionInfo:
    """One line of a hub's listing; `created_at` is ISO 8601 in UTC, None where the hub does not say."""

    name: str
    kind: Literal["tag", "branch"]
    commit: str | None = None
    created_at: str | None = None
    message: str = ""


class UnreachableError(DamoverError):
    """The hub could not be asked (refused, no name service, timed out, 5xx to the last try); it did not answer no."""


class Hub(Protocol):
    """A place that lists, resolves and hands out revisions of models; every failure is a `DamoverError`."""

    @property
    def name(self) -> str:
        """How plans and reports call this hub, endpoint included."""
        ...

    def list_revisions(self, model: str) -> tuple[RevisionInfo, ...]:
        """Everything that `resolve` accepts by name: tags in version order, then branches."""
        ...

    def resolve(self, model: str, tag: str, name: str | None = None) -> Revision:
        """The revision that the hub calls `tag`, with size and SHA-256 of every file; no file is loaded.

        `name` is what the user asked for when an alias stood for `tag`. An unknown tag is refused with what exists.
        """
        ...

    def holds(self, revision: Revision) -> bool:
        """True when `fetch` would need no network."""
        ...

    def fetch(self, revision: Revision) -> Path:
        """A folder that holds exactly the files of `revision`, each checked by size and SHA-256 just now."""
        ...


def names() -> tuple[str, ...]:
    """The hubs there are, in alphabetical order."""
    return tuple(sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_")))


def open_hub(spec: str, project_root: Path, store: Path | None = None) -> Hub:
    """Open the hub that `spec` means: `local`, `local:PATH`, `modelscope` or `modelscope:ENDPOINT`.

    `project_root` anchors relative places; `store` is where downloads are kept (default: the user's cache folder).
    """
    name, _, place = spec.partition(":")
    if name not in names():
        allowed = ", ".join(f"{known}, {known}:PLACE" for known in names())
        raise DamoverError(Fault(Code.HUB, "hub", f"{spec!r} is not a hub", allowed, "set damover_hub"))
    hub: Hub = import_module(f"{__name__}.{name}").open_hub(place, project_root, store)
    return hub


def resolve(hub: Hub, model: str, asked: str, aliases: Mapping[str, str]) -> Revision:
    """The one revision that `asked` means, with its whole manifest.

    In this order: an alias; a tag, branch or commit id; `latest`, the highest release; `current`, which until there
    is a ledger is the alias of that name; a range of versions such as `>=2,<3`, whose highest match is taken. A word
    that means two things is refused, and so is one that means nothing (REVISION_NAME, REVISION_UNKNOWN).
    """
    from pytest_damover.hubs._select import select

    check_asked(asked, "revision")
    listed = hub.list_revisions(model)
    tag, name = select(asked, aliases, listed, f"{hub.name} {model}")
    return replace(hub.resolve(model, tag, name), requested=asked)


def verify(folder: Path, revision: Revision) -> None:
    """Hash `folder` again; `DamoverError` names everything in it that is not as it was when `revision` was fetched."""
    from pytest_damover.hubs import _tree

    if not folder.is_dir() or folder.is_symlink():
        raise DamoverError(Fault(Code.REVISION_TREE, f"{revision.model} {revision.tag}", f"{folder} is gone"))
    _tree.verify(folder, revision.files, f"{revision.model} {revision.tag}")


def check_model(model: str) -> str:
    """Return `model` when it has the form `owner/name`, else raise `DamoverError`."""
    if MODEL_PATTERN.fullmatch(model) and ".." not in model:
        return model
    allowed = "owner/name of letters, digits, '.', '_', '-'"
    raise DamoverError(Fault(Code.HUB, "model", f"{model!r} is not a model id", allowed, "set damover_model"))


def unknown_model(model: str, hub: str, exists: str, next_step: str) -> DamoverError:
    """The refusal of a model that the hub says it does not have."""
    return DamoverError(Fault(Code.REVISION_UNKNOWN, "model", f"{hub} has no model {model}", exists, next_step))


def unknown_revision(model: str, tag: str, hub: str, listed: tuple[RevisionInfo, ...]) -> DamoverError:
    """The refusal of a revision that the hub does not have; it lists what the hub has."""
    exists = ", ".join(info.name for info in listed) or "no revision at all"
    found = f"{hub} has no revision {tag!r} of {model}"
    return DamoverError(Fault(Code.REVISION_UNKNOWN, "revision", found, exists, "damover revisions"))
