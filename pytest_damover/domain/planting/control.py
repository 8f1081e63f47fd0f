"""The negative control: from a run's own journal the same run, but with a candidate that is known to be wrong.

Two candidates are planted. One is `BLIND`: in one slice, or everywhere, it finds nothing. The other is `ASTRAY`: it
finds every object with full score beside its place, more objects than allowed, in forbidden regions, twice, and under a
name that nobody asked for. What each of them must fail follows from the case alone, by arithmetic that shares nothing
with the expectations, the matching or the rules that are put to the test.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from pytest_damover.domain.case import Box, Case, Expected, Severity
from pytest_damover.domain.comparing.comparison import CaseComparison, Change, Comparison
from pytest_damover.domain.comparing.flip_limits import NEW_SPURIOUS, flip_limits, limits_left, limits_on
from pytest_damover.domain.comparing.flips import demanded
from pytest_damover.domain.detection import EMPTY, Detections
from pytest_damover.domain.journal import Finished, ItemOutcome
from pytest_damover.domain.planting import planted_drift
from pytest_damover.domain.planting.staging import end_of, staged
from pytest_damover.domain.policy import ApRule, Evidence, OperatingRule, Policy
from pytest_damover.domain.run import DETECT, PlanItem, PlannedRule, Run, SuitePlan
from pytest_damover.domain.verdict import Action
from pytest_damover.domain.waiver import Waiver, in_force

RESAMPLES = 100
"""The loss that is planted is total: a rough interval shows it."""
SOME = 20
SCORED = 80
"""How many cases are enough: to fail by an allowance that is small, and to measure AP on."""
STRANGER = "planted-by-the-negative-control"
MOST_PLANTED_EXTRA = 1000


class Planted(Enum):
    """Which candidate is planted; the value tells what it does."""

    BLIND = "finds nothing"
    ASTRAY = "finds everything in the wrong place"


@dataclass(frozen=True, slots=True)
class Control:
    """One suite of a run, or as much of it as shows a total loss, with a planted candidate.

    `slice` is where the candidate is wrong, None for everywhere. `policy` is the suite's, for so many images and
    without latency. `failures` counts by severity the cases that the planted candidate must fail, `regressions` those
    of them that the baseline passes; `flips` counts by rule the objects that it must lose and boxes that it must add.
    `unmoved` names the kinds of expectation that let pass what they must not.
    """

    planted: Planted
    slice: str | None
    run: Run
    suite: SuitePlan
    policy: Policy
    failures: Mapping[Severity, int]
    regressions: Mapping[Severity, int]
    flips: Mapping[PlannedRule, int]
    unmoved: tuple[str, ...]


def plant(run: Run, comparison: Comparison, suite: SuitePlan, policy: Policy, planted: Planted) -> Control:
    """Put the planted candidate in the place of the compared one, in images of the whole suite or of its slice."""
    cases = [case for case in comparison.cases if case.suite == suite.name and case.probe == DETECT]
    scored = [case for case in cases if (known := run.cases.get((case.suite, case.case))) and known.has_ground_truth]
    name = largest_slice(scored, policy)
    where = name if planted is Planted.BLIND else None
    waivers = in_force(suite.waivers, run.plan.created_at, comparison.candidate.name)
    work = _Work(run, comparison, policy, planted, waivers)
    for case in work.sample([case for case in _complete(run, comparison, suite) if where in (None, *case.all_slices)]):
        work.add(case)
    shown = replace(suite, cases=tuple(_with_slice(case, name) for case in work.cases))
    return Control(
        planted=planted,
        slice=where,
        run=staged(run, (shown,), work.ends),
        suite=shown,
        policy=replace(
            policy,
            evidence=Evidence(0, 0, 0, 1),
            ap50=_rough(policy.ap50, name),
            ap=_rough(policy.ap, name),
            recall=_fewer_draws(policy.recall),
            precision=_fewer_draws(policy.precision),
            latency=None,
            memory=None,
            size=None,
            cold_start=None,
            throughput=None,
            discovery=None,
            flips=limits_left(policy.flips, work.cases, work.slices.intersection([name])),
        ),
        failures=work.failures,
        regressions=work.regressions,
        flips=work.flips,
        unmoved=tuple(sorted(work.unmoved)),
    )


def largest_slice(scored: Sequence[CaseComparison], policy: Policy) -> str | None:
    """The slice with a limit of its own that has the most of the cases with ground truth; None when there is none.

    Only slices that can stop a candidate count.
    """
    sizes = Counter(name for case in scored for name in case.all_slices)
    limited = [(metric, name) for metric, rule in policy.aps.items() for name in rule.slices]
    limited += [("flips", name) for name in (() if policy.flips is None else policy.flips.slices)]
    named = (name for section, name in limited if policy.action(section, name) is Action.BLOCK)
    return max((name for name in named if sizes[name]), key=lambda name: sizes[name], default=None)


def must_fail(expected: Expected, planted: Planted) -> frozenset[str]:
    """The kinds of expectation that the planted candidate cannot meet."""
    kinds = set()
    if any(truth.counts for truth in expected.expected_boxes or ()):
        kinds.add("boxes")
    if planted is Planted.BLIND:
        if expected.min_objects:
            kinds.add("count")
        return frozenset(kinds)
    if expected.max_objects is not None and expected.max_objects < MOST_PLANTED_EXTRA:
        kinds.add("count")
    if expected.labels is not None and STRANGER not in expected.labels:
        kinds.add("labels")
    if expected.no_duplicates:
        kinds.add("no_duplicates")
    if expected.forbidden_regions:
        kinds.add("forbidden_regions")
    return frozenset(kinds)


def planted_detections(expected: Expected, planted: Planted) -> Detections:
    """What the planted candidate finds in an image with those demands; boxes may lie outside of the image."""
    if planted is Planted.BLIND:
        return EMPTY
    truths = expected.expected_boxes or ()
    beside = _beside([truth.box for truth in truths])
    strange: list[Box] = [*(expected.forbidden_regions or ()), (0.0, 0.0, 8.0, 8.0), (0.0, 0.0, 8.0, 8.0)]
    right = max((box[2] for box in beside), default=0.0)
    extra: list[Box] = []
    if expected.max_objects is not None and expected.max_objects < MOST_PLANTED_EXTRA:
        extra = [(right + 1, 0.0, right + 9, 8.0)] * (expected.max_objects + 1)
    counted = STRANGER if expected.labels is None else expected.labels[0]
    labels = (*(truth.label for truth in truths), *(STRANGER,) * len(strange), *(counted,) * len(extra))
    return Detections.of([*beside, *strange, *extra], np.ones(len(labels)), labels)


def _beside(boxes: list[Box]) -> list[Box]:
    """Each box moved to the right, clear of all of them."""
    if not boxes:
        return []
    far = max(box[2] for box in boxes) - min(box[0] for box in boxes) + 1
    return [(x1 + far, y1, x2 + far, y2) for x1, y1, x2, y2 in boxes]


class _Work:
    """Chooses the cases, makes the ends of the planted candidate, and counts what it must fail."""

    def __init__(
        self, run: Run, comparison: Comparison, policy: Policy, planted: Planted, waivers: Sequence[Waiver]
    ) -> None:
        self.run, self.comparison, self.planted = run, comparison, planted
        self.limits = policy.in_force(comparison.baseline is None)
        self.waivers = waivers
        self.waived = frozenset(name for waiver in waivers for name in waiver.scope.cases)
        self.cases: list[Case] = []
        self.ends: dict[PlanItem, Finished] = {}
        self.failures: Counter[Severity] = Counter()
        self.regressions: Counter[Severity] = Counter()
        self.flips: Counter[PlannedRule] = Counter()
        self.slices: set[str] = set()
        self.unmoved: set[str] = set()

    def sample(self, cases: Sequence[CaseComparison]) -> list[CaseComparison]:
        """Of each severity so many that must fail as are over its allowances, and some with ground truth for AP.

        What a waiver names does not count, and where it raises an allowance, so many more are taken.
        """
        wrong = [case for case in cases if self._must_fail(case)]
        lost = [case for case in wrong if _passed_before(case)]
        chosen = {case.case: case for case in _spread(cases, SOME)}
        for rule, of, limits in (
            ("regressions", lost, self.limits.regressions),
            ("failures", wrong, self.limits.failures),
        ):
            for severity, limit in limits.items():
                some = [case for case in of if case.severity is severity and case.case not in self.waived]
                most = self._raised(f"{rule}.{severity.value}", limit)
                chosen |= {case.case: case for case in _spread(some, max(most + 1, SOME))}
        for rule, of, limit in self._by_flip_limit(cases):
            chosen |= {case.case: case for case in _spread(of, max(self._raised(rule, limit) + 1, SOME))}
        if self.limits.aps or self.limits.operating:
            scored = [case for case in cases if self._case(case).has_ground_truth]
            others = [case for case in scored if case.case not in chosen]
            more = SCORED - (len(scored) - len(others))
            chosen |= {case.case: case for case in _spread(others, max(more, 0))}
        return [case for case in cases if case.case in chosen]

    def add(self, compared: CaseComparison) -> None:
        """Take a case in: the baseline's end as it was, the planted candidate's in place of the candidate's."""
        case, baseline = self._case(compared), self.comparison.baseline
        self.cases.append(case)
        self.slices.update(compared.all_slices)
        if baseline is not None and compared.baseline is not None:
            self.ends[PlanItem(case.suite, case.name, DETECT, baseline.name)] = compared.baseline
        item = PlanItem(case.suite, case.name, DETECT, self.comparison.candidate.name)
        self.ends[item] = self._end(item, compared)
        if self._must_fail(compared):
            self.failures[case.severity] += 1
            self.regressions[case.severity] += _passed_before(compared)
        self._count_flips(case, compared)

    def _end(self, item: PlanItem, compared: CaseComparison) -> Finished:
        expected = self._case(compared).expected
        planted = planted_detections(expected, self.planted)
        end = planted_drift.held(end_of(item, expected, planted), planted, compared)
        self.unmoved |= self._must_fail(compared) - {outcome.kind for outcome in end.failed_expectations}
        return end

    def _must_fail(self, compared: CaseComparison) -> frozenset[str]:
        """The kinds of demand that the planted candidate cannot meet, its golden among them."""
        drifts = planted_drift.must_drift(compared, strangers=self.planted is Planted.ASTRAY)
        golden = frozenset((planted_drift.KIND,)) if drifts else frozenset()
        return must_fail(self._case(compared).expected, self.planted) | golden

    def _raised(self, rule: str, limit: int) -> int:
        """How many the policy allows, or a waiver of that rule."""
        worst = [waiver.scope.worst for waiver in self.waivers if waiver.scope.rule == rule]
        return max([limit, *(int(one) for one in worst if one is not None)])

    def _count_flips(self, case: Case, compared: CaseComparison) -> None:
        """A case that the baseline passes had all its objects found; a box under a strange name stands for none."""
        if not case.has_ground_truth:
            return
        lost = [truth.label for _, truth in demanded(case)] if _passed_before(compared) else []
        self.flips[PlannedRule(f"flips.{case.severity.value}")] += len(lost)
        self.flips.update(PlannedRule("flips.labels", label=label) for label in lost)
        self.flips.update({PlannedRule("flips.slices", name): len(lost) for name in compared.all_slices})
        strange = planted_detections(case.expected, self.planted).labels.count(STRANGER)
        self.flips[NEW_SPURIOUS] += strange

    def _by_flip_limit(self, cases: Sequence[CaseComparison]) -> Iterator[tuple[str, list[CaseComparison], int]]:
        """With each limit on flips the cases in which the baseline finds what it counts, or that could add boxes."""
        limits = {} if self.limits.flips is None else flip_limits(self.limits.flips)
        some = [case for case in cases if self._case(case).has_ground_truth and case.case not in self.waived]
        known = {(case.suite, case.case): case for case in some}
        held: dict[PlannedRule, dict[str, CaseComparison]] = {NEW_SPURIOUS: {case.case: case for case in some}}
        for flip in (flip for flips in self.comparison.flips for flip in flips.objects if flip.baseline.found):
            compared = known.get((flip.case.suite, flip.case.name))
            if compared is not None:
                for planned in limits_on(flip.case.severity, flip.slices, flip.truth.label):
                    held.setdefault(planned, {})[compared.case] = compared
        yield from ((planned.rule, list(held.get(planned, {}).values()), limit) for planned, limit in limits.items())

    def _case(self, compared: CaseComparison) -> Case:
        return self.run.cases[compared.suite, compared.case]


