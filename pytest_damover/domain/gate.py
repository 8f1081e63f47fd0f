"""The gate: from a run, its comparisons and the policies to the verdict.

A pure function: the same plan, journal and policies give the same verdict, with no pytest, GPU, clock or network. Every
rule that is applied leaves a finding, also when it passes, so that a PASS is a list of things that were shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pytest_damover.domain.comparing.comparison import Comparison, compare
from pytest_damover.domain.comparing.weak_spots import with_weak_spots
from pytest_damover.domain.journal import ItemOutcome
from pytest_damover.domain.policy import Policy, policies_digest, policy_from_data
from pytest_damover.domain.rules.average_precision import judge_minimum, judge_non_inferiority
from pytest_damover.domain.rules.cases import judge_failures, judge_regressions
from pytest_damover.domain.rules.control import judge_control
from pytest_damover.domain.rules.costs import judge_costs
from pytest_damover.domain.rules.crashes import judge_crashes
from pytest_damover.domain.rules.discovery import judge_discovery
from pytest_damover.domain.rules.evidence import judge_evidence
from pytest_damover.domain.rules.flips import judge_flips
from pytest_damover.domain.rules.goldens import judge_goldens
from pytest_damover.domain.rules.judged import JudgedSuite
from pytest_damover.domain.rules.latency import judge_latency
from pytest_damover.domain.rules.operating import judge_operating
from pytest_damover.domain.rules.plan import judge_plan, named
from pytest_damover.domain.rules.planned import judge_applied
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.rules.resumed import judge_resumed
from pytest_damover.domain.rules.throughput import judge_throughput
from pytest_damover.domain.rules.trust import judge_trust
from pytest_damover.domain.rules.waived import judge_by
from pytest_damover.domain.rules.waivers import Told, judge_waivers, uses
from pytest_damover.domain.run import Plan, Run, SuitePlan
from pytest_damover.domain.verdict import Answer, CandidateVerdict, Counts, Finding, Verdict

POLICY_RULES = (
    judge_evidence,
    judge_regressions,
    judge_failures,
    judge_non_inferiority,
    judge_minimum,
    judge_operating,
    judge_latency,
    judge_costs,
    judge_throughput,
    judge_discovery,
    judge_flips,
)


def planned_policies(plan: Plan) -> dict[str, Policy]:
    """The policies that were in force when the run was planned, by suite; a suite without a usable one is left out."""
    return {
        suite.name: policy_from_data(suite.policy)
        for suite in plan.suites
        if suite.policy is not None and not suite.policy_faults
    }


def compare_candidates(run: Run, policies: Mapping[str, Policy]) -> tuple[Comparison, ...]:
    """Every candidate's comparison, in the order of the plan."""
    return tuple(with_weak_spots(run, compare(run, candidate, policies), policies) for candidate in run.plan.candidates)


def judge(run: Run, comparisons: Sequence[Comparison], policies: Mapping[str, Policy]) -> Verdict:
    """The verdict of a run from the comparisons of its candidates (`compare_candidates`) under `policies` by suite.

    A candidate of the plan that has no comparison is ERROR.
    """
    compared = {(item.candidate.name, item.candidate.digest): item for item in comparisons}
    told = [_told(run, compared.get((one.name, one.digest)), policies) for one in run.plan.candidates]
    everyone = [one for one in told if one is not None]
    return Verdict(
        run_id=run.plan.run_id,
        baseline=run.plan.baseline,
        candidates=tuple(
            CandidateVerdict(candidate, (*_found(one), *judge_waivers(run, policies, everyone, one)))
            for candidate, one in zip(run.plan.candidates, told, strict=True)
        ),
        counts=_counts(run),
        policy_digest=policies_digest(policies),
        plan_digest=run.plan_digest,
        journal_digest=run.journal_digest,
        waivers=uses(run, everyone),
    )


def _found(told: Told | None) -> Sequence[Finding]:
    if told is not None:
        return told.findings
    return (Finding("plan", Answer.ERROR, Reason.NOTHING_PLANNED.value, "the candidate was not compared"),)


def _told(run: Run, comparison: Comparison | None, policies: Mapping[str, Policy]) -> Told | None:
    if comparison is None:
        return None
    findings = [
        *judge_plan(run, comparison),
        *judge_resumed(run),
        *judge_trust(run, comparison),
        *judge_crashes(run, comparison),
        *judge_goldens(run, comparison),
        *_judge_identity(comparison),
    ]
    for suite in run.plan.suites:
        policy = policies.get(suite.name)
        findings.append(_judge_policy(suite, policy))
        if policy is not None and not comparison.identical:
            judged = JudgedSuite(run, comparison, suite, policy)
            found = judge_by(judged, POLICY_RULES)
            findings += [*found, *judge_applied(judged, found)]
    whole = all(one.verdict is Answer.PASS for one in findings if one.rule.startswith(("plan", "evidence")))
    control = judge_control(run, comparison, policies, POLICY_RULES, whole)
    return Told(comparison, (*findings, *control), whole)


def _judge_identity(comparison: Comparison) -> Iterator[Finding]:
    if comparison.baseline is None:
        return
    names = f"{comparison.baseline.name} and {comparison.candidate.name}"
    if comparison.identical:
        digest = comparison.candidate.digest[:12]
        message = f"{names} are the same bytes (digest {digest}): there is nothing to compare"
        yield Finding("identical", Answer.INCONCLUSIVE, Reason.IDENTICAL_REVISIONS.value, message)
    elif comparison.same_bytes:
        message = f"{names} are the same bytes, and were compared because --damover-allow-identical was given"
        yield Finding("identical", Answer.PASS, Reason.IDENTICAL_ALLOWED.value, message)
    else:
        message = f"{names} are different bytes"
        yield Finding("identical", Answer.PASS, Reason.DIFFERENT_REVISIONS.value, message)


def _judge_policy(suite: SuitePlan, policy: Policy | None) -> Finding:
    if policy is not None:
        verdict, reason, message = Answer.PASS, Reason.POLICY_READ, f"the limits of suite {suite.name} were applied"
    elif suite.policy_faults:
        verdict, reason = Answer.ERROR, Reason.POLICY_FAULTS
        message = f"the policy of suite {suite.name} has faults: {named(map(_first_line, suite.policy_faults))}"
    else:
        verdict, reason = Answer.ERROR, Reason.NO_POLICY
        message = f"the suite {suite.name} has no policy ({suite.policy_source or suite.root}): nothing can be decided"
    return Finding("policy", verdict, reason.value, message, suite=suite.name)


def _first_line(fault: str) -> str:
    return fault.partition("\n")[0]


def _counts(run: Run) -> Counts:
    planned = list(dict.fromkeys(item.key for item in run.plan.items))
    outcomes = [run.finished[key].outcome for key in planned if key in run.finished]
    passed, skipped = outcomes.count(ItemOutcome.PASSED), outcomes.count(ItemOutcome.SKIPPED)
    return Counts(
        planned=len(planned),
        run=len(outcomes) - skipped,
        passed=passed,
        failed=len(outcomes) - skipped - passed,
        skipped=skipped,
        missing=len(planned) - len(outcomes),
    )
