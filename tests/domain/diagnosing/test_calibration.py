import numpy as np
import pytest

from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.diagnosing.calibration import calibrate
from pytest_damover.domain.scoring.matching import match_images

A, AWAY = (0.0, 0.0, 10.0, 10.0), (200.0, 0.0, 210.0, 10.0)


@pytest.fixture
def worked(build):
    found = build.detections((A, 0.9, "phone"), (AWAY, 0.7, "phone"), (AWAY, 0.2, "phone"))
    return match_images([[GroundTruth(A, "phone")], []], [found, build.detections()], 0.5)


def test_by_hand(worked):
    result = calibrate(worked, bins=2)
    assert result.error == pytest.approx(2 / 3 * 0.3 + 1 / 3 * 0.2)
    low, high = result.bins
    assert (low.low, low.high, low.detections, low.mean_score, low.precision) == (0, 0.5, 1, 0.2, 0)
    assert (high.detections, high.mean_score, high.precision) == (2, pytest.approx(0.8), 0.5)


def test_from_a_score_on(worked):
    assert calibrate(worked, 0.7, bins=2).error == pytest.approx(0.3)
    assert calibrate(worked, 0.91).error is None
    assert calibrate(worked, 0.91).bins == ()


def test_a_score_on_the_edge_is_in_the_lower_bin_and_the_ends_are_in_one(build):
    found = build.detections((A, 0.0, "phone"), (A, 0.5, "phone"), (A, 1.0, "phone"))
    bins = calibrate(match_images([[]], [found], 0.5), bins=2).bins
    assert [(one.low, one.detections) for one in bins] == [(0.0, 2.0), (0.5, 1.0)]


def test_a_weight_is_a_number_of_copies(build):
    sure, unsure = build.detections((A, 0.9, "phone")), build.detections((AWAY, 0.9, "phone"))
    known = [[GroundTruth(A, "phone")], []]
    weighted = calibrate(match_images(known, [sure, unsure], 0.5), weights=np.array([3.0, 1.0]))
    copies = calibrate(match_images([known[0]] * 3 + [[]], [sure] * 3 + [unsure], 0.5))
    assert weighted.error == pytest.approx(copies.error) == pytest.approx(0.15)
    assert weighted.bins[0].detections == copies.bins[0].detections == 4


def test_a_calibrated_detector_has_none_and_an_overconfident_one_has_its_excess(build):
    """Of ten detections with score 0.7 seven are right; the same with 0.95 promise 0.25 too much."""
    known = [[GroundTruth(A, "phone")]] * 7 + [[]] * 3
    for score, error in ((0.7, 0.0), (0.95, 0.25)):
        found = [build.detections((A, score, "phone"))] * 10
        assert calibrate(match_images(known, found, 0.5)).error == pytest.approx(error)


def test_what_is_to_be_ignored_is_not_counted(build):
    known = [GroundTruth(A, "phone"), GroundTruth(AWAY, "phone", ignore=True)]
    found = build.detections((A, 0.9, "phone"), (AWAY, 0.3, "phone"))
    assert calibrate(match_images([known], [found], 0.5)).error == pytest.approx(0.1)
