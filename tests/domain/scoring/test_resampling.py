import dataclasses
import time

import numpy as np
import pytest

from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.detection import EMPTY, Detections
from pytest_damover.domain.scoring import resampling
from pytest_damover.domain.scoring.matching import match_images
from pytest_damover.domain.scoring.metrics import average_precision
from pytest_damover.domain.scoring.resampling import Draws, estimate, group_numbers, image_weights

BOX = (0.0, 0.0, 10.0, 10.0)
AWAY = (200.0, 0.0, 210.0, 10.0)
TRUTH = [GroundTruth(BOX, "phone")]


def detector(rng, images, sharpness=1.0):
    """Finds about 85 % of the objects, with about one false alarm an image."""
    return [image_of(rng, sharpness) for _ in range(images)]


def image_of(rng, sharpness):
    hits, alarms = int(rng.random() < 0.85), int(rng.poisson(1))
    scores = np.concatenate([rng.beta(4 * sharpness, 2, hits), rng.beta(2, 4, alarms)])
    return Detections.of([BOX] * hits + [AWAY] * alarms, scores, ["phone"] * (hits + alarms))


def tables(seed, images=60):
    rng = np.random.default_rng(seed)
    truths = [TRUTH] * images
    return [match_images(truths, detector(rng, images), 0.5) for _ in range(2)]


def test_every_draw_takes_as_many_images_as_there_are():
    weights = image_weights(7, 50, np.random.default_rng(1))
    assert weights.shape == (7, 50)
    assert (weights.sum(axis=0) == 7).all()
    assert weights.max() > 1


def test_points_and_interval_agree():
    before, after = tables(1)
    result = estimate(before, after, 0.95, 500, 1)
    assert (result.baseline, result.candidate) == (average_precision(before), average_precision(after))
    assert result.difference == pytest.approx(result.candidate - result.baseline, abs=1e-15)
    low, high = result.interval
    assert low < result.difference < high
    assert result.candidate_interval[0] < result.candidate < result.candidate_interval[1]
    assert (result.images, result.objects) == (60, 60)


def test_the_same_seed_gives_the_same_interval_and_another_another():
    first, again, other = (estimate(*tables(1), 0.95, 300, seed) for seed in (1, 1, 2))
    assert first == again
    assert first.interval != other.interval


def test_both_sides_see_the_same_draws():
    same, _ = tables(3)
    assert estimate(same, same, 0.95, 300, 1).interval == (0.0, 0.0)


def test_draws_do_not_depend_on_how_many_are_made_at_once(monkeypatch):
    together = image_weights(7, 50, np.random.default_rng(1))
    rng = np.random.default_rng(1)
    assert (np.hstack([image_weights(7, draws, rng) for draws in (1, 19, 30)]) == together).all()
    whole = estimate(*tables(4), 0.9, 400, 1)
    monkeypatch.setattr(resampling, "_WEIGHTS_AT_ONCE", 1000)
    assert estimate(*tables(4), 0.9, 400, 1) == whole
    monkeypatch.setattr(resampling, "_WEIGHTS_AT_ONCE", 1)
    one_by_one = estimate(*tables(4), 0.9, 400, 1)
    assert one_by_one.interval == pytest.approx(whole.interval, abs=1e-14)
    assert one_by_one.draws.values == pytest.approx(whole.draws.values, abs=1e-14)


def test_a_single_revision_has_only_its_own_side():
    _, after = tables(5)
    result = estimate(None, after, 0.95, 300, 1)
    assert (result.baseline, result.difference, result.interval) == (None, None, None)
    assert result.candidate_interval[0] < result.candidate


@pytest.mark.parametrize("images", [0, 1])
def test_fewer_than_two_images_give_no_interval(images):
    result = estimate(*tables(1, images), 0.95, 300, 1)
    assert (result.interval, result.candidate_interval) == (None, None)
    assert (result.candidate is None) == (images == 0)


def test_no_objects_are_no_data_and_too_few_give_no_interval():
    empty = match_images([[]] * 5, [EMPTY] * 5, 0.5)
    assert estimate(empty, empty, 0.95, 300, 1).candidate is None
    rare = match_images([TRUTH] + [[]] * 19, [EMPTY] * 20, 0.5)
    result = estimate(rare, rare, 0.95, 300, 1)
    assert result.difference == 0
    assert result.interval is None


def test_draws_without_ground_truth_are_left_out():
    some = match_images([TRUTH] * 3 + [[]] * 2, [EMPTY] * 5, 0.5)
    result = estimate(some, some, 0.95, 500, 1)
    assert 475 <= len(result.draws.values) < 500  # (2 / 5) ** 5 = 1 % of the draws find no object
    assert result.interval == (0, 0)


def test_expanded_percentiles_by_hand():
    """10 groups at 95 %: 0.86 % are cut off on either side. 9,999 draws in order: about the 86th and 9,914th."""
    draws = Draws(np.arange(1, 10_000) / 10_000, 10)
    assert draws.interval(0.95) == pytest.approx((0.0086, 0.9914), abs=1e-4)
    many = Draws(draws.values, 10_000)
    assert many.interval(0.95) == pytest.approx((0.025, 0.975), abs=1e-4)


