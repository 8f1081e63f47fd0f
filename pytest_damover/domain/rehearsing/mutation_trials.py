"""The mutation set: does the gate stop a revision that was harmed, and let one pass that was not?"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pytest_damover.domain.case import Case
from pytest_damover.domain.detection import EMPTY, Detections
from pytest_damover.domain.gate import compare_candidates, judge
from pytest_damover.domain.journal import Finished
from pytest_damover.domain.mutations import Context, Mutation, registry
from pytest_damover.domain.rehearsing.trials import Entry, Recorded, changed_twin, drawn, recorded, stage
from pytest_damover.domain.revision import Revision
from pytest_damover.domain.run import Run
from pytest_damover.domain.verdict import Action, Answer, CandidateVerdict, Finding

FEWEST_DRAWS = 2


@dataclass(frozen=True, slots=True)
class MutationScore:
    """What the gate made of one mutation in all its trials.

    `answers` counts the verdicts; `stopped_by` in how many trials each rule was FAIL, of those that were asked: where a
    count of cases stops the candidate already, AP is not resampled. `applies` is False for one that
    changes no detection of this suite (nothing is dark, say), so that its answers mean nothing.
    """

    mutation: Mutation
    answers: Mapping[Answer, int]
    stopped_by: Mapping[str, int]
    applies: bool

    @property
    def trials(self) -> int:
        """How many there were."""
        return sum(self.answers.values())

    @property
    def caught(self) -> int:
        """FAIL: the candidate was stopped."""
        return self.answers.get(Answer.FAIL, 0)

    @property
    def inconclusive(self) -> int:
        """Not promoted, but not known to be wrong either; an ERROR counts here."""
        return self.trials - self.caught - self.missed

    @property
    def missed(self) -> int:
        """PASS: it would have been promoted."""
        return self.answers.get(Answer.PASS, 0)


@dataclass(frozen=True, slots=True)
class _Place:
    recorded: Recorded
    context: Context
    end: Finished

    @property
    def case(self) -> Case:
        return self.recorded.case

    @property
    def before(self) -> Detections:
        return self.recorded.found[0]


class MutationSet:
    """The recorded detections of one revision, mutated and held against themselves in as many trials as seeds.

    Seed s draws the same images for every mutation, and gives each mutation random numbers of its own.
    """

    def __init__(self, run: Run, revision: Revision, most_resamples: int | None = None) -> None:
        full = stage(run, revision, changed_twin(revision))
        self._stage = full if most_resamples is None else full.with_resamples(most_resamples)
        self._quick = self._stage.with_resamples(FEWEST_DRAWS)
        known = [one for one in recorded(run, [revision]) if one.case.suite in self._stage.policies]
        contexts = zip(known, _contexts(known), strict=True)
        self._places = [_Place(one, context, self._stage.baseline_end(one, one.found[0])) for one, context in contexts]

    @property
    def cases(self) -> tuple[Case, ...]:
        """The cases that the trials draw from, in order."""
        return tuple(place.case for place in self._places)

    def unchanged(self) -> CandidateVerdict:
        """What the policy says of an exact copy; where that is no PASS, nothing can be learned from mutations."""
        entries = [self._entry(place, place.before) for place in self._places]
        return self._judged(self._stage.run_of(entries))

    def mutated(self, mutation: Mutation, rng: np.random.Generator) -> list[Detections]:
        """What the changed detector would find in the image of each of `cases`."""
        return [mutation.mutate(place.before, place.context, rng) for place in self._places]

    def score(
        self, mutation: Mutation, seeds: Iterable[int], found: Sequence[Detections] | None = None
    ) -> MutationScore:
        """Ask the gate once for every seed.

        `found`, in the order of `cases`, is what the detector found in mutated images, the same for every seed;
        without it the recorded detections are mutated.
        """
        answers: Counter[Answer] = Counter()
        rules: Counter[str] = Counter()
        applies, by_chance = False, True
        entries: list[Entry] = []
        for seed in seeds:
            if by_chance:  # what chance has no part in is the same for every seed
                rng = np.random.default_rng((seed, zlib.crc32(mutation.name.encode())))
                fresh = rng.bit_generator.state
                changed = self.mutated(mutation, rng) if found is None else found
                by_chance = rng.bit_generator.state != fresh
                applies |= any(not _same(p.before, new) for p, new in zip(self._places, changed, strict=True))
                entries = [self._entry(place, new) for place, new in zip(self._places, changed, strict=True)]
            answer, stopped_by = self._asked(drawn(entries, np.random.default_rng(seed)))
            answers[answer] += 1
            rules.update(stopped_by)
        return MutationScore(mutation, answers, rules, applies)

    def _entry(self, place: _Place, changed: Detections) -> Entry:
        return self._stage.entry(place.case, place.end, changed)

    def _asked(self, entries: Sequence[Entry]) -> tuple[Answer, set[str]]:
        """The answer and the rules that are FAIL, of which the costly ones are asked only where they can matter.

        A rule that is FAIL without an interval is so however many draws the intervals of the others rest on, and no
        PASS of theirs outweighs it.
        """
        run = self._stage.run_of(entries)
        found = self._quick.findings(run)
        sure = {one.rule for one in found if _stops(one) and one.interval is None}
        if sure:
            return Answer.FAIL, sure
        verdict = self._judged(run)
        return verdict.verdict, {one.rule for one in verdict.findings if _stops(one)}

    def _judged(self, run: Run) -> CandidateVerdict:
        policies = self._stage.policies
        return judge(run, compare_candidates(run, policies), policies).candidates[0]


def of_the_output() -> tuple[Mutation, ...]:
    """The mutations that recorded detections are enough for."""
    return tuple(mutation for mutation in registry() if not mutation.of_the_image)


def _contexts(pictures: Sequence[Recorded]) -> Iterator[Context]:
    labels: dict[str, dict[str, None]] = {}
    for one in pictures:
        known = labels.setdefault(one.case.suite, {})
        known.update(dict.fromkeys(truth.label for truth in one.case.expected.expected_boxes or ()))
    for place, one in enumerate(pictures):
        before = pictures[place - 1].found[0] if len(pictures) > 1 else EMPTY
        names = tuple(sorted(labels[one.case.suite]))
        yield Context(*one.size_px, slices=one.slices, labels=names, before=before)


def _stops(finding: Finding) -> bool:
    return finding.verdict is Answer.FAIL and finding.action is Action.BLOCK


def _same(before: Detections, after: Detections) -> bool:
    same_arrays = np.array_equal(before.boxes, after.boxes) and np.array_equal(before.scores, after.scores)
    return same_arrays and before.labels == after.labels
