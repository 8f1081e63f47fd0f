"""`damover calibrate`: how often the policy of a run is wrong about a model like this one."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_damover.domain.errors import Code, DamoverError, Fault

if TYPE_CHECKING:
    from pytest_damover.domain.rehearsing.error_rates import Asked, Planted, RuleRates, Trials
    from pytest_damover.domain.rehearsing.mutation_trials import MutationScore
    from pytest_damover.domain.revision import Revision
    from pytest_damover.domain.run import Run

Task = TypeVar("Task")
Result = TypeVar("Result")
Mapped = Callable[[str, Callable[[Task], Result], Sequence[Task]], list[Result]]

TRIALS = 200
MOST_SEEDS = 50
"""A mutation is tried as often as the issue is not in doubt: 0 of 50 is at most 7 % with 95 % confidence."""
LEAST_TRIALS = 20
OF_POWER = 8
"""One rule at one loss gets an eighth of the trials: there are many of them."""


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "calibrate",
        help="how often the policy of a run blocks, passes or leaves open what it should not",
        description="Trials on the detections that a run recorded; nothing is run and nothing is changed.",
    )
    parser.add_argument("run_folder", metavar="RUN", type=Path, help="reports/latest or reports/<run-id>")
    parser.add_argument("--trials", type=int, default=TRIALS, help=f"A/A trials (default {TRIALS}, at least 20)")
    parser.add_argument("--seed", type=int, default=0, help="0 or more: the same seed gives the same numbers")
    parser.add_argument("--candidate", metavar="NAME", help="which candidate of the run (default: the first)")
    parser.add_argument("--mutations", action="store_true", help="also: which harmful changes would it let through?")
    parser.add_argument("--revision", metavar="NAME", help="whose detections are mutated (default: the baseline's)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one for each core)")
    parser.add_argument("--json", action="store_true", help="every rate with its counts, for programs")
    parser.add_argument("--lang", help="en or zh")
    parser.set_defaults(run=_calibrate)


def _calibrate(options: argparse.Namespace) -> int:
    from pytest_damover import remake, store
    from pytest_damover.cli import calibrate_table
    from pytest_damover.cli.project import language, open_settings
    from pytest_damover.domain.rehearsing.error_rates import Trials

    lang = language(options.lang, open_settings())
    for name, least in (("trials", LEAST_TRIALS), ("seed", 0), ("jobs", 1)):
        if not getattr(options, name) >= least:
            found = str(getattr(options, name))
            raise DamoverError(Fault(Code.OPTION, f"--{name}", found, f"a number of at least {least}"))
    run = remake.read_run(store.open_run_folder(options.run_folder))
    baseline, candidate = _pair(run, options.candidate)
    trials = Trials(run, baseline, candidate)
    scores: list[MutationScore] = []
    with _workers(options.jobs) as mapped:
        rates, whole = _null(trials, options, mapped)
        planted = _power(trials, rates, options, mapped)
        if options.mutations:
            source = baseline if options.revision is None else _named(run, options.revision)
            scores = _mutations(run, source, options, mapped)
    shown = calibrate_table.Calibration(
        baseline.name, candidate.name, len(trials.cases), options.trials, options.seed, rates, whole, planted, scores
    )
    calibrate_table.show(shown, lang, options.json, options.revision or baseline.name)
    return 0


def _null(trials: Trials, options: argparse.Namespace, mapped: Mapped[Any, Any]) -> tuple[Any, Any]:
    from pytest_damover.domain.rehearsing.error_rates import tallied, together

    seeds = [(options.seed, number) for number in range(options.trials)]
    asked = mapped("A/A", trials.trial, seeds)
    rates = tallied(asked, trials.truths())
    return [one for one in rates if not one.key.rule.startswith("evidence.")], together(asked)


def _power(
    trials: Trials, rates: Sequence[RuleRates], options: argparse.Namespace, mapped: Mapped[Any, Any]
) -> list[Planted]:
    from pytest_damover.domain.rehearsing.error_rates import Planted, tallied

    found = []
    for place, rate in enumerate(rates):
        if rate.limit is None or rate.truth is None:
            continue
        for margins, share, losing in trials.planted(rate.key, rate.limit, options.seed):
            count = max(LEAST_TRIALS, options.trials // OF_POWER)
            seeds = [(options.seed, 1, place, round(10 * margins), number) for number in range(count)]
            named = f"{rate.key.rule} {rate.key.slice}".strip()
            asked: list[list[Asked]] = mapped(f"A/B {named} {margins}x", losing.trial, seeds)
            (tally,) = tallied(asked, {rate.key: losing.truth})
            found.append(Planted(margins, share, -losing.truth, tally))
    return found


def _mutations(
    run: Run, source: Revision, options: argparse.Namespace, mapped: Mapped[Any, Any]
) -> list[MutationScore]:
    from pytest_damover.domain.rehearsing.mutation_trials import MutationSet, of_the_output
    from pytest_damover.domain.verdict import Answer

    mutants = MutationSet(run, source)
    copy = mutants.unchanged()
    if copy.verdict is not Answer.PASS:
        wrong = next(finding for finding in copy.findings if finding.verdict is copy.verdict)
        found = f"an exact copy of {source.name} is {copy.verdict.value}: {wrong.message}"
        others = [revision.name for revision in run.plan.revisions if revision.name != source.name]
        raise DamoverError(
            Fault(
                Code.OPTION,
                "--mutations",
                found,
                "a revision that the policy accepts as it is",
                f"mutate another one: --revision {others[0]}" if others else "mend the policy",
            )
        )
    seeds = range(options.seed, options.seed + min(MOST_SEEDS, options.trials))
    return mapped("mutation", partial(mutants.score, seeds=seeds), of_the_output())


def _pair(run: Run, name: str | None) -> tuple[Revision, Revision]:
    if run.plan.baseline is None or not run.plan.candidates:
        found = f"one revision alone: {', '.join(revision.name for revision in run.plan.revisions)}"
        next_step = "judge two: pytest --revisions BASELINE,CANDIDATE"
        raise DamoverError(Fault(Code.RUN_FOLDER, run.plan.run_id, found, "a baseline and a candidate", next_step))
    candidates = {revision.name: revision for revision in run.plan.candidates}
    if name is not None and name not in candidates:
        raise DamoverError(Fault(Code.OPTION, "--candidate", repr(name), ", ".join(candidates)))
    return run.plan.baseline, run.plan.candidates[0] if name is None else candidates[name]


def _named(run: Run, name: str) -> Revision:
    known = {revision.name: revision for revision in run.plan.revisions}
    if name not in known:
        raise DamoverError(Fault(Code.OPTION, "--revision", repr(name), ", ".join(known)))
    return known[name]


@contextmanager
def _workers(jobs: int) -> Iterator[Mapped[Any, Any]]:
    """A map over tasks, in so many processes, that says on stderr how far it is."""
    if jobs == 1:
        yield lambda name, ask, tasks: _told(name, map(ask, tasks), len(tasks))
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(jobs) as pool:

        def mapped(name: str, ask: Callable[[Task], Result], tasks: Sequence[Task]) -> list[Result]:
            at_once = max(1, len(tasks) // (jobs * 4))
            return _told(name, pool.map(ask, tasks, chunksize=at_once), len(tasks))

        yield mapped


def _told(name: str, results: Iterator[Result], count: int) -> list[Result]:
    found: list[Result] = []
    ends = "\r" if sys.stderr.isatty() else "\n"
    for result in results:
        found.append(result)
        if sys.stderr.isatty() or len(found) in (count // 2, count):
            print(f"damover: {name}: {len(found)} of {count}   ", end=ends, file=sys.stderr, flush=True)
    return found
