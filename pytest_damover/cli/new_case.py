"""`damover new-case`: a case for an image of a suite."""

from __future__ import annotations

import argparse
import json
import os
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_damover.cli.output import say
from pytest_damover.cli.project import open_settings
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.references import resolve_reference

if TYPE_CHECKING:
    from pytest_damover.suites import Suite


def add(commands: Any) -> None:
    """Declare the command."""
    case = commands.add_parser("new-case", help="write a case for an image of a suite")
    case.add_argument("image", type=Path, help="an image below suites/<suite>/")
    case.add_argument("--name", help="default: the image's file name")
    case.add_argument("--min-objects", type=int, default=1)
    case.add_argument("--max-objects", type=int)
    case.add_argument("--severity", choices=("critical", "major", "minor"))
    case.add_argument("--slice", action="append", dest="slices", default=[])
    case.set_defaults(run=_new_case)


def _new_case(options: argparse.Namespace) -> int:
    from pytest_damover import images, store

    path = options.image.absolute()
    suite = _suite_of(path, options.image)
    image_path = path.relative_to(suite.root).as_posix()
    image = images.open_image(resolve_reference(suite.root, image_path))
    height_px, width_px, _ = image.pixels.shape  # decoded before anything is written: it may be no image at all
    expected = {"min_objects": options.min_objects, "max_objects": options.max_objects, "confidence_threshold": 0.5}
    data = {
        "name": options.name or path.stem,
        "image_path": image_path,
        "image_sha256": image.sha256,
        "severity": options.severity,
        "slices": options.slices or None,
        "expected": {key: value for key, value in expected.items() if value is not None},
        "created_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }
    case = {key: value for key, value in data.items() if value is not None}
    text = json.dumps(case, ensure_ascii=False, indent=2) + "\n"
    target = suite.cases / f"{case['name']}.json"
    _refuse_bad_case(suite, text, target)
    target.parent.mkdir(exist_ok=True)
    store.write_text(target, text)
    say(f"{target}  ({width_px} x {height_px})")
    return 0


def _suite_of(path: Path, given: Path) -> Suite:
    from pytest_damover import suites

    project = open_settings().project
    root = project / suites.FOLDER
    if not path.is_relative_to(root) or len(path.relative_to(root).parts) < 2:
        raise DamoverError(Fault(Code.CASE_IMAGE, str(given), "not in a suite", f"an image below {root}/<suite>/"))
    name = path.relative_to(root).parts[0]
    return suites.Suite(name, root / name, project)


def _refuse_bad_case(suite: Suite, text: str, target: Path) -> None:
    from pytest_damover.suites import BrokenCase

    entry = suite.examine(text.encode(errors="surrogatepass"), target.name)
    if isinstance(entry, BrokenCase):
        raise DamoverError(*entry.faults)
    if os.path.lexists(target):
        raise DamoverError(Fault(Code.CASE_NAME, str(target), "is there already", "a new name", "--name"))
