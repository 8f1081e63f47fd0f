"""The `damover` command: everything that needs no model, no GPU and no pytest."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_damover import __version__
from pytest_damover.domain.errors import Code, DamoverError, Fault

if TYPE_CHECKING:
    from pytest_damover.suites import Suite

USAGE = 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the process's exit code: that of the verdict for `judge`, 4 for what cannot be done."""
    parser = _parser()
    options = parser.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code: int = options.run(options)
    except DamoverError as error:
        for fault in error.faults:
            print(f"damover: {fault}", file=sys.stderr)
        code = USAGE
    _say(end="")
    return code


def _say(text: object = "", end: str = "\n") -> None:
    """Print, also to a reader that has gone away (`| head`): the exit code is the answer, and it is not lost."""
    try:
        print(text, end=end, flush=True)
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "damover", description="Revisions of a detection model: list, lock, judge, report."
    )
    parser.add_argument("--version", action="version", version=f"pytest-damover {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    judge = commands.add_parser("judge", help="judge a run folder again, by its own policy or another one")
    judge.add_argument("run_folder", metavar="RUN", type=Path, help="reports/latest or reports/<run-id>")
    judge.add_argument("--policy", type=Path, help="judge by this policy file, and leave the run's verdict.json alone")
    judge.add_argument("--lang", help="en or zh")
    judge.set_defaults(run=_judge)

    report = commands.add_parser("report", help="make report.html and summary.md of a run folder again")
    report.add_argument("run_folder", metavar="RUN", type=Path, help="reports/latest or reports/<run-id>")
    report.add_argument("--lang", help="en or zh")
    report.set_defaults(run=_report)

    revisions = commands.add_parser("revisions", help="list what the hub has")
    revisions.add_argument("model", nargs="?", help="owner/name (default: damover_model)")
    revisions.add_argument("--hub", help="local, local:FOLDER, modelscope, modelscope:ENDPOINT (default: damover_hub)")
    revisions.add_argument("--json", action="store_true", help="for programs")
    revisions.set_defaults(run=_revisions)

    lock = commands.add_parser("lock", help="write revisions.lock: which bytes these names mean today")
    lock.add_argument("names", nargs="+", metavar="REVISION")
    lock.add_argument("--model", help="owner/name (default: damover_model)")
    lock.add_argument("--hub", help="as for revisions")
    lock.set_defaults(run=_lock)

    case = commands.add_parser("new-case", help="write a case for an image of a suite")
    case.add_argument("image", type=Path, help="an image below suites/<suite>/")
    case.add_argument("--name", help="default: the image's file name")
    case.add_argument("--min-objects", type=int, default=1)
    case.add_argument("--max-objects", type=int)
    case.add_argument("--severity", choices=("critical", "major", "minor"))
    case.add_argument("--slice", action="append", dest="slices", default=[])
    case.set_defaults(run=_new_case)

    doctor = commands.add_parser("doctor", help="versions and settings that a run here would use")
    doctor.add_argument("--strict", action="store_true", help="exit 1 when something is missing or too old")
    doctor.set_defaults(run=_doctor)

    schema = commands.add_parser("schema", help="print the JSON Schema of a kind of file")
    schema.add_argument("kind", choices=("case", "policy"))
    schema.set_defaults(run=_schema)
    return parser


def _judge(options: argparse.Namespace) -> int:
    from pytest_damover import remake, store, suites
    from pytest_damover.settings import read_settings

    settings = read_settings(Path.cwd())
    folder = store.open_run_folder(options.run_folder)
    data = None
    if options.policy is not None:
        policy = suites.read_policy(options.policy, str(options.policy))
        if policy.data is None:
            raise DamoverError(*policy.faults)
        data = policy.data
    judged = remake.judge_folder(folder, data)
    if data is None:
        store.write_text(folder.verdict, judged.verdict.to_text())
    lang = _language(options.lang or settings.get("lang", "en"))
    width = shutil.get_terminal_size().columns
    for text, _ in remake.summary_lines(folder, judged, settings.project, lang, width):
        _say(text)
    return judged.verdict.verdict.exit_code


def _report(options: argparse.Namespace) -> int:
    from pytest_damover import remake, store
    from pytest_damover.settings import read_settings

    settings = read_settings(Path.cwd())
    folder = store.open_run_folder(options.run_folder)
    lang = _language(options.lang or settings.get("lang", "en"))
    remake.write_report(folder, remake.judge_folder(folder), settings.project, lang)
    _say(folder.report)
    _say(folder.summary)
    return 0


def _revisions(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from pytest_damover import hubs
    from pytest_damover.report.text import one_line
    from pytest_damover.settings import read_settings

    settings = read_settings(Path.cwd())
    hub = hubs.open_hub(options.hub or settings.get("hub", "modelscope"), settings.project)
    model = _model(options.model or settings.get("model", ""))
    listed = hub.list_revisions(model)
    if options.json:
        _say(json.dumps([asdict(info) for info in listed], ensure_ascii=False, indent=1))
        return 0
    aliases = {tag: alias for alias, tag in settings.aliases.items()}
    _say(f"{model} on {hub.name}")
    for info in listed:
        also = f"also {aliases[info.name]}" if info.name in aliases else ""
        cells = (
            f"{info.name:<16}",
            f"{info.kind:<7}",
            f"{(info.commit or '')[:12]:<13}",
            one_line(info.created_at or ""),
            one_line(info.message),
            also,
        )
        _say("  ".join(cell for cell in cells if cell).rstrip())
    return 0


def _lock(options: argparse.Namespace) -> int:
    from pytest_damover import hubs, lock
    from pytest_damover.settings import read_settings

    settings = read_settings(Path.cwd())
    hub = hubs.open_hub(options.hub or settings.get("hub", "modelscope"), settings.project)
    model = _model(options.model or settings.get("model", ""))
    revisions = [hub.resolve(model, settings.aliases.get(name, name), name) for name in dict.fromkeys(options.names)]
    path = settings.project / lock.FILE_NAME
    lock.write_lock(path, lock.Lock({(one.model, one.tag): one for one in revisions}))
    for revision in revisions:
        _say(f"{revision.name}  {revision.digest}  {len(revision.files)} files, {revision.size_bytes} bytes")
    _say(path)
    return 0


def _new_case(options: argparse.Namespace) -> int:
    from datetime import datetime, timezone

    from pytest_damover import images, store, suites
    from pytest_damover.settings import read_settings

    settings = read_settings(Path.cwd())
    path = options.image.absolute()
    root = settings.project / suites.FOLDER
    if not path.is_relative_to(root) or len(path.relative_to(root).parts) < 2:
        raise DamoverError(
            Fault(Code.CASE_IMAGE, str(options.image), "not in a suite", f"an image below {root}/<suite>/")
        )
    suite = suites.Suite(path.relative_to(root).parts[0], root / path.relative_to(root).parts[0], settings.project)
    image_path = path.relative_to(suite.root).as_posix()
    image = images.open_image(images.resolve_reference(suite.root, image_path))
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
    _say(f"{target}  ({width_px} x {height_px})")
    return 0


def _refuse_bad_case(suite: Suite, text: str, target: Path) -> None:
    from pytest_damover.suites import BrokenCase

    entry = suite.examine(text.encode(errors="surrogatepass"), target.name)
    if isinstance(entry, BrokenCase):
        raise DamoverError(*entry.faults)
    if os.path.lexists(target):
        raise DamoverError(Fault(Code.CASE_NAME, str(target), "is there already", "a new name", "--name"))


def _doctor(options: argparse.Namespace) -> int:
    from pytest_damover import doctor
    from pytest_damover.settings import read_settings

    checks = doctor.examine(read_settings(Path.cwd()))
    for check in checks:
        _say(f"{'ok ' if check.good else '!! '} {check.name:<16} {check.found}")
        if not check.good:
            _say(f"    {check.advice}")
    return 1 if options.strict and not all(check.good for check in checks) else 0


def _schema(options: argparse.Namespace) -> int:
    from pytest_damover import documents

    _say(json.dumps(documents.schema(options.kind), ensure_ascii=False, indent=2))
    return 0


def _model(name: str) -> str:
    if not name:
        raise DamoverError(Fault(Code.OPTION, "model", "no model was named", "owner/name", "set damover_model"))
    return name


def _language(name: str) -> str:
    from pytest_damover.report.words import CATALOGUES

    if name not in CATALOGUES:
        raise DamoverError(Fault(Code.OPTION, "--lang", f"{name!r}", ", ".join(CATALOGUES)))
    return name


if __name__ == "__main__":
    raise SystemExit(main())
