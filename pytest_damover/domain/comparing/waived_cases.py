"""The cases whose failure a waiver covers, known when the plan is: they show as xfailed."""

from __future__ import annotations

from pytest_damover.domain.run import NO_REVISION, Plan
from pytest_damover.domain.waiver import Waiver, in_force

Waived = dict[tuple[str, str, str], str]
"""Who waived it, in words, by suite, case and revision."""


def waived_cases(plan: Plan) -> Waived:
    """Every case and test that a waiver covers on a candidate; one that runs for no revision, if it does so on all."""
    found: Waived = {}
    for suite in plan.suites:
        by_candidate = [_by_case(in_force(suite.waivers, plan.created_at, one.name)) for one in plan.candidates]
        for candidate, by_case in zip(plan.candidates, by_candidate, strict=True):
            found |= {(suite.name, case, candidate.name): f"waived by {one}" for case, one in by_case.items()}
        for case, one in by_candidate[0].items() if by_candidate else ():
            if all(case in by_case for by_case in by_candidate):
                found[suite.name, case, NO_REVISION] = f"waived by {one}"
    return found


def _by_case(waivers: tuple[Waiver, ...]) -> dict[str, Waiver]:
    return {case: one for one in reversed(waivers) for case in one.scope.cases}
