"""The `damover` command: everything that needs no pytest, and no model in its own process.

Each module is a command or a group of them: `add` declares it, and what it needs is imported when it runs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from pytest_damover import __version__
from pytest_damover.cli import calibrate, ci, convert, diff, doctor, judge, lock, new_case, revisions, schema
from pytest_damover.cli.output import complain, say
from pytest_damover.cli.project import language, open_settings
from pytest_damover.domain.errors import DamoverError

USAGE = 4
INTERRUPTED = 130


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
        complain(error, _language(options))
        code = USAGE
    except KeyboardInterrupt:
        code = INTERRUPTED
    say(end="")
    return code


def _language(options: argparse.Namespace) -> str:
    """The language to refuse in; English where what says which is itself refused."""
    try:
        return language(getattr(options, "lang", None), open_settings())
    except DamoverError:
        return "en"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "damover", description="Revisions of a detection model: list, lock, compare, convert, judge, report."
    )
    parser.add_argument("--version", action="version", version=f"pytest-damover {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for module in (judge, calibrate, revisions, lock, diff, convert, new_case, ci, doctor, schema):
        module.add(commands)
    return parser
