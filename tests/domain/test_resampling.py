import time

import numpy as np
import pytest

from pytest_damover.domain import resampling
from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.detection import EMPTY, Detections
from pytest_damover.domain.matching import match_images
from pytest_damover.domain.metrics import average_precision
from pytest_damover.domain.resampling import estimate, image_weights, percentile_interval

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


def test_chunks_do_not_change_what_a_draw_means(monkeypatch):
    before, after = tables(4)
    monkeypatch.setattr(resampling, "_NUMBERS_AT_ONCE", 1)
    one_by_one = estimate(before, after, 0.9, 400, 1)
    monkeypatch.undo()
    together = estimate(before, after, 0.9, 400, 1)
    assert one_by_one.interval == pytest.approx(together.interval, abs=0.03)


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


def test_percentiles_leave_undefined_draws_out():
    draws = np.append(np.linspace(0, 1, 101), np.nan)
    assert percentile_interval(draws, 0.9) == pytest.approx((0.05, 0.95))
    assert percentile_interval(np.append(draws, [np.nan] * 20), 0.9) is None
    assert percentile_interval(np.full(5, np.nan), 0.9) is None


def share_that_covers_zero(trials):
    """A/A trials: two detectors of equal quality, so that the true difference is zero.

    Over 700 trials the interval covered it in 94.7 % of them, and in 85.9 % with the multiplicities dropped.
    """
    covered = 0
    for seed in range(1000, 1000 + trials):
        result = estimate(*tables(seed, images=100), 0.95, 300, seed)
        low, high = result.interval
        covered += low <= 0 <= high
    return covered / trials


def test_coverage_of_the_interval_and_of_one_without_multiplicities(monkeypatch):
    honest = share_that_covers_zero(250)
    draw = resampling.image_weights
    monkeypatch.setattr(resampling, "image_weights", lambda *of: np.minimum(draw(*of), 1))
    dropping = share_that_covers_zero(250)
    assert 0.91 <= honest <= 0.985
    assert dropping < 0.91
    assert honest - dropping > 0.04


def test_fast_enough_for_every_run():
    """340 images, about 10 detections each, 2000 draws: about 0.1 s alone on one core; the limit allows a busy one."""
    rng = np.random.default_rng(0)
    truths = [TRUTH] * 340
    found = [Detections.of([BOX] + [AWAY] * 9, rng.random(10), ["phone"] * 10) for _ in range(340)]
    table = match_images(truths, found, 0.5)
    began = time.process_time()
    estimate(table, table, 0.95, 2000, 1)
    assert time.process_time() - began < 1.5
