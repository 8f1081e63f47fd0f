"""`damover diff`: in what two revisions differ, seen without running either."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from pytest_damover.cli.output import say, say_json, width
from pytest_damover.cli.project import SELECTORS, add_hub_options, open_project

if TYPE_CHECKING:
    from pytest_damover.domain.revision import Revision


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "diff",
        help="in what two revisions differ, without running either",
        description="Files, configuration, thresholds, classes, input size and weights; ends 0 whatever differs.",
    )
    parser.add_argument("baseline", metavar="BASELINE", help=SELECTORS)
    parser.add_argument("candidate", metavar="CANDIDATE", help="as BASELINE")
    parser.add_argument("--json", action="store_true", help="every change, for programs")
    add_hub_options(parser)
    parser.set_defaults(run=_diff)


def _diff(options: argparse.Namespace) -> int:
    from pytest_damover import anatomy
    from pytest_damover.report.anatomy_lines import difference_lines

    project = open_project(options)
    baseline, candidate = (project.resolve_one(name) for name in (options.baseline, options.candidate))
    found = [anatomy.examine(project.hub.fetch(one), one.files) for one in (baseline, candidate)]
    difference = anatomy.compare(*found)
    if options.json:
        pair = {"baseline": _identity(baseline), "candidate": _identity(candidate)}
        safety = {"baseline_safety": found[0].safety.to_json(), "candidate_safety": found[1].safety.to_json()}
        say_json({**pair, **safety, **difference.to_json()})
        return 0
    for line in difference_lines(difference, baseline.name, candidate.name, project.lang, width()):
        say(line)
    return 0


def _identity(revision: Revision) -> dict[str, Any]:
    data = revision.to_json()
    del data["files"]
    return data
