"""A run that never ran: recorded or made-up detections, judged as if a detector had found them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pytest_damover.domain.case import Expected
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.expectations import evaluate_all
from pytest_damover.domain.journal import Finished, ItemOutcome
from pytest_damover.domain.run import PlanItem, Run, SuitePlan


def end_of(item: PlanItem, expected: Expected, detections: Detections) -> Finished:
    """The end that `item` would have had with those detections: the same demands, made of them anew."""
    missed = tuple(outcome for outcome in evaluate_all(expected, detections) if not outcome.passed)
    outcome = ItemOutcome.FAILED if missed else ItemOutcome.PASSED
    return Finished(item.key, outcome, detections=detections.to_json(), failed_expectations=missed)


def staged(run: Run, suites: tuple[SuitePlan, ...], ends: Mapping[PlanItem, Finished]) -> Run:
    """`run` with other suites, in which nothing but `ends` was planned and ran; its digests and its bytes stay."""
    plan = replace(run.plan, suites=suites, items=tuple(ends))
    journal = replace(run.journal, started=tuple(item.key for item in ends), finished=tuple(ends.values()))
    return Run(plan, journal, run.plan_digest, run.journal_digest)