def test_few_draws_make_no_narrower_interval():
    """Of 39 draws the first and the last stand for 2.5 % on either side: 40 * 0.025 = 1."""
    assert Draws(np.arange(39.0), 10**9).interval(0.95) == pytest.approx((0, 38), abs=1e-6)


@pytest.mark.parametrize("units", [5, 30, 1000])
@pytest.mark.parametrize("limit", np.linspace(-2.4, 0.8, 9).tolist())
def test_the_p_value_agrees_with_the_interval(units, limit):
    """Below the limit at 90 % just when p <= 5 %, but for one draw of 4,999."""
    draws = Draws(np.random.default_rng(1).normal(-1, 1, 4999), units)
    p = draws.p_below(limit)
    assert 0 < p <= 1
    confidence = 1 - 2 * p
    if 0.01 < confidence < 0.99:
        step = 0.005
        assert draws.interval(confidence - step)[1] <= limit <= draws.interval(confidence + step)[1]


def test_p_of_a_limit_that_is_no_number_is_none():
    assert Draws(np.zeros(9), 9).p_below(np.nan) is None


def test_draws_are_kept_beside_the_interval_and_out_of_equality():
    before, after = tables(1)
    result = estimate(before, after, 0.95, 300, 1)
    assert result.interval == result.draws.interval(0.95)
    assert result == dataclasses.replace(result, draws=None)
    assert estimate(*tables(1, 1), 0.95, 300, 1).draws is None


def test_several_tables_on_a_side_are_the_mean_of_their_aps():
    (loose, strict), (other, other_strict) = tables(1), tables(2)
    result = estimate((loose, strict), (other, other_strict), 0.95, 300, 1)
    assert result.baseline == pytest.approx((average_precision(loose) + average_precision(strict)) / 2, abs=1e-15)
    parts = [estimate(first, second, 0.95, 300, 1) for first, second in ((loose, other), (strict, other_strict))]
    means = (parts[0].draws.values + parts[1].draws.values) / 2
    assert result.draws.values == pytest.approx(means, abs=1e-14)
    twice = estimate((loose, loose), (other, other), 0.95, 300, 1)
    assert twice.interval == pytest.approx(parts[0].interval, abs=1e-12)
    assert (result.images, result.objects) == (60, 60)


def test_whole_groups_are_drawn():
    """Six groups, in three of which all is found: k of the six drawn are, so recall is k / 6, and AP nearly so."""
    found = [Detections.of([BOX], [0.9], ["phone"])] * 30 + [EMPTY] * 30
    table, nothing = match_images([TRUTH] * 60, found, 0.5), match_images([TRUTH] * 60, [EMPTY] * 60, 0.5)
    result = estimate(nothing, table, 0.95, 400, 1, np.repeat(np.arange(6), 10))
    recalls = np.floor(np.arange(7) / 6 * 100 + 1e-9) + 1
    assert set(result.draws.values.round(6)) <= {0.0, *(recalls / 101).round(6)}
    assert (result.candidate_interval, result.groups, result.images) == (pytest.approx((0, 1)), 6, 60)
    low, high = estimate(None, table, 0.95, 400, 1).candidate_interval
    assert 0.3 < low < high < 0.7


def test_every_image_its_own_group_is_no_group():
    before, after = tables(1)
    apart = estimate(before, after, 0.95, 300, 1, np.arange(60))
    assert apart.groups == 60
    assert dataclasses.replace(apart, groups=None) == estimate(before, after, 0.95, 300, 1)


@pytest.mark.parametrize(("groups", "confidence", "enough"), [(5, 0.95, False), (6, 0.95, True), (5, 0.9, True)])
def test_so_few_groups_cannot_promise_what_an_interval_does(groups, confidence, enough):
    """The range of five holds the truth in 93.75 % at most, of six in 96.9 %."""
    result = estimate(*tables(1), confidence, 300, 1, np.arange(60) % groups)
    assert (result.interval is not None, result.candidate_interval is not None) == (enough, enough)
    assert result.groups == groups


@pytest.mark.parametrize("images", [0, 1, 60])
def test_one_group_gives_no_interval(images):
    result = estimate(*tables(1, images), 0.5, 300, 1, np.zeros(images, dtype=np.intp))
    assert (result.interval, result.candidate_interval, result.groups) == (None, None, min(images, 1))


def test_an_image_without_a_group_is_its_own():
    assert group_numbers([None, None]) is None
    assert group_numbers([]) is None
    assert group_numbers(["gate", None, "gate", None, "yard"]).tolist() == [0, 1, 0, 2, 3]


def test_fast_enough_for_every_run():
    """340 images, about 10 detections each, 2000 draws: about 0.1 s alone on one core; the limit allows a busy one."""
    rng = np.random.default_rng(0)
    truths = [TRUTH] * 340
    found = [Detections.of([BOX] + [AWAY] * 9, rng.random(10), ["phone"] * 10) for _ in range(340)]
    table = match_images(truths, found, 0.5)
    began = time.process_time()
    estimate(table, table, 0.95, 2000, 1)
    assert time.process_time() - began < 1.5
