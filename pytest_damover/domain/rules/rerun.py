"""The commands that run just the things a finding is about again."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator

from pytest_damover.domain.comparing.comparison import CaseComparison, Comparison
from pytest_damover.domain.naming import slug
from pytest_damover.domain.run import Run
from pytest_damover.domain.slicing.free_slices import FREE_SLICES

MAX_NAMED = 5
OPTION_PREFIX = "--damover-"
RESUME = "--damover-resume"
NOT_REPEATED = ("--damover-update-golden", "--damover-no-gate", RESUME)
KEYWORD = re.compile(r"(?!(?:and|or|not)$)[\w:+.-]+")
"""What pytest's `-k` takes for one word; cases carry their slices as keywords."""


def rerun_suite(run: Run, comparison: Comparison, suite: str, slice_name: str | None = None) -> str:
    """The whole suite, or what carries the name of a slice, on this baseline and candidate."""
    is_keyword = slice_name is not None and slice_name not in FREE_SLICES and KEYWORD.fullmatch(slice_name)
    narrow = ["-k", slice_name] if slice_name is not None and is_keyword else []
    return _command(run, comparison, [run.plan.suite(suite).root, *narrow])


def rerun_cases(run: Run, comparison: Comparison, cases: Iterable[CaseComparison]) -> str:
    """The first `MAX_NAMED` of `cases` on this baseline and candidate; empty when there are none.

    Node ids stand without revision and parameters: pytest takes such an id for every variant.
    """
    ids = dict.fromkeys(_node_id(run, case) for case in list(cases)[:MAX_NAMED])
    return _command(run, comparison, ids) if ids else ""


def resume_command(run: Run) -> str:
    """The command that runs what an interrupted run did not come to; '' when the plan's command cannot be read."""
    try:
        words = shlex.split(run.plan.command)
    except ValueError:
        return ""
    given = [at for at, word in enumerate(words) if word.partition("=")[0] == RESUME]
    dropped = {at for one in given for at in (one, *([] if "=" in words[one] else [one + 1]))}
    kept = [word for at, word in enumerate(words) if at not in dropped]
    return shlex.join([*kept, RESUME, run.plan.run_id]) if kept else ""


def _node_id(run: Run, case: CaseComparison) -> str:
    known = run.cases.get((case.suite, case.case))
    if known is not None:
        return f"{known.source}::{slug(case.case)}"
    root = next((suite.root for suite in run.plan.suites if suite.name == case.suite), "")
    return f"{root}/{case.case.partition('[')[0]}" if "::" in case.case else root


def _command(run: Run, comparison: Comparison, selection: Iterable[str]) -> str:
    sides = [side.name for side in (comparison.baseline, comparison.candidate) if side is not None]
    return shlex.join(["pytest", *selection, "--revisions", ",".join(sides), *_repeated_options(run)])


def _repeated_options(run: Run) -> Iterator[str]:
    try:
        words = shlex.split(run.plan.command)
    except ValueError:
        return
    roots = tuple(suite.root for suite in run.plan.suites)
    for word, following in zip(words, [*words[1:], "-"], strict=False):
        if word.startswith(OPTION_PREFIX) and word.partition("=")[0] not in NOT_REPEATED:
            yield word
            # which options are bare is not known here; a path of a suite is no value, and neither is an option
            if "=" not in word and not following.startswith(("-", *roots)):
                yield following
