"""`damover convert`: a twin of a revision that runs no code, proven to detect the same."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_damover.cli.output import say
from pytest_damover.cli.project import SELECTORS, Project, add_hub_options, open_project
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.references import resolve_reference

if TYPE_CHECKING:
    from pytest_damover.domain.revision import Revision
    from pytest_damover.images import Image
    from pytest_damover.settings import Settings

MOST_IMAGES = 64
SUFFIX = "-codefree"
LOCAL = "local"
RUNNER = "process"
DEVICE = "cpu"


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "convert",
        help="write a twin of a revision that runs no code, and prove that it detects the same",
        description=f"The proof runs both on up to {MOST_IMAGES} images of the suites, on the CPU, in child processes.",
    )
    parser.add_argument("revision", metavar="NAME", help=SELECTORS)
    parser.add_argument(
        "--out", metavar="FOLDER", type=Path, help=f"where to write it (default: hub/<owner>/<name>/<tag>{SUFFIX})"
    )
    add_hub_options(parser)
    parser.set_defaults(run=_convert)


def _convert(options: argparse.Namespace) -> int:
    from pytest_damover import anatomy, runners
    from pytest_damover.convert import convert
    from pytest_damover.lock import check_consent

    project = open_project(options)
    revision = project.resolve_one(options.revision)
    target = (options.out or _default_target(project, revision)).absolute()
    if target.exists():
        found, next_step = "is there already", "remove it, or --out FOLDER"
        raise DamoverError(Fault(Code.STORE, str(target), found, "a folder that is not there yet", next_step))
    folder = project.hub.fetch(revision)
    check_consent(project.lock_path, [(revision, anatomy.safety_of(folder, revision.files))])
    images = spread_images(project.settings)
    runner = runners.open_runner(RUNNER, project.settings.get("detector"), DEVICE)
    try:
        proof = convert(revision, folder, target, images, runner)
    finally:
        runner.close()
    words = project.words
    say(words("twin.same", tag=revision.tag, detections=proof.detections, images=proof.images))
    say(target)
    say(words("twin.next", step=_next_step(project, revision, target)))
    return 0


def _default_target(project: Project, revision: Revision) -> Path:
    return _local_root(project) / revision.model / (revision.tag.replace("/", "-") + SUFFIX)


def _local_root(project: Project) -> Path:
    """The folder of the project's local hub: that of `damover_hub = local:FOLDER`, else `hub`."""
    name, _, place = project.hub.name.partition(":")
    return project.settings.project / ((name == LOCAL and place) or "hub")


def _next_step(project: Project, revision: Revision, target: Path) -> str:
    """The run that judges the twin, beside the original where one hub has both; in a locked project it is locked."""
    if target.parent != _local_root(project) / revision.model:
        return project.words("twin.hub", command=f"pytest --revisions {revision.tag},{target.name}")
    is_local = project.hub.name.partition(":")[0] == LOCAL
    names = f"{revision.tag},{target.name}" if is_local else target.name
    hub = project.hub.name if is_local else LOCAL
    locking = f"damover lock {target.name} --hub {hub} && " if project.lock_path.exists() else ""
    return f"{locking}pytest --revisions {names} --damover-hub {hub}"


def spread_images(settings: Settings, most: int = MOST_IMAGES) -> tuple[Image, ...]:
    """At most `most` images of the project's cases, spread evenly over each suite; every suite has its share."""
    from pytest_damover import images
    from pytest_damover.domain.case import Case
    from pytest_damover.suites import FOLDER, Suite

    root = settings.project / FOLDER
    folders = sorted(path for path in root.glob("*") if path.is_dir()) if root.is_dir() else []
    of_suites: list[list[Image]] = []
    for folder in folders:
        suite = Suite(folder.name, folder, settings.project)
        paths = dict.fromkeys(case.image_path for case in suite.all_cases() if isinstance(case, Case))
        of_suites.append([images.open_image(resolve_reference(folder, path), key=path) for path in paths])
    of_suites = [suite_images for suite_images in of_suites if suite_images]
    if not of_suites:
        allowed = f"cases with images below {FOLDER}/<suite>/"
        raise DamoverError(
            Fault(Code.CASE_IMAGE, str(root), "no image to prove the twin on", allowed, "damover new-case")
        )
    share = max(1, most // len(of_suites))
    return tuple(image for suite_images in of_suites for image in _spread(suite_images, share))[:most]


def _spread(every: list[Image], most: int) -> list[Image]:
    count = min(most, len(every))
    return [every[index * len(every) // count] for index in range(count)]
