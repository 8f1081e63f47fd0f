"""Trials of a gate on recorded detections: the images of a run drawn anew, and its rules asked about them.

The images that were recorded stand for the population. A trial draws as many of them, with replacement and within each
suite; a case that is drawn twice is two cases of two images, as if two like pictures had been taken. This is the
bootstrap applied to the whole gate (Efron and Tibshirani, An Introduction to the Bootstrap, chapter 18: calibration).

Python tests and the race are left out, for nothing recorded says what another detector would have done there. What can
be wrong with a run itself (an interruption, missing consent) is left out too: the policy is on trial, not the run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from pytest_damover.domain.case import Case
from pytest_damover.domain.comparing.comparison import compare
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.gate import POLICY_RULES, planned_policies
from pytest_damover.domain.journal import FINISHED, Finished, ItemOutcome
from pytest_damover.domain.planting.staging import end_of, staged
from pytest_damover.domain.policy import Policy
from pytest_damover.domain.revision import FileEntry, Revision
from pytest_damover.domain.rules.judged import JudgedSuite
from pytest_damover.domain.run import DETECT, PlanItem, Run
from pytest_damover.domain.slicing.free_slices import slice_names
from pytest_damover.domain.slicing.image_properties import ImageProperties
from pytest_damover.domain.slicing.slices import readable_detections
from pytest_damover.domain.verdict import Finding

RUN_ENDED = (ItemOutcome.PASSED, ItemOutcome.FAILED)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One case, and what each of the asked revisions found in its image; width, height of the image in pixels."""

    case: Case
    size_px: tuple[int, int]
    properties: ImageProperties | None
    found: tuple[Detections, ...]

    @property
    def slices(self) -> tuple[str, ...]:
        """The case's own slices and the free ones."""
        return slice_names(self.case, self.properties)


@dataclass(frozen=True, slots=True)
class Entry:
    """One case with an end on either side, ready to be drawn."""

    case: Case
    baseline: Finished
    candidate: Finished


@dataclass(frozen=True, slots=True)
class Stage:
    """Where trials take place: a run with nothing wrong in it, two revisions by role, and the policies on trial."""

    run: Run
    policies: Mapping[str, Policy]

    @property
    def baseline(self) -> Revision:
        """The revision that is in production in every trial."""
        assert self.run.plan.baseline is not None
        return self.run.plan.baseline

    @property
    def candidate(self) -> Revision:
        """The revision that wants to replace it."""
        return self.run.plan.candidates[0]

    def entry(self, case: Case, baseline: Finished, candidate: Detections) -> Entry:
        """The case with an end of the baseline, and the end of a candidate that found `candidate`."""
        return Entry(case, baseline, end_of(_item(case, self.candidate), case.expected, candidate))

    def baseline_end(self, one: Recorded, found: Detections) -> Finished:
        """The end of a baseline that found `found`; it says what the image is like."""
        end = end_of(_item(one.case, self.baseline), one.case.expected, found)
        return replace(end, image_properties=one.properties)

    def run_of(self, entries: Sequence[Entry]) -> Run:
        """The run in which those entries are all there is; an entry may be there twice."""
        cases: dict[str, list[Case]] = {suite.name: [] for suite in self.run.plan.suites}
        ends: dict[PlanItem, Finished] = {}
        for place, entry in enumerate(entries):
            case = _as_another(entry.case, place)
            cases[case.suite].append(case)
            for side, end in ((self.baseline, entry.baseline), (self.candidate, entry.candidate)):
                item = _item(case, side)
                ends[item] = replace(end, item=item.key)
        suites = tuple(replace(suite, cases=tuple(cases[suite.name])) for suite in self.run.plan.suites)
        return staged(self.run, suites, ends)

    def findings(self, run: Run) -> list[Finding]:
        """What the rules of every suite's policy find in a run of this stage."""
        comparison = compare(run, self.candidate, self.policies)
        judged = [JudgedSuite(run, comparison, suite, self.policies[suite.name]) for suite in run.plan.suites]
        return [finding for suite in judged for finding in suite.findings(POLICY_RULES)]

    def with_resamples(self, most: int) -> Stage:
        """The same trials with at most so many draws for every interval."""
        policies = {name: _with_resamples(policy, most) for name, policy in self.policies.items()}
        return replace(self, policies=policies)


