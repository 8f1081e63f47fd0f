"""`damover judge` and `damover report`: what is made of a run folder, made again."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

from pytest_damover.cli.output import say
from pytest_damover.cli.project import language, open_settings
from pytest_damover.domain.errors import Code, DamoverError, Fault


def add(commands: Any) -> None:
    """Declare both commands."""
    judge = commands.add_parser("judge", help="judge a run folder again, by its own policy or another one")
    judge.add_argument("runs", metavar="RUN", nargs="+", type=Path, help="reports/latest or reports/<run-id>")
    policy = judge.add_mutually_exclusive_group()
    policy.add_argument(
        "--policy", type=Path, help="judge by this policy file and the run's own waivers; verdict.json stays"
    )
    policy.add_argument(
        "--policies",
        metavar="FILE,...",
        help="a table: what each run would be under each of these policies; changes nothing, and its exit code is 0",
    )
    judge.add_argument("--json", action="store_true", help="the table of --policies for programs")
    judge.add_argument("--lang", help="en or zh")
    judge.set_defaults(run=_judge)

    report = commands.add_parser("report", help="make the report, the summary, junit.xml and ctrf.json of a run again")
    report.add_argument("run_folder", metavar="RUN", type=Path, help="reports/latest or reports/<run-id>")
    report.add_argument("--lang", help="en or zh")
    report.set_defaults(run=_report)


def _judge(options: argparse.Namespace) -> int:
    if options.policies is not None:
        from pytest_damover.cli import judge_table

        lang = language(options.lang, open_settings())
        return judge_table.show(options.runs, options.policies, options.json, lang)
    if len(options.runs) != 1 or options.json:
        found = "--json" if options.json else f"{len(options.runs)} runs"
        raise DamoverError(Fault(Code.OPTION, "judge", f"{found} without --policies", "one run, or a table of several"))
    return _judge_one(options)


def _judge_one(options: argparse.Namespace) -> int:
    from pytest_damover import remake, store, suites

    settings = open_settings()
    folder = store.open_run_folder(options.runs[0])
    data = None
    if options.policy is not None:
        policy = suites.read_policy(options.policy, str(options.policy))
        if policy.data is None:
            raise DamoverError(*policy.faults)
        data = policy.data
    judged = remake.judge_folder(folder, data)
    if data is None:
        store.write_text(folder.verdict, judged.verdict.to_text())
    columns = shutil.get_terminal_size().columns
    lang = language(options.lang, settings)
    for text, _ in remake.summary_lines(folder, judged, settings.project, lang, columns):
        say(text)
    return judged.verdict.verdict.exit_code


def _report(options: argparse.Namespace) -> int:
    from pytest_damover import remake, store

    settings = open_settings()
    folder = store.open_run_folder(options.run_folder)
    remake.write_report(folder, remake.judge_folder(folder), settings.project, language(options.lang, settings))
    for path in (folder.report, folder.summary, folder.junit, folder.ctrf):
        say(path)
    return 0
