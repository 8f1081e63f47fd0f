"""`damover ci`: what a CI job does around a run, so that its workflow file has next to no script of its own."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_damover.cli.output import obeyed, say
from pytest_damover.cli.project import language, open_settings
from pytest_damover.domain.verdict import Answer

if TYPE_CHECKING:
    from pytest_damover.remake import Judged
    from pytest_damover.store import RunFolder

OUTPUT, SUMMARY = "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"
NOT_THERE = "The run was lost, cancelled, never allowed on the GPU, or ended before it had this: nothing is shown."


def add(commands: Any) -> None:
    """Declare the command and its three parts."""
    parts = commands.add_parser("ci", help="in a CI job: publish a run, check it again, look for leftovers")
    parts = parts.add_subparsers(metavar="PART", required=True)
    publish = parts.add_parser("publish", help="outputs, summary and annotations of the newest run for GitHub Actions")
    publish.add_argument("reports", metavar="REPORTS", type=Path, help="the folder of run folders, of this job alone")
    publish.add_argument("--lang", help="en or zh")
    publish.set_defaults(run=_publish)

    check = parts.add_parser("check", help="judge a fetched run folder again; a file that is missing is no PASS")
    check.add_argument("run_folder", metavar="RUN", type=Path, help="with plan.json, journal.jsonl, verdict.json")
    check.set_defaults(run=_check)

    leftovers = parts.add_parser("leftovers", help="list what a run left behind on its machine; 1 when there is some")
    leftovers.add_argument("--lock", type=Path, help="the GPU's lock file; what is found is noted in LOCK.dirty")
    leftovers.add_argument("--device", default="cuda", help="what the run ran on; with cpu no GPU is asked")
    leftovers.set_defaults(run=_leftovers)


def _publish(options: argparse.Namespace) -> int:
    from pytest_damover import remake, store
    from pytest_damover.report import annotations, markdown

    folder = store.open_run_folder(options.reports / store.LATEST)
    if not folder.plan.is_file():
        return _nothing_shown(f"there is no run in {options.reports}")
    lang = language(options.lang, open_settings())
    judged = remake.judge_folder(folder)
    parts = (judged.run, judged.verdict, judged.comparisons)
    for line in annotations.render(*parts, lang).splitlines():
        obeyed(line)
    _append(SUMMARY, markdown.render(*parts, lang))
    _append_outputs(outputs_of(folder, judged))
    return 0


def _check(options: argparse.Namespace) -> int:
    from pytest_damover import remake, store

    folder = store.open_run_folder(options.run_folder)
    missing = [path.name for path in (folder.plan, folder.journal, folder.verdict) if not path.is_file()]
    if missing:
        return _nothing_shown(f"missing from {folder.path}: {', '.join(missing)}")
    judged = remake.judge_folder(folder)
    if folder.verdict.read_bytes() != store.encoded(judged.verdict.to_text()):
        say(f"verdict.json is not what plan and journal say; they say {judged.verdict.verdict.value}")
        _append_outputs({"verdict": Answer.ERROR.value})
        return Answer.ERROR.exit_code
    outputs = outputs_of(folder, judged)
    _append_outputs(outputs)
    say(f"judged again: {outputs['verdict']} for {outputs['candidate']}, the baseline being {outputs['baseline']}")
    return judged.verdict.verdict.exit_code


def _leftovers(options: argparse.Namespace) -> int:
    from pytest_damover.cli import leftovers

    return leftovers.report(options.lock, options.device)


def outputs_of(folder: RunFolder, judged: Judged) -> Mapping[str, str]:
    """The outputs of a job: each on one line, whatever the revisions are called."""
    from pytest_damover.report.text import one_line

    verdict = judged.verdict
    return {
        "verdict": verdict.verdict.value,
        "report-path": str(folder.report) if folder.report.is_file() else "",
        "run-folder": str(folder.path),
        "baseline": one_line(verdict.baseline.name) if verdict.baseline else "",
        "candidate": one_line(",".join(one.revision.name for one in verdict.candidates)),
    }


def _nothing_shown(found: str) -> int:
    """What is not there is never PASS, and never somebody else's answer."""
    say(f"{Answer.INCONCLUSIVE.value}: {found}. {NOT_THERE}")
    _append_outputs({"verdict": Answer.INCONCLUSIVE.value})
    return Answer.INCONCLUSIVE.exit_code


def _append_outputs(outputs: Mapping[str, str]) -> None:
    _append(OUTPUT, "".join(f"{name}={value}\n" for name, value in outputs.items()))


def _append(variable: str, text: str) -> None:
    """Add to the file that the job's runner named; elsewhere it is shown."""
    path = os.environ.get(variable)
    if not path:
        say(text, end="")
        return
    with Path(path).open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
