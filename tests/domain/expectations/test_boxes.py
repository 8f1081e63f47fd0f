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
    assert "missing phone at [4 0 24 10]: every detection that fits belongs to another expected box" in outcome.message


def test_the_assignment_is_maximal_where_greedy_is_not(build):
    # the first detection fits both boxes and the right one better; the second fits the right one only
    found = build.detections(((3.0, 0.0, 23.0, 10.0), 0.95, "phone"), ((9.0, 0.0, 29.0, 10.0), 0.85, "phone"))
    assert evaluate(expected(LEFT, RIGHT), found).passed


def test_low_score_is_explained(build):
    outcome = evaluate(expected(LEFT), build.detections((LEFT, 0.62, "phone")))
    assert outcome.message == (
        "found 0 of 1 expected boxes at score >= 0.80 and IoU >= 0.50: "
        "missing phone at [0 0 20 10]: best candidate score 0.62 at IoU 1.00"
    )


def test_bad_place_is_explained(build):
    outcome = evaluate(expected(LEFT), build.detections(((10.0, 0.0, 30.0, 10.0), 0.9, "phone")))
    assert "best candidate score 0.90 at IoU 0.33" in outcome.message


def test_wrong_label_is_explained(build):
    outcome = evaluate(expected(LEFT), build.detections((LEFT, 0.9, "remote")))
    assert "found as remote 0.90 at IoU 1.00" in outcome.message


def test_nothing_there_is_explained():
    assert "no candidate there" in evaluate(expected(LEFT), EMPTY).message


def test_no_expected_box_and_no_demand():
    assert evaluate(expected(), EMPTY).passed
    assert evaluate(Expected(min_objects=1), EMPTY) is None


def test_crowds_and_objects_to_ignore_are_not_demanded():
    aside = (GroundTruth(LEFT, "phone", crowd=True), GroundTruth(RIGHT, "phone", ignore=True))
    assert evaluate(Expected(expected_boxes=aside), EMPTY).passed
    outcome = evaluate(Expected(expected_boxes=(*aside, GroundTruth(LEFT, "phone"))), EMPTY)
    assert "found 0 of 1 expected boxes" in outcome.message
