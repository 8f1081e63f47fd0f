"""The gate is asked about mutations of what a run recorded."""

import numpy as np
import pytest

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import EMPTY
from pytest_damover.domain.mutations import registry
from pytest_damover.domain.rehearsing.mutation_trials import MutationSet, of_the_output
from pytest_damover.domain.verdict import Answer

BY_NAME = {mutation.name: mutation for mutation in registry()}


@pytest.fixture(scope="module")
def run(build):
    """Forty pictures by day, all found; the policy allows no regression of a critical case."""
    cases = [
        build.case(f"c{place}", ["day"], "critical" if place % 2 else "minor", min_objects=1, max_objects=1)
        for place in range(40)
    ]
    policy = {**build.POLICY, "regressions": {"minor": 5}, "ap50": {"margin": 0.1, "resamples": 50}}
    return build.run(build.plan([build.suite(cases, policy)]))


@pytest.fixture(scope="module")
def trials(run):
    return MutationSet(run, run.plan.baseline)


def test_an_exact_copy_passes(trials):
    assert trials.unchanged().verdict is Answer.PASS


@pytest.mark.parametrize("name", ["class_map_permuted", "half_stride_shift", "duplicates"])
def test_a_harmful_one_is_caught(trials, name):
    score = trials.score(BY_NAME[name], range(3))
    assert (score.trials, score.caught, score.inconclusive, score.missed) == (3, 3, 0, 0)
    assert score.stopped_by["regressions.critical"] == 3
    assert score.applies


def test_a_harmless_one_passes_in_full(trials):
    score = trials.score(BY_NAME["box_jitter"], range(3))
    assert score.answers == {Answer.PASS: 3}
    assert score.stopped_by == {}
    assert score.applies


def test_what_changes_nothing_here_is_told_from_what_was_missed(trials):
    score = trials.score(BY_NAME["night_blind"], range(2))
    assert score.missed == 2
    assert not score.applies


def test_what_a_count_of_cases_stops_the_whole_gate_stops_too(trials):
    for mutation in of_the_output():
        changed = trials.mutated(mutation, np.random.default_rng(0))
        run = trials._stage.run_of([trials._entry(*pair) for pair in zip(trials._places, changed, strict=True)])
        quick = [one for one in trials._quick.findings(run) if one.verdict is Answer.FAIL and one.interval is None]
        if quick:
            assert trials._judged(run).verdict is Answer.FAIL, mutation.name


def test_one_seed_gives_one_answer_and_another_draws_other_images(trials):
    mutation = BY_NAME["one_in_thirty_lost"]
    assert trials.score(mutation, [7]) == trials.score(mutation, [7])
    assert len({tuple(trials.score(mutation, [seed]).answers) for seed in range(8)}) > 1


def test_what_the_detector_found_in_mutated_images_takes_the_place_of_a_mutation(trials):
    mutation = BY_NAME["scaled_twice"]
    blind = trials.score(mutation, range(2), [EMPTY] * len(trials.cases))
    assert (blind.caught, blind.mutation.harm) == (2, Severity.CRITICAL)
    with pytest.raises(ValueError, match="shorter"):
        trials.score(mutation, range(1), [EMPTY])
