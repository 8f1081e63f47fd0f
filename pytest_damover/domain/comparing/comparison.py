"""The comparison of one candidate with the baseline: facts and intervals, no limits (those are the gate's)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import Enum

from pytest_damover.domain.case import Severity
from pytest_damover.domain.comparing.flips import ComparedImage, SuiteFlips, find_flips
from pytest_damover.domain.comparing.tolerance import marked_severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.journal import Finished, ItemOutcome
from pytest_damover.domain.policy import DEFAULT_RESAMPLES, DEFAULT_SEED, ApRule, Policy
from pytest_damover.domain.policy_costs import DEFAULT_CONFIDENCE
from pytest_damover.domain.revision import Revision
from pytest_damover.domain.run import DETECT, LATENCY, NO_REVISION, TEST, PlanItem, Run, SuitePlan
from pytest_damover.domain.scoring.resampling import Estimate
from pytest_damover.domain.slicing.discovery import Discovery
from pytest_damover.domain.slicing.free_slices import free_slices
from pytest_damover.domain.slicing.slices import ScoredImage, estimate_slices, readable_detections
from pytest_damover.domain.timing.latency import race_under
from pytest_damover.domain.timing.percentiles import Percentile
from pytest_damover.domain.timing.phases import PhaseTimes, phase_times
from pytest_damover.domain.timing.race_conditions import RaceConditions
from pytest_damover.domain.timing.race_times import RaceTimes

REPORT_ONLY = ApRule(None, {}, None, DEFAULT_CONFIDENCE, DEFAULT_RESAMPLES, DEFAULT_SEED)
"""How AP50 is resampled where the policy has no rule for it."""


class Change(str, Enum):
    """What became of one case or Python test between baseline and candidate."""

    KEPT = "kept"
    REGRESSION = "regression"
    FIXED = "fixed"
    KNOWN_FAILURE = "known failure"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class CaseComparison:
    """One case (or Python test, `probe` tells) on both sides; a side is None when it did not finish.

    A test that is planned for candidates only (it asks for the pair) or once for no revision is KEPT or a REGRESSION,
    and stands on the candidate's side. With no baseline at all a case is KEPT or a KNOWN_FAILURE, for there is nothing
    that it could have lost. `slices` are its own, `free_slices` those that follow from its image and its boxes.
    """

    suite: str
    case: str
    probe: str
    severity: Severity
    slices: tuple[str, ...]
    baseline: Finished | None
    candidate: Finished | None
    change: Change
    free_slices: tuple[str, ...] = ()

    @property
    def all_slices(self) -> tuple[str, ...]:
        """Its own slices and the free ones."""
        return (*self.slices, *self.free_slices)


@dataclass(frozen=True, slots=True)
class SliceComparison:
    """AP of one slice (`slice` None: the whole suite) on both sides; `metric` is ap50 (IoU 0.5) or ap (0.50 to 0.95).

    AP as a fraction in 0..1, None where there is no ground truth or no complete pair, NaN where detections are missing
    or unreadable; `interval` is that of `difference` (candidate minus baseline) and `candidate_interval` that of the
    candidate's own AP; `ratio` is candidate over baseline. `groups`: in how many groups the images come, None where no
    case names one.
    """

    suite: str
    slice: str | None
    images: int
    objects: int
    baseline: float | None
    candidate: float | None
    difference: float | None
    interval: tuple[float, float] | None
    candidate_interval: tuple[float, float] | None
    metric: str = "ap50"
    groups: int | None = None
    ratio: float | None = None
    ratio_interval: tuple[float, float] | None = None


_ESTIMATED = tuple(one.name for one in fields(SliceComparison) if one.name in {each.name for each in fields(Estimate)})


@dataclass(frozen=True, slots=True)
class LatencyComparison:
    """The race of one suite: median milliseconds an image, and the ratio candidate over baseline, see `latency.Race`.

    `pairs_ns` are the pairs that count, `percentiles` those of the candidate's times. With a time that is no positive
    number all three are NaN; `interval` is None then, and with too few pairs. `phases` are for the reader: they decide
    nothing. `decode_ms` is the median image's decoding, which is done once for both sides; `conditions` what the race
    ran under.
    """

    suite: str
    pairs_ns: tuple[tuple[int, int], ...]
    baseline_ms: float
    candidate_ms: float
    ratio: float
    interval: tuple[float, float] | None
    percentiles: tuple[Percentile, ...] = ()
    phases: tuple[PhaseTimes, ...] = ()
    decode_ms: float | None = None
    conditions: RaceConditions | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that was measured about one candidate; with no baseline the baseline side is None everywhere.

    `images` are by suite the cases with ground truth that ended wherever they had to, in the order of the plan.
    """

    baseline: Revision | None
    candidate: Revision
    cases: tuple[CaseComparison, ...]
    slices: tuple[SliceComparison, ...]
    latencies: tuple[LatencyComparison, ...]
    allow_identical: bool = False
    discoveries: tuple[Discovery, ...] = ()
    flips: tuple[SuiteFlips, ...] = ()
    images: Mapping[str, tuple[ComparedImage, ...]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def same_bytes(self) -> bool:
        """True when both sides are the same files."""
        return self.baseline is not None and self.baseline.digest == self.candidate.digest

    @property
    def identical(self) -> bool:
        """True when both sides are the same files and nobody asked to compare them all the same."""
        return self.same_bytes and not self.allow_identical


def compare(run: Run, candidate: Revision, policies: Mapping[str, Policy]) -> Comparison:
    """Join everything that ran on the baseline and on `candidate`; empty when the two are identical.

    `policies` by suite name say how to resample and which slices to look at; no limit is applied here.
    """
    baseline = run.plan.baseline
    nothing = Comparison(baseline, candidate, (), (), (), run.plan.allow_identical)
    if nothing.identical:
        return nothing
    cases = _compare_cases(run, baseline, candidate)
    images = {suite.name: _compared_images(run, suite.name, cases) for suite in run.plan.suites}
    slices = [
        compared
        for suite in run.plan.suites
        for compared in _compare_slices(run, suite, images[suite.name], policies.get(suite.name))
    ]
    latencies = [_compare_latency(run, suite, candidate, policies.get(suite.name)) for suite in run.plan.suites]
    return replace(
        nothing,
        cases=cases,
        slices=tuple(slices),
        latencies=tuple(latency for latency in latencies if latency is not None),
        flips=() if baseline is None else tuple(find_flips(name, seen) for name, seen in images.items()),
        images=images,
    )


def _compare_cases(run: Run, baseline: Revision | None, candidate: Revision) -> tuple[CaseComparison, ...]:
    planned: dict[tuple[str, str, str], dict[str, PlanItem]] = {}
    for item in run.plan.items:
        if item.probe != LATENCY:
            planned.setdefault((item.suite, item.case, item.probe), {})[item.revision] = item
    before = None if baseline is None else baseline.name
    return tuple(
        _compare_case(
            run, join, None if before is None else sides.get(before), sides.get(candidate.name, sides.get(NO_REVISION))
        )
        for join, sides in planned.items()
        if not sides.keys().isdisjoint((before, candidate.name, NO_REVISION))
    )


def _compare_case(
    run: Run, join: tuple[str, str, str], before: PlanItem | None, after: PlanItem | None
) -> CaseComparison:
    suite, case, probe = join
    baseline, candidate = (None if item is None else run.finished.get(item.key) for item in (before, after))
    known = run.cases.get((suite, case)) if probe == DETECT else None
    severity = known.severity if known is not None else marked_severity(run.plan, suite, case)
    if run.plan.baseline is None:
        change = _alone(candidate, Change.KNOWN_FAILURE)
    elif probe == TEST and before is None:
        change = _alone(candidate, Change.REGRESSION)
    else:
        change = _change(baseline, candidate)
    if known is None:
        return CaseComparison(suite, case, probe, severity, (), baseline, candidate, change)
    seen = (end.image_properties for end in (baseline, candidate) if end is not None)
    free = free_slices(known.expected.expected_boxes, next((one for one in seen if one is not None), None))
    return CaseComparison(suite, case, probe, severity, known.slices, baseline, candidate, change, free)


def _alone(candidate: Finished | None, when_failed: Change) -> Change:
    passed = _passed(candidate)
    if passed is None:
        return Change.INCOMPLETE
    return Change.KEPT if passed else when_failed


def _change(baseline: Finished | None, candidate: Finished | None) -> Change:
    before, after = _passed(baseline), _passed(candidate)
    if before is None or after is None:
        return Change.INCOMPLETE
    if before:
        return Change.KEPT if after else Change.REGRESSION
    return Change.FIXED if after else Change.KNOWN_FAILURE


def _passed(finished: Finished | None) -> bool | None:
    if finished is None:
        return None
    return {ItemOutcome.PASSED: True, ItemOutcome.FAILED: False}.get(finished.outcome)


def _compared_images(run: Run, suite: str, cases: Iterable[CaseComparison]) -> tuple[ComparedImage, ...]:
    """The cases with ground truth that ended wherever they had to, and what was found in them."""
    return tuple(
        ComparedImage(known, case.all_slices, _detections(case.baseline), _detections(case.candidate))
        for case in cases
        if case.suite == suite and case.probe == DETECT and case.change is not Change.INCOMPLETE
        and (known := run.cases.get((case.suite, case.case))) is not None and known.has_ground_truth
    )  # fmt: skip


def _compare_slices(
    run: Run, suite: SuitePlan, compared: Iterable[ComparedImage], policy: Policy | None
) -> Iterator[SliceComparison]:
    images = [scored(one) for one in compared]
    alone = run.plan.baseline is None
    rules = {"ap50": REPORT_ONLY} | ({} if policy is None else policy.in_force(alone).aps)
    own = {name for case in suite.cases for name in case.slices}
    for metric, rule in rules.items():
        names = set(rule.slices) | (own if metric == "ap50" else set())  # ten IoUs cost ten times as much
        for name, result in estimate_slices(images, sorted(names), metric, rule, alone):
            estimated = {each: getattr(result, each) for each in _ESTIMATED}
            yield SliceComparison(suite.name, name, metric=metric, **estimated)


def scored(image: ComparedImage) -> ScoredImage:
    """What AP needs of an image."""
    truths = image.case.expected.expected_boxes or ()
    return ScoredImage(truths, image.slices, image.baseline, image.candidate, image.case.group)


def _detections(finished: Finished | None) -> Detections | None:
    return None if finished is None else readable_detections(finished.detections)


def _compare_latency(
    run: Run, suite: SuitePlan, candidate: Revision, policy: Policy | None
) -> LatencyComparison | None:
    items = [
        run.finished[item.key]
        for item in run.plan.items
        if (item.suite, item.probe, item.revision) == (suite.name, LATENCY, candidate.name) and item.key in run.finished
    ]
    ran = [finished for finished in items if _passed(finished) is not None]
    if not ran:
        return None
    pairs_ns = tuple(pair for finished in ran for pair in finished.pairs_ns)
    told = ran[0].race
    times = told.times if told is not None and len(ran) == 1 else RaceTimes()
    try:
        result = race_under(None if policy is None else policy.latency, pairs_ns)
    except ValueError:
        return LatencyComparison(suite.name, pairs_ns, math.nan, math.nan, math.nan, None)
    return LatencyComparison(
        suite=suite.name,
        pairs_ns=result.pairs_ns,
        baseline_ms=result.baseline_ms,
        candidate_ms=result.candidate_ms,
        ratio=result.ratio,
        interval=result.interval,
        percentiles=result.percentiles,
        phases=phase_times(times.phases_ns, len(result.pairs_ns), 1 - DEFAULT_CONFIDENCE),
        decode_ms=times.decode_ms,
        conditions=told if len(ran) == 1 else None,
    )
