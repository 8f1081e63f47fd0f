"""The project that a command is called in: its settings, hub, model and lock."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_damover.domain.errors import Code, DamoverError, Fault

if TYPE_CHECKING:
    from pytest_damover.domain.revision import Revision
    from pytest_damover.hubs import Hub
    from pytest_damover.lock import Lock
    from pytest_damover.report.words import Words
    from pytest_damover.settings import Settings

SELECTORS = "a tag, branch, commit or alias, latest, current, or a range: '>=2,<3'"


@dataclass(frozen=True, slots=True)
class Project:
    """Where revisions come from, as options and ini-file say."""

    settings: Settings
    hub: Hub
    model: str
    lang: str = "en"
    is_offline: bool = False

    @property
    def words(self) -> Words:
        """What commands on revisions say, in the project's language."""
        from pytest_damover.cli.revision_words import words_in

        return words_in(self.lang)

    @property
    def place(self) -> str:
        """The hub as a reader should know it."""
        return f"{self.hub.name}, offline: as locked" if self.is_offline else self.hub.name

    @property
    def lock_path(self) -> Path:
        """Where `revisions.lock` lies, or would."""
        from pytest_damover.lock import FILE_NAME

        return self.settings.project / FILE_NAME

    def lock(self) -> Lock:
        """What is locked; nothing where there is no lock."""
        from pytest_damover.lock import Lock, read_lock

        return read_lock(self.lock_path) if self.lock_path.exists() else Lock()

    def resolve(self, names: Iterable[str]) -> tuple[Revision, ...]:
        """The revision that each name means, one for each tag; all that mean nothing are refused at once."""
        from pytest_damover import hubs

        revisions: dict[str, Revision] = {}
        faults: list[Fault] = []
        for name in dict.fromkeys(names):
            try:
                revision = hubs.resolve(self.hub, self.model, name, self.settings.aliases)
                revisions.setdefault(revision.tag, revision)
            except hubs.UnreachableError:
                raise
            except DamoverError as error:
                faults.extend(error.faults)
        if faults:
            raise DamoverError(*dict.fromkeys(faults))
        return tuple(revisions.values())

    def resolve_one(self, name: str) -> Revision:
        """The revision that one name means."""
        (revision,) = self.resolve([name])
        return revision


def add_hub_options(parser: argparse.ArgumentParser) -> None:
    """`--model`, and those of `add_place_options`, as every command has them that asks a hub."""
    parser.add_argument("--model", help="owner/name (default: damover_model)")
    add_place_options(parser)


def add_place_options(parser: argparse.ArgumentParser) -> None:
    """`--hub`, `--offline` and `--lang`."""
    parser.add_argument("--hub", help="local, local:FOLDER, modelscope, modelscope:ENDPOINT (default: damover_hub)")
    parser.add_argument(
        "--offline",
        action="store_true",
        help="never use the network: revisions.lock says what names mean (default: damover_offline)",
    )
    parser.add_argument("--lang", help="en or zh")


def open_settings() -> Settings:
    """The settings of the project that the command was called in."""
    from pytest_damover.settings import read_settings

    return read_settings(Path.cwd())


def open_project(options: argparse.Namespace) -> Project:
    """Hub and model of `--hub` and `--model`, else of the ini-file; offline, the lock stands for the hub."""
    from pytest_damover import hubs

    settings = open_settings()
    hub = hubs.open_hub(options.hub or settings.get("hub"), settings.project)
    model = options.model or settings.get("model")
    if not model:
        raise DamoverError(Fault(Code.OPTION, "model", "no model was named", "owner/name", "set damover_model"))
    project = Project(settings, hub, hubs.check_model(model), language(options.lang, settings))
    if not (options.offline or settings.flag("offline")):
        return project
    from pytest_damover.hubs._locked import LockedHub

    return replace(project, hub=LockedHub(hub, project.lock()), is_offline=True)


def language(asked: str | None, settings: Settings) -> str:
    """The language of `--lang`, else of the ini-file; one that there is not is refused."""
    from pytest_damover.report.words import CATALOGUES

    name = asked or settings.get("lang")
    if name not in CATALOGUES:
        raise DamoverError(Fault(Code.OPTION, "--lang", f"{name!r}", ", ".join(CATALOGUES)))
    return name
