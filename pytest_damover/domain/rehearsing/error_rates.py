"""How often a policy is wrong about a model like this one: A/A and A/B trials on what a run recorded.

A/A. In each trial the images are drawn anew (`trials.py`), and in each of them baseline and candidate change places if
a fair coin says so. Then neither is better than the other, and they disagree as much as the two revisions did: a rule
that is FAIL is a false block. A detector held against its own recording would not do, for it agrees with itself in
every image, and a difference without noise tells nothing of an interval. Two halves of the images would not do either,
for they are not paired, and the gate compares nothing that is not. What is true can be computed: it is what the rule
measures on all images, each in both orders, from which the trials are drawn.

A/B. The same, but the candidate's side has lost objects that it found, so many that its true loss is a multiple of what
the rule allows: a rule that is PASS has missed a loss.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from statistics import stdev

import numpy as np

from pytest_damover.domain.case import Case
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.rehearsing.trials import Entry, Recorded, Stage, drawn, recorded, stage
from pytest_damover.domain.revision import Revision
from pytest_damover.domain.run import Run
from pytest_damover.domain.scoring.matching import iou_matrix
from pytest_damover.domain.verdict import Action, Answer, Finding, worst

LOSSES = (1.0, 1.5, 2.0)
"""True losses that are planted, in margins."""
SHARES = (0.02, 0.05, 0.1, 0.2, 0.4, 1.0)
SAME_OBJECT_IOU = 0.5
QUICK = 2


@dataclass(frozen=True, slots=True, order=True)
class RuleKey:
    """A rule of one suite, on all of it (`slice` '') or on one slice."""

    suite: str
    rule: str
    slice: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a rule said in one trial, as much as is counted."""

    key: RuleKey
    answer: Answer
    value: float | None
    interval: tuple[float, float] | None
    limit: float | None
    confidence: float | None
    n: int
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class RuleRates:
    """One rule over all trials; `truth` is the value that its interval should cover, None where it has none.

    `limit`, `confidence` and `n` are those of its findings (n: the mean); `values` what it measured, `reach` how far
    its interval reached below that, on average.
    """

    key: RuleKey
    answers: Mapping[Answer, int]
    values: tuple[float, ...]
    covered: int
    intervals: int
    truth: float | None
    limit: float | None
    confidence: float | None
    n: float
    reach: float | None = None

    @property
    def trials(self) -> int:
        """How many there were."""
        return sum(self.answers.values())

    @property
    def spread(self) -> float | None:
        """The standard deviation of what was measured: the true standard error at this number of images."""
        return stdev(self.values) if len(self.values) > 1 else None


@dataclass(frozen=True, slots=True)
class Planted:
    """One rule with a true loss of so many `margins`; `share` of the found objects were taken away for it."""

    margins: float
    share: float
    loss: float
    rates: RuleRates


class Trials:
    """A/A trials of two revisions of a run, each with a number of its own, and A/B trials of single rules."""

    def __init__(self, run: Run, baseline: Revision, candidate: Revision) -> None:
        self._stage = stage(run, baseline, candidate)
        known = recorded(run, [baseline, candidate])
        self.recorded = tuple(one for one in known if one.case.suite in self._stage.policies)
        self._entries = list(_both_orders(self._stage, self.recorded))

    @property
    def cases(self) -> tuple[Case, ...]:
        """The cases that are drawn from."""
        return tuple(one.case for one in self.recorded)

    def trial(self, seed: Sequence[int]) -> list[Asked]:
        """What every rule says in the A/A trial of that seed."""
        images = drawn(self._entries, np.random.default_rng(seed), sides=2)
        return [_asked(finding) for finding in self._stage.findings(self._stage.run_of(images))]

    def truths(self) -> dict[RuleKey, float]:
        """What every rule that has an interval measures on all that the A/A trials are drawn from."""
        return _measured(self._stage, self._entries)

    def planted(self, key: RuleKey, limit: float, seed: int) -> list[tuple[float, float, Losing]]:
        """For each of `LOSSES` that can be had: margins, share of objects taken away, and where its trials are run.

        Nothing for a rule that grants no margin for a loss.
        """
        alone = _with_one_rule(self._stage, key)
        if alone is None or not limit < 0:
            return []
        known = [one for one in self.recorded if one.case.suite == key.suite and key.slice in ("", *one.slices)]
        known = [replace(one, case=replace(one.case, slices=())) for one in known]
        losing = [Losing.at(alone, known, key, share, seed) for share in SHARES]
        losses = np.maximum.accumulate([0.0, *(-one.truth for one in losing)])
        found = []
        for margins in LOSSES:
            if -limit * margins <= losses[-1]:
                share = float(np.interp(-limit * margins, losses, [0.0, *SHARES]))
                found.append((margins, share, Losing.at(alone, known, key, share, seed)))
        return found


