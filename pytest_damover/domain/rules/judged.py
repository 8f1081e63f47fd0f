"""What the rules of a policy look at: one suite of one comparison, and the policy that judges it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pytest_damover.domain.case import Case
from pytest_damover.domain.comparing.comparison import (
    CaseComparison,
    Change,
    Comparison,
    LatencyComparison,
    SliceComparison,
)
from pytest_damover.domain.comparing.flips import SuiteFlips
from pytest_damover.domain.journal import Finished
from pytest_damover.domain.policy import Policy
from pytest_damover.domain.run import DETECT, LATENCY, Run, SuitePlan
from pytest_damover.domain.slicing.free_slices import FREE_SLICES, may_be_in
from pytest_damover.domain.verdict import Finding
from pytest_damover.domain.waiver import Waiver, in_force


@dataclass(frozen=True, slots=True)
class JudgedSuite:
    """One suite of one comparison with its policy."""

    run: Run
    comparison: Comparison
    suite: SuitePlan
    policy: Policy

    @property
    def alone(self) -> bool:
        """True when there is no baseline, so that only absolute rules apply."""
        return self.comparison.baseline is None

    @property
    def both_sides(self) -> str:
        """In words, where something must have run."""
        return "on the candidate" if self.alone else "on both sides"

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """The suite's waivers that hold for the candidate on the day of the plan."""
        return in_force(self.suite.waivers, self.run.plan.created_at, self.comparison.candidate.name)

    @property
    def cases(self) -> tuple[CaseComparison, ...]:
        """Cases and Python tests of this suite."""
        return tuple(case for case in self.comparison.cases if case.suite == self.suite.name)

    @property
    def complete_cases(self) -> tuple[Case, ...]:
        """The cases whose detections were judged wherever they had to run."""
        return tuple(
            self.run.cases[case.suite, case.case]
            for case in self.cases
            if case.probe == DETECT
            and case.change is not Change.INCOMPLETE
            and (case.suite, case.case) in self.run.cases
        )

    @property
    def limits(self) -> Policy:
        """What the policy says for this pair, or for a candidate alone."""
        return self.policy.in_force(self.alone)

    def findings(self, rules: Sequence[Rule]) -> tuple[Finding, ...]:
        """What the rules find, each with what it means by the policy."""
        found = (finding for rule in rules for finding in rule(self))
        return tuple(replace(one, action=self.policy.action(one.rule, one.slice)) for one in found)

    @property
    def slices(self) -> tuple[SliceComparison, ...]:
        """AP of the whole suite and of its slices, by every metric."""
        return tuple(compared for compared in self.comparison.slices if compared.suite == self.suite.name)

    def slice(self, metric: str, name: str | None) -> SliceComparison | None:
        """AP of one slice (None: the whole suite) by one metric."""
        return next((one for one in self.slices if (one.metric, one.slice) == (metric, name)), None)

    def has_slice(self, name: str) -> bool:
        """Is a case of this suite in the slice? Also true of a free slice where a case's pixels were not measured."""
        if name not in FREE_SLICES:
            return any(name in case.slices for case in self.suite.cases)
        return any(may_be_in(name, case.all_slices) for case in self.cases if case.probe == DETECT)

    @property
    def flips(self) -> SuiteFlips | None:
        """What became of every known object; None without a baseline."""
        return next((flips for flips in self.comparison.flips if flips.suite == self.suite.name), None)

    @property
    def races(self) -> tuple[Finished, ...]:
        """The ends of this suite's latency items."""
        side, planned = self.comparison.candidate.name, self.run.plan.items
        keys = [
            item.key for item in planned if (item.suite, item.probe, item.revision) == (self.suite.name, LATENCY, side)
        ]
        return tuple(self.run.finished[key] for key in keys if key in self.run.finished)

    @property
    def latencies(self) -> tuple[LatencyComparison, ...]:
        """The race of this suite, if it was run."""
        return tuple(latency for latency in self.comparison.latencies if latency.suite == self.suite.name)


Rule = Callable[[JudgedSuite], tuple[Finding, ...]]