def _complete(run: Run, comparison: Comparison, suite: SuitePlan) -> list[CaseComparison]:
    return [
        case
        for case in comparison.cases
        if case.suite == suite.name
        and case.probe == DETECT
        and case.change is not Change.INCOMPLETE
        and (case.suite, case.case) in run.cases
    ]


def _passed_before(compared: CaseComparison) -> bool:
    return compared.baseline is not None and compared.baseline.outcome is ItemOutcome.PASSED


def _spread(cases: Sequence[CaseComparison], most: int) -> list[CaseComparison]:
    """At most so many, evenly over all of them."""
    count = min(most, len(cases))
    return [cases[place * len(cases) // count] for place in range(count)]


def _with_slice(case: Case, name: str | None) -> Case:
    kept = (name,) if name is not None and name in case.slices else ()
    return case if case.slices == kept else replace(case, slices=kept)


def _rough(rule: ApRule | None, name: str | None) -> ApRule | None:
    if rule is None:
        return None
    slices = {name: rule.slices[name]} if name is not None and name in rule.slices else {}
    return replace(rule, slices=slices, resamples=min(rule.resamples, RESAMPLES))


def _fewer_draws(rule: OperatingRule | None) -> OperatingRule | None:
    return None if rule is None else replace(rule, resamples=min(rule.resamples, RESAMPLES))
