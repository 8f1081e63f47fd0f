"""A/A and A/B trials: what is true in them is known, so what a rule makes of it can be counted."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.rehearsing.error_rates import Asked, RuleKey, Trials, tallied, together, without_losses
from pytest_damover.domain.rehearsing.trials import Recorded
from pytest_damover.domain.verdict import Answer

WHOLE = RuleKey("phone", "ap50")
NIGHT = RuleKey("phone", "ap50", "night")
POLICY = {"regressions": {"minor": 2}, "ap50": {"margin": 0.1, "slices": {"night": 0.2}, "resamples": 60}}


@pytest.fixture(scope="module")
def run(build):
    """A hundred pictures, every second at night; v1 misses eight of them, v2 four others."""
    cases = [build.case(f"c{place}", ["night"] if place % 2 else [], "minor", min_objects=1) for place in range(100)]
    planned = build.plan([build.suite(cases, {**build.POLICY, **POLICY})])
    missed = {side: {f"c{p}": "failed" for p in places} for side, places in (("v1", range(8)), ("v2", range(20, 24)))}
    return build.run(planned, build.outcomes(planned, **missed))


@pytest.fixture(scope="module")
def trials(run):
    return Trials(run, *run.plan.revisions)


def test_neither_side_is_better_when_they_change_places(trials):
    assert trials.truths()[WHOLE] == pytest.approx(0, abs=1e-12)
    rates = {one.key: one for one in tallied([trials.trial((0, number)) for number in range(40)], trials.truths())}
    whole = rates[WHOLE]
    assert abs(np.mean(whole.values)) < 0.02, "v2 is four points better as it was recorded"
    assert 0.01 < whole.spread < 0.08, "they differ in each trial as they did in the run"
    assert whole.intervals == whole.trials == 40
    assert whole.covered >= 32
    assert whole.answers.get(Answer.FAIL, 0) == 0
    regressions = rates[RuleKey("phone", "regressions.minor")]
    assert (regressions.truth, regressions.intervals) == (None, 0)
    assert 4 < np.mean(regressions.values) < 8, "twelve cases changed, and a fair coin says which way"
    assert regressions.answers[Answer.FAIL] > 30


def test_a_seed_gives_one_trial(trials):
    assert trials.trial((3, 1)) == trials.trial((3, 1)) != trials.trial((3, 2))


@pytest.mark.parametrize(("key", "limit", "n"), [(WHOLE, -0.1, 100), (NIGHT, -0.2, 50)])
def test_the_loss_that_is_planted_is_the_margin_and_more(trials, key, limit, n):
    planted = trials.planted(key, limit, seed=0)
    assert [margins for margins, _, _ in planted] == [1.0, 1.5, 2.0]
    passed = []
    for margins, share, losing in planted:
        assert -losing.truth == pytest.approx(-limit * margins, abs=-0.25 * limit)
        assert 0 < share < 0.7
        (rates,) = tallied([losing.trial((0, number)) for number in range(20)], {key: losing.truth})
        assert (rates.key, round(rates.n)) == (key, n)
        assert np.mean(rates.values) == pytest.approx(losing.truth, abs=0.06), "of 20 trials, each a few points off"
        passed.append(rates.answers.get(Answer.PASS, 0))
    assert passed[0] <= 5, "at the margin itself a PASS is wrong"
    assert passed[2] == 0


def test_a_rule_without_a_margin_has_no_power_to_speak_of(trials):
    assert trials.planted(RuleKey("phone", "regressions.minor"), 2, 0) == []
    assert trials.planted(RuleKey("phone", "ap50.minimum"), 0.5, 0) == []


def test_images_of_a_group_change_places_together(run):
    suite = run.plan.suites[0]
    cases = tuple(replace(case, group=f"camera{place % 5}") for place, case in enumerate(suite.cases))
    grouped = replace(run, plan=replace(run.plan, suites=(replace(suite, cases=cases),)))
    trials = Trials(grouped, *run.plan.revisions)
    sides = Counter(entry.case.group for entry in trials._entries)
    assert sides == {f"camera{n}{order}": 20 for n in range(5) for order in ("", "~changed-places")}


def test_a_lost_object_takes_all_that_lies_on_it_and_nothing_else(build):
    truths = (GroundTruth((0, 0, 100, 100), "phone"), GroundTruth((200, 0, 300, 100), "phone"))
    case = build.case("a")
    case = replace(case, expected=replace(case.expected, expected_boxes=truths))
    found = build.detections(
        ((0, 0, 100, 100), 0.9, "phone"),
        ((0, 0, 100, 60), 0.1, "phone"),
        ((0, 0, 100, 40), 0.5, "phone"),
        ((0, 0, 100, 100), 0.4, "cup"),
        ((200, 0, 300, 100), 0.8, "phone"),
    )
    one = Recorded(case, (320, 240), None, (found,))
    assert without_losses(found, one, [True, False]).scores.tolist() == [0.5, 0.4, 0.8]
    assert without_losses(found, one, [False, False]) is found
    assert without_losses(build.detections(), one, [True, True]).scores.tolist() == []


def test_what_does_not_block_does_not_count_for_the_whole():
    def asked(answer, blocks):
        return Asked(WHOLE, answer, None, None, None, None, 1, blocks)

    trials = [[asked(Answer.PASS, True), asked(Answer.FAIL, False)], [asked(Answer.INCONCLUSIVE, True)]]
    assert together(trials) == {Answer.PASS: 1, Answer.INCONCLUSIVE: 1}
