import pytest

from pytest_damover.domain.case import Expected, GroundTruth
from pytest_damover.domain.detection import EMPTY
from pytest_damover.domain.expectations.boxes import evaluate

LEFT, RIGHT = (0.0, 0.0, 20.0, 10.0), (4.0, 0.0, 24.0, 10.0)


def expected(*boxes, label="phone", score=0.8, iou=0.5):
    return Expected(score, iou, expected_boxes=tuple(GroundTruth(box, label) for box in boxes))


def test_each_box_needs_a_detection_of_its_own(build):
    one = build.detections((LEFT, 0.9, "phone"))
    outcome = evaluate(expected(LEFT, RIGHT), one)
    assert not outcome.passed
    assert outcome.message.endswith(
        "missing phone at [4 0 24 10]: phone 0.90 at [0 0 20 10], IoU 0.67 fits, but is taken by another expected box"
    )


def test_the_assignment_is_maximal_where_greedy_is_not(build):
    # the first detection fits both boxes and the right one better; the second fits the right one only
    found = build.detections(((3.0, 0.0, 23.0, 10.0), 0.95, "phone"), ((9.0, 0.0, 29.0, 10.0), 0.85, "phone"))
    assert evaluate(expected(LEFT, RIGHT), found).passed


def test_low_score_is_explained(build):
    outcome = evaluate(expected(LEFT), build.detections((LEFT, 0.62, "phone")))
    assert outcome.message == (
        "found 0 of 1 expected boxes at score >= 0.80 and IoU >= 0.50: "
        "missing phone at [0 0 20 10]: best candidate phone 0.62 at [0 0 20 10], IoU 1.00"
    )


def test_bad_place_is_explained(build):
    outcome = evaluate(expected(LEFT), build.detections(((10.0, 0.0, 30.0, 10.0), 0.9, "phone")))
    assert "best candidate phone 0.90 at [10 0 30 10], IoU 0.33" in outcome.message


def test_wrong_label_is_explained(build):
    outcome = evaluate(expected(LEFT), build.detections((LEFT, 0.9, "remote")))
    assert "found as remote 0.90 at [0 0 20 10], IoU 1.00" in outcome.message


FAR, NEAR = (500.0, 0.0, 520.0, 10.0), (15.0, 0.0, 35.0, 10.0)


@pytest.mark.parametrize(
    ("objects", "told"),
    [
        ((), "no phone touches it"),
        (((FAR, 0.9, "phone"),), "no phone touches it; the best phone is phone 0.90 at [500 0 520 10], IoU 0.00"),
        (((LEFT, 0.3, "remote"),), "best candidate, of another label, remote 0.30 at [0 0 20 10], IoU 1.00"),
        (((NEAR, 0.9, "phone"), (LEFT, 0.9, "remote")), "found as remote 0.90 at [0 0 20 10], IoU 1.00"),
        (((NEAR, 0.9, "phone"), (LEFT, 0.3, "remote")), "best candidate phone 0.90 at [15 0 35 10], IoU 0.14"),
        (((LEFT, 0.3, "phone"), (LEFT, 0.9, "remote")), "best candidate phone 0.30 at [0 0 20 10], IoU 1.00"),
        (((LEFT, 0.799, "phone"),), "best candidate phone 0.799 at [0 0 20 10], IoU 1.00"),
    ],
)
def test_the_nearest_thing_is_told(build, objects, told):
    assert evaluate(expected(LEFT), build.detections(*objects)).message.endswith(
        f"missing phone at [0 0 20 10]: {told}"
    )


def test_many_misses_are_cut_short():
    apart = [(100.0 * place, 0.0, 100.0 * place + 20, 10.0) for place in range(7)]
    message = evaluate(expected(*apart), EMPTY).message
    assert message.count("missing phone") == 5
    assert message.endswith(" and 2 more")


def test_no_expected_box_and_no_demand():
    assert evaluate(expected(), EMPTY).passed
    assert evaluate(Expected(min_objects=1), EMPTY) is None


def test_crowds_and_objects_to_ignore_are_not_demanded():
    aside = (GroundTruth(LEFT, "phone", crowd=True), GroundTruth(RIGHT, "phone", ignore=True))
    assert evaluate(Expected(expected_boxes=aside), EMPTY).passed
    outcome = evaluate(Expected(expected_boxes=(*aside, GroundTruth(LEFT, "phone"))), EMPTY)
    assert "found 0 of 1 expected boxes" in outcome.message
