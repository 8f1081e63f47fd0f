import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.scoring.matching import match_images
from pytest_damover.domain.scoring.operating import best_f1, operating_point, reaching, recall_curve

PLACES = [(50.0 * i, 0.0, 50.0 * i + 10, 10.0) for i in range(4)]
AWAY = (900.0, 0.0, 910.0, 10.0)
KNOWN = [GroundTruth(box, "phone") for box in PLACES]


@pytest.fixture
def worked(build):
    found = build.detections(
        (PLACES[0], 0.9, "phone"), (PLACES[1], 0.8, "phone"), (AWAY, 0.6, "phone"), (PLACES[2], 0.3, "phone")
    )
    return match_images([KNOWN], [found], 0.5)


def numbers(point):
    return None if point is None else (point.threshold, point.precision, point.recall, point.f1)


def test_by_hand(worked):
    assert numbers(operating_point(worked, 0.8)) == (0.8, 1.0, 0.5, pytest.approx(2 / 3))
    assert numbers(operating_point(worked, 0.3)) == (0.3, 0.75, 0.75, 0.75)
    assert numbers(best_f1(worked)) == (0.3, 0.75, 0.75, 0.75)
    assert numbers(reaching(worked, 0.75)) == (0.3, 0.75, 0.75, 0.75)
    assert numbers(reaching(worked, 0.5))[0] == 0.8
    assert reaching(worked, 1.0) is None


def test_nothing_counted_has_no_precision_and_nothing_known_no_recall(build, worked):
    assert numbers(operating_point(worked, 0.95)) == (0.95, None, 0.0, 0.0)
    alarm = match_images([[]], [build.detections((AWAY, 0.6, "phone"))], 0.5)
    assert numbers(operating_point(alarm, 0.5)) == (0.5, 0.0, None, None)
    assert best_f1(alarm) is None
    assert reaching(alarm, 0.0) is None
    assert best_f1(match_images([KNOWN], [build.detections()], 0.5)) is None


def test_false_alarms_of_a_class_that_no_case_knows_count(build):
    found = build.detections((PLACES[0], 0.9, "phone"), (AWAY, 0.9, "cat"))
    assert operating_point(match_images([KNOWN], [found], 0.5), 0.5).precision == 0.5


def test_detections_of_one_score_count_together(build):
    found = build.detections((PLACES[0], 0.5, "phone"), (AWAY, 0.5, "phone"))
    assert numbers(best_f1(match_images([KNOWN], [found], 0.5))) == (0.5, 0.5, 0.25, pytest.approx(1 / 3))


def test_each_image_may_have_its_own_threshold(build):
    found = build.detections((PLACES[0], 0.6, "phone"))
    table = match_images([KNOWN[:1], KNOWN[:1]], [found, found], 0.5)
    point = operating_point(table, np.array([0.5, 0.7]))
    assert (point.threshold, point.right, point.counted, point.objects) == (None, 1, 1, 2)


def test_a_weight_is_a_number_of_copies(build):
    good, bad = build.detections((PLACES[0], 0.9, "phone")), build.detections((AWAY, 0.9, "phone"))
    table = match_images([KNOWN[:1], KNOWN[:1]], [good, bad], 0.5)
    point = operating_point(table, 0.5, np.array([3.0, 1.0]))
    assert (point.right, point.counted, point.objects) == (3, 4, 4)
    assert best_f1(table, np.array([3.0, 1.0])).recall == 0.75


OFFSET = st.integers(-6, 6)


@settings(max_examples=100, deadline=None)
@given(
    found=st.lists(st.tuples(st.integers(0, 3), OFFSET, OFFSET, st.integers(1, 100)), max_size=12),
    threshold=st.integers(1, 100),
)
def test_one_table_serves_every_threshold(build, found, threshold):
    """As if the detector had never reported the rest."""
    boxes = [tuple(e + d for e, d in zip(PLACES[at], (dx, dy, dx, dy), strict=True)) for at, dx, dy, _ in found]
    every = build.detections(*((box, one[3] / 100, "phone") for box, one in zip(boxes, found, strict=True)))
    cut = match_images([KNOWN], [every.at_least(threshold / 100)], 0.5)
    point = operating_point(match_images([KNOWN], [every], 0.5), threshold / 100)
    assert point == operating_point(cut, threshold / 100)
    assert point.counted == len(cut.score)


def test_what_is_to_be_ignored_is_neither_demanded_nor_counted(build):
    known = [GroundTruth(PLACES[0], "phone"), GroundTruth(PLACES[1], "phone", ignore=True)]
    found = build.detections((PLACES[0], 0.9, "phone"), (PLACES[1], 0.95, "phone"))
    table = match_images([known], [found], 0.5)
    for point in (operating_point(table, 0.5), best_f1(table), reaching(table, 1.0)):
        assert (point.right, point.counted, point.objects) == (1, 1, 1)


def test_a_curve_has_the_first_point_of_each_recall_and_the_last(build, worked):
    assert [(point.recall, point.precision) for point in recall_curve(worked)] == [(0.25, 1), (0.5, 1), (0.75, 0.75)]
    assert recall_curve(match_images([[]], [build.detections((AWAY, 0.6, "phone"))], 0.5)) == ()
    assert recall_curve(match_images([KNOWN], [build.detections()], 0.5)) == ()


@given(st.lists(st.tuples(st.sampled_from([*PLACES, AWAY]), st.sampled_from([0.1, 0.5, 0.6, 0.9])), max_size=12))
@settings(max_examples=40, deadline=None)
def test_every_point_of_a_curve_is_the_operating_point_of_its_threshold(boxes):
    from pytest_damover.domain.detection import Detections

    found = Detections.of([box for box, _ in boxes], [score for _, score in boxes], ["phone"] * len(boxes))
    table = match_images([KNOWN], [found], 0.5)
    points = recall_curve(table, 4)
    assert len(points) <= 4
    for point in points:
        assert numbers(point) == numbers(operating_point(table, point.threshold))
    if boxes:
        assert points[-1].threshold == min(score for _, score in boxes)