def recorded(run: Run, revisions: Sequence[Revision]) -> tuple[Recorded, ...]:
    """Every case that ended on all `revisions` with detections that can be read; `DamoverError` when there is none."""
    found = []
    for case in run.cases.values():
        ends = [run.finished.get(_item(case, revision).key) for revision in revisions]
        sides = [_detections(end) for end in ends]
        whole = tuple(side for side in sides if side is not None)
        if len(whole) == len(revisions):
            sizes = [end.image_size_px for end in ends if end is not None and end.image_size_px is not None]
            seen = [end.image_properties for end in ends if end is not None and end.image_properties is not None]
            size = sizes[0] if sizes else _least_size(whole)
            found.append(Recorded(case, size, seen[0] if seen else None, whole))
    if not found:
        where = f"the detections of {' and '.join(revision.name for revision in revisions)}"
        allowed = "a run in which at least one case ended with detections"
        raise DamoverError(Fault(Code.RUN_FOLDER, where, "none recorded", allowed, "run the suite: pytest --revisions"))
    return tuple(found)


def stage(run: Run, baseline: Revision, candidate: Revision) -> Stage:
    """Trials between two revisions under the run's own policies, without what they say of latency and devices.

    `DamoverError` when no suite has a policy that can be used.
    """
    policies = {
        name: replace(
            policy,
            latency=None,
            memory=None,
            size=None,
            parameters=None,
            cold_start=None,
            throughput=None,
            evidence=replace(policy.evidence, device=None),
        )
        for name, policy in planned_policies(run.plan).items()
    }
    if not policies:
        found = "no suite of the run has a policy that can be used"
        raise DamoverError(Fault(Code.POLICY, "plan.json", found, "a gate.toml without faults"))
    plan = replace(
        run.plan,
        baseline=baseline,
        candidates=(candidate,),
        suites=tuple(replace(suite, broken=()) for suite in run.plan.suites if suite.name in policies),
        narrowed=(),
        left_out=(),
        safety={},
    )
    journal = replace(
        run.journal,
        run_id=plan.run_id,
        plan_digest=run.plan_digest,
        ended=FINISHED,
        damage=(),
        resumed=(),
        verified=((baseline.name, ()), (candidate.name, ())),
    )
    return Stage(Run(plan, journal, run.plan_digest, run.journal_digest), policies)


def changed_twin(revision: Revision) -> Revision:
    """A revision that is `revision` but for one file, to play its changed self."""
    extra = FileEntry("changed-in-a-trial", 0, "0" * 64)
    return replace(revision, name=f"{revision.name}+changed", files=(*revision.files, extra))


def drawn(entries: Sequence[Entry], rng: np.random.Generator, sides: int = 1) -> list[Entry]:
    """As many images of each suite as there are, with replacement; images of one group come and go together.

    `sides`: how many entries there are for each image. A group that is drawn twice is two groups.
    """
    by_suite: dict[str, dict[object, list[Entry]]] = {}
    for place, entry in enumerate(entries):
        unit = place if entry.case.group is None else entry.case.group
        by_suite.setdefault(entry.case.suite, {}).setdefault(unit, []).append(entry)
    chosen = []
    for units in by_suite.values():
        known = list(units.values())
        for number, unit_drawn in enumerate(rng.integers(0, len(known), len(known) // sides).tolist()):
            chosen += [_in_draw(entry, number) for entry in known[unit_drawn]]
    return chosen


def _in_draw(entry: Entry, number: int) -> Entry:
    group = entry.case.group
    return entry if group is None else replace(entry, case=replace(entry.case, group=f"{group}~{number}"))


def _with_resamples(policy: Policy, most: int) -> Policy:
    sections = {field.name: getattr(policy, field.name) for field in fields(policy)}
    drawn_in = {name: section for name, section in sections.items() if hasattr(section, "resamples")}
    fewer = {name: replace(section, resamples=min(section.resamples, most)) for name, section in drawn_in.items()}
    return replace(policy, **fewer)


def _as_another(case: Case, place: int) -> Case:
    """The same case under a name, and of an image, that no other draw has."""
    return replace(case, name=f"{case.name}~{place}", image_path=f"{case.image_path}~{place}", image_sha256=None)


def _item(case: Case, side: Revision) -> PlanItem:
    return PlanItem(case.suite, case.name, DETECT, side.name)


def _detections(end: Finished | None) -> Detections | None:
    return readable_detections(end.detections) if end is not None and end.outcome in RUN_ENDED else None


def _least_size(found: Sequence[Detections]) -> tuple[int, int]:
    """The smallest picture that holds every box, where the journal does not tell its size."""
    corners = np.concatenate([[[1.0, 1.0]], *(side.boxes[:, 2:] for side in found)]).max(axis=0)
    return int(np.ceil(corners[0])), int(np.ceil(corners[1]))
