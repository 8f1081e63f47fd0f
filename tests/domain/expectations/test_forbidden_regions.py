import pytest

from pytest_damover.domain.case import Expected
from pytest_damover.domain.expectations.forbidden_regions import evaluate

REGION = (0.0, 0.0, 30.0, 50.0)


@pytest.mark.parametrize(
    ("box", "score", "passed"),
    [
        ((10, 10, 50, 90), 0.9, False),  # its centre (30, 50) lies on the corner
        ((12, 10, 50, 90), 0.9, True),
        ((10, 10, 50, 90), 0.49, True),
    ],
)
def test_the_centre_decides(build, box, score, passed):
    found = build.detections((box, score, "phone"))
    assert evaluate(Expected(forbidden_regions=(REGION,)), found).passed is passed


def test_a_miss_names_object_place_and_region(build):
    outcome = evaluate(Expected(forbidden_regions=(REGION,)), build.detections(((0, 0, 20, 20), 0.9, "phone")))
    assert outcome.message == (
        "expected no object at score >= 0.50 in a forbidden region, found "
        "phone 0.90 at [0 0 20 20], its centre (10, 10) in [0 0 30 50]"
    )


def test_no_demand(build):
    assert evaluate(Expected(min_objects=1), build.detections()) is None
