"""`damover doctor`: what a run here would use, and what is missing."""

from __future__ import annotations

import argparse
from typing import Any

from pytest_damover.cli.output import say
from pytest_damover.cli.project import language, open_settings


def add(commands: Any) -> None:
    """Declare the command."""
    doctor = commands.add_parser("doctor", help="versions and settings that a run here would use")
    doctor.add_argument("--strict", action="store_true", help="exit 1 when something is missing or too old")
    doctor.add_argument("--lang", help="en or zh")
    doctor.set_defaults(run=_doctor)


def _doctor(options: argparse.Namespace) -> int:
    from pytest_damover import doctor
    from pytest_damover.report.words import words_in

    settings = open_settings()
    words, checks = words_in(language(options.lang, settings)), doctor.examine(settings)
    width = max(len(check.name) for check in checks)
    for check in checks:
        say(f"{'ok ' if check.good else '!! '} {check.name:<{width}}  {words.retell(check.found)}")
        if not check.good:
            for line in words.retell(check.advice).splitlines():
                say(f"    {line}")
    return 1 if options.strict and not all(check.good for check in checks) else 0
