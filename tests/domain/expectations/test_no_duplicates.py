import pytest

from pytest_damover.domain.case import Expected
from pytest_damover.domain.detection import EMPTY
from pytest_damover.domain.expectations.no_duplicates import evaluate


@pytest.mark.parametrize(
    ("second", "score", "label", "passed"),
    [
        ((10, 10, 50, 90), 0.8, "phone", False),
        ((10, 10, 50, 90), 0.8, "remote", True),
        ((10, 10, 50, 90), 0.4, "phone", True),
        ((60, 10, 90, 90), 0.8, "phone", True),
    ],
)
def test_two_objects_of_one_label_may_not_overlap(build, second, score, label, passed):
    found = build.detections((build.PHONE, 0.9, "phone"), (second, score, label))
    outcome = evaluate(Expected(no_duplicates=True), found)
    assert outcome.passed is passed
    assert passed or "phone 0.90 at [10 10 50 90] and phone 0.80 at [10 10 50 90] at IoU 1.00" in outcome.message


@pytest.mark.parametrize("demand", [None, False])
def test_no_demand(demand):
    assert evaluate(Expected(no_duplicates=demand), EMPTY) is None


def test_an_empty_image_has_none():
    assert evaluate(Expected(no_duplicates=True), EMPTY).passed
