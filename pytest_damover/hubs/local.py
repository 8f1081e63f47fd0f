"""A hub that is a folder: `<root>/<owner>/<name>/<revision>/`, used in place and needing no network."""

from __future__ import annotations

import os
from pathlib import Path

from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.revision import Revision, check_name
from pytest_damover.domain.semver import version_key
from pytest_damover.hubs import RevisionInfo, check_model, unknown_model, unknown_revision
from pytest_damover.hubs._tree import check_real_folders, is_link, scan, verify


class LocalHub:
    """Revisions that lie in folders below `root`; `name` is how plans and reports call the hub."""

    def __init__(self, root: Path, name: str = "local") -> None:
        self._root = root
        self.name = name

    def list_revisions(self, model: str) -> tuple[RevisionInfo, ...]:
        """The folders of `model` in version order; hidden folders and links are not revisions."""
        folder = self._root / check_model(model)
        if not folder.is_dir():
            exists = "; ".join(self._models()) or f"the hub is empty: no folder {folder}"
            raise unknown_model(model, self.name, exists, "set damover_model or damover_hub")
        with os.scandir(folder) as entries:
            found_names = [e.name for e in entries if e.is_dir(follow_symlinks=False) and not e.name.startswith(".")]
        return tuple(RevisionInfo(name, "tag") for name in sorted(found_names, key=version_key))

    def resolve(self, model: str, tag: str, name: str | None = None) -> Revision:
        """Read the folder of `tag` into a revision; unknown tags are refused with what exists."""
        check_name(tag, "revision")
        listed = self.list_revisions(model)
        folder = self._root / model / tag
        if tag not in {info.name for info in listed} and not is_link(folder):
            raise unknown_revision(model, tag, self.name, listed)
        check_real_folders(self._root, folder, f"{model} {tag}")
        files = scan(folder, f"{model} {tag}")
        if not files:
            where = f"{model} {tag}"
            raise DamoverError(Fault(Code.REVISION_TREE, where, "the folder is empty", "a model repository"))
        return Revision(name or tag, tag, model, self.name, None, files)

    def holds(self, revision: Revision) -> bool:
        """True: a local hub is on this machine."""
        return (self._root / check_model(revision.model) / check_name(revision.tag, "revision")).is_dir()

    def fetch(self, revision: Revision) -> Path:
        """Check the folder against the revision's files and return it."""
        folder = self._root / check_model(revision.model) / check_name(revision.tag, "revision")
        where = f"{revision.model} {revision.tag}"
        check_real_folders(self._root, folder, where)
        return verify(folder, revision.files, where)

    def _models(self) -> list[str]:
        return sorted(f"{path.parent.name}/{path.name}" for path in self._root.glob("[!.]*/[!.]*") if path.is_dir())


def open_hub(place: str, project_root: Path, store: Path | None = None) -> LocalHub:
    """The hub below `place` (default `hub`), relative to the project's root; `store` is not used."""
    del store
    return LocalHub(project_root / (place or "hub"), f"local:{place}" if place else "local")
