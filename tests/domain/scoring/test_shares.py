import numpy as np
import pytest

from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.scoring.matching import match_images
from pytest_damover.domain.scoring.resampling import Draws
from pytest_damover.domain.scoring.shares import Share, estimate_share, precision_share, recall_share

A, B, AWAY = (0.0, 0.0, 10.0, 10.0), (50.0, 0.0, 60.0, 10.0), (200.0, 0.0, 210.0, 10.0)


def share(part, whole):
    return Share(np.array(part, dtype=np.float64), np.array(whole, dtype=np.float64))


def test_recall_and_precision_by_image(build):
    known = [[GroundTruth(A, "phone"), GroundTruth(B, "phone")], []]
    found = [build.detections((A, 0.9, "phone"), (AWAY, 0.4, "phone")), build.detections((A, 0.6, "phone"))]
    table = match_images(known, found, 0.5)
    recall, precision = recall_share(table, 0.5), precision_share(table, 0.5)
    assert (recall.part.tolist(), recall.whole.tolist(), recall.value()) == ([1, 0], [2, 0], 0.5)
    assert (precision.part.tolist(), precision.whole.tolist(), precision.value()) == ([1, 0], [1, 1], 0.5)
    assert precision_share(table, 0.0).whole.tolist() == [2, 1]
    assert precision_share(table, 0.95).value() is None


def by_hand(baseline, candidate, draws, seed):
    """The same draws, one at a time, with every repeated image really repeated."""
    rng = np.random.default_rng(seed)
    values = []
    for drawn in rng.integers(0, len(candidate.whole), size=(draws, len(candidate.whole))):
        before, after = (one.part[drawn].sum() / one.whole[drawn].sum() for one in (baseline, candidate))
        values.append(after - before)
    return Draws(np.array(values), len(candidate.whole)).interval(0.95)


def test_intervals_are_those_of_images_really_repeated():
    rng = np.random.default_rng(5)
    whole = rng.integers(1, 5, 40)
    sides = [share(rng.binomial(whole, chance), whole) for chance in (0.9, 0.8)]
    result = estimate_share(*sides, 0.95, 300, 11)
    assert result.interval == pytest.approx(by_hand(*sides, 300, 11), abs=1e-7)
    assert result.difference == pytest.approx(result.candidate - result.baseline)


def test_both_sides_see_the_same_draws():
    whole = [1, 2, 3, 4]
    one = share([1, 1, 2, 1], whole)
    assert estimate_share(one, one, 0.95, 200, 1).interval == (0, 0)


def test_whole_groups_are_drawn():
    one = share([1] * 15 + [0] * 15, [1] * 30)
    groups = np.repeat(np.arange(6), 5)
    low, high = estimate_share(None, one, 0.95, 200, 1, groups).candidate_interval
    assert {round(low * 6, 6), round(high * 6, 6)} <= set(range(7))  # so many of the six groups drawn are all found
    assert (low, high) == (0, 1)
    assert estimate_share(None, one, 0.95, 200, 1, groups // 2).candidate_interval is None


def test_no_data_is_no_interval():
    nothing, one, two = share([0, 0], [0, 0]), share([1], [1]), share([1, 1], [1, 2])
    assert estimate_share(two, nothing, 0.95, 200, 1).candidate is None
    alone = estimate_share(None, two, 0.95, 200, 1)
    assert (alone.baseline, alone.difference, alone.interval, alone.images) == (None, None, None, 2)
    assert alone.candidate_interval == (0.5, 1.0)
    assert estimate_share(one, one, 0.95, 200, 1).interval is None
    undefined = estimate_share(nothing, two, 0.95, 200, 1)
    assert (undefined.baseline, undefined.difference, undefined.interval) == (None, None, None)


def test_an_interval_needs_images_with_something_to_count():
    """One image of fifty has objects: about a third of the draws leave it out and say nothing."""
    rare = share([1] + [0] * 49, [2] + [0] * 49)
    assert estimate_share(rare, rare, 0.95, 500, 1).candidate_interval is None


def test_what_is_to_be_ignored_is_neither_demanded_nor_counted(build):
    known = [[GroundTruth(A, "phone"), GroundTruth(B, "phone", ignore=True)]]
    table = match_images(known, [build.detections((A, 0.9, "phone"), (B, 0.9, "phone"))], 0.5)
    for one in (recall_share(table, 0.5), precision_share(table, 0.5)):
        assert (one.part.tolist(), one.whole.tolist()) == ([1], [1])