@dataclass(frozen=True, slots=True)
class Losing:
    """A/B trials of one rule: all images in both orders, the candidate's side without some of what it had found."""

    stage: Stage
    entries: tuple[Entry, ...]
    key: RuleKey
    truth: float

    @classmethod
    def at(cls, on: Stage, known: Sequence[Recorded], key: RuleKey, share: float, seed: int) -> Losing:
        """Each known object is lost with probability `share`; a higher share loses the same ones and more."""
        entries = tuple(_both_orders(on, known, share, np.random.default_rng(seed)))
        return cls(on, entries, key, _measured(on, entries).get(replace(key, slice=""), math.nan))

    def trial(self, seed: Sequence[int]) -> list[Asked]:
        """What the rule says in the trial of that seed."""
        images = drawn(self.entries, np.random.default_rng(seed), sides=2)
        found = [_asked(finding) for finding in self.stage.findings(self.stage.run_of(images))]
        whole = replace(self.key, slice="")
        return [replace(asked, key=self.key) for asked in found if asked.key == whole]


def tallied(trials: Iterable[Sequence[Asked]], truths: Mapping[RuleKey, float]) -> tuple[RuleRates, ...]:
    """The rates of every rule that was asked, in the order in which it was first asked."""
    by_rule: dict[RuleKey, list[Asked]] = {}
    for trial in trials:
        for asked in trial:
            by_rule.setdefault(asked.key, []).append(asked)
    return tuple(_rates(key, asked, truths.get(key)) for key, asked in by_rule.items())


def together(trials: Iterable[Sequence[Asked]]) -> dict[Answer, int]:
    """How often all rules together gave each answer; what does not block counts for nothing."""
    answers = [worst(asked.answer for asked in trial if asked.blocks) for trial in trials]
    return {answer: answers.count(answer) for answer in Answer if answer in answers}


def _rates(key: RuleKey, asked: Sequence[Asked], truth: float | None) -> RuleRates:
    answers = {answer: sum(one.answer is answer for one in asked) for answer in Answer}
    intervals = [one.interval for one in asked if one.interval is not None]
    reaches = [one.value - one.interval[0] for one in asked if one.interval is not None and one.value is not None]
    return RuleRates(
        key=key,
        answers={answer: count for answer, count in answers.items() if count},
        values=tuple(one.value for one in asked if one.value is not None),
        covered=0 if truth is None else sum(low <= truth <= high for low, high in intervals),
        intervals=0 if truth is None else len(intervals),
        truth=truth,
        limit=asked[0].limit,
        confidence=asked[0].confidence,
        n=sum(one.n for one in asked) / len(asked),
        reach=sum(reaches) / len(reaches) if reaches else None,
    )


def without_losses(found: Detections, one: Recorded, lost: Sequence[bool]) -> Detections:
    """`found` without what lies on a lost object: same label, IoU of at least 0.5, however low its score."""
    truths = [truth for truth, gone in zip(one.case.expected.expected_boxes or (), lost, strict=True) if gone]
    if not truths or not len(found):
        return found
    overlap = iou_matrix(found.boxes, np.array([truth.box for truth in truths])) >= SAME_OBJECT_IOU
    same = np.array([[label == truth.label for truth in truths] for label in found.labels])
    keep = np.flatnonzero(~(overlap & same).any(axis=1))
    return Detections(found.boxes[keep], found.scores[keep], tuple(found.labels[place] for place in keep))


def _both_orders(
    on: Stage, known: Sequence[Recorded], share: float = 0.0, rng: np.random.Generator | None = None
) -> Iterator[Entry]:
    for one in known:
        for first, second in ((0, 1), (1, 0)):
            candidate = one.found[second]
            if rng is not None:
                fates = rng.random(len(one.case.expected.expected_boxes or ()))
                candidate = without_losses(candidate, one, [bool(fate < share) for fate in fates])
            case = one.case if first == 0 or one.case.group is None else _changed_places(one.case)
            yield on.entry(case, on.baseline_end(one, one.found[first]), candidate)


def _changed_places(case: Case) -> Case:
    """Images of one group change places together: where one revision is better, it is so in all of them."""
    return replace(case, group=f"{case.group}~changed-places")


def _measured(on: Stage, entries: Sequence[Entry]) -> dict[RuleKey, float]:
    found = [_asked(finding) for finding in on.with_resamples(QUICK).findings(on.run_of(entries))]
    return {one.key: one.value for one in found if one.interval is not None and one.value is not None}


def _with_one_rule(on: Stage, key: RuleKey) -> Stage | None:
    """The stage with one suite and one rule that asks of all images what `key` asks of its slice; None if it cannot."""
    policy = on.policies[key.suite]
    section = getattr(policy, key.rule, None)
    margin = getattr(section, "margin", None) if key.slice == "" else getattr(section, "slices", {}).get(key.slice)
    if margin is None:
        return None
    others = {
        field.name: replace(other, slices={}, resamples=QUICK)
        for field in fields(policy)
        if hasattr(other := getattr(policy, field.name), "resamples") and hasattr(other, "slices")
    }
    mine = replace(section, margin=margin, slices={}, minimum=None)  # type: ignore[type-var]
    plan = replace(on.run.plan, suites=(on.run.plan.suite(key.suite),))
    run = Run(plan, on.run.journal, on.run.plan_digest, on.run.journal_digest)
    return Stage(run, {key.suite: replace(policy, **{**others, key.rule: mine})})


def _asked(finding: Finding) -> Asked:
    key = RuleKey(finding.suite, finding.rule, finding.slice or "")
    numbers = finding.value, finding.interval, finding.limit, finding.confidence
    return Asked(key, finding.verdict, *numbers, finding.n or 0, finding.action is Action.BLOCK)
