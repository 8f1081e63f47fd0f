import pytest

from pytest_damover.domain.case import Expected, GroundTruth
from pytest_damover.domain.expectations.count import evaluate


@pytest.fixture
def two_phones(build):
    return build.detections((build.PHONE, 0.9, "phone"), (build.PHONE, 0.62, "phone"))


@pytest.mark.parametrize(
    ("low", "high", "threshold", "passed"),
    [(1, 1, 0.8, True), (2, 2, 0.5, True), (2, None, 0.8, False), (None, 1, 0.5, False), (0, 0, 0.95, True)],
)
def test_counts_objects_at_or_above_the_threshold(two_phones, low, high, threshold, passed):
    expected = Expected(confidence_threshold=threshold, min_objects=low, max_objects=high)
    assert evaluate(expected, two_phones).passed is passed


def test_an_object_exactly_at_the_threshold_counts(two_phones):
    assert evaluate(Expected(confidence_threshold=0.62, min_objects=2), two_phones).passed


def test_too_few_names_the_best_candidate(build):
    found = build.detections((build.PHONE, 0.62, "phone"))
    outcome = evaluate(Expected(0.8, min_objects=1, max_objects=1, labels=("phone",)), found)
    assert outcome.message == ("expected 1 phone at score >= 0.80, found 0; best candidate phone 0.62 at [10 10 50 90]")


def test_too_many_names_the_objects(two_phones):
    outcome = evaluate(Expected(0.5, max_objects=1), two_phones)
    assert outcome.message == (
        "expected at most 1 object at score >= 0.50, found 2: phone 0.90 at [10 10 50 90], phone 0.62 at [10 10 50 90]"
    )


def test_the_best_candidate_is_told_beside_the_expected_box(build):
    truths = (GroundTruth((10.0, 10.0, 50.0, 90.0), "phone"), GroundTruth((200.0, 0.0, 240.0, 80.0), "phone"))
    expected = Expected(0.8, min_objects=2, expected_boxes=truths)
    # 40 x 80 against the same moved by 10: 30 * 80 / (2 * 3200 - 2400) = 0.60
    found = build.detections(((20, 10, 60, 90), 0.62, "phone"), ((500, 0, 540, 80), 0.3, "phone"))
    assert evaluate(expected, found).message == (
        "expected at least 2 object(s) at score >= 0.80, found 0; best candidates "
        "phone 0.62 at [20 10 60 90], IoU 0.60 with the expected box [10 10 50 90]; "
        "phone 0.30 at [500 0 540 80], on no expected box"
    )


def test_only_as_many_candidates_as_are_missing(two_phones):
    message = evaluate(Expected(0.95, min_objects=1), two_phones).message
    assert message.endswith("found 0; best candidate phone 0.90 at [10 10 50 90]")


def test_nothing_at_all(build):
    message = evaluate(Expected(0.8, min_objects=1), build.detections()).message
    assert message == "expected at least 1 object at score >= 0.80, found 0, and nothing with a lower score"


def test_with_labels_only_these_are_counted(build):
    found = build.detections((build.PHONE, 0.9, "laptop"), (build.PHONE, 0.4, "phone"), (build.PHONE, 0.7, "laptop"))
    outcome = evaluate(Expected(min_objects=1, labels=("phone",)), found)
    assert outcome.message == (
        "expected at least 1 phone at score >= 0.50, found 0; best candidate phone 0.40 at [10 10 50 90]"
    )
    assert evaluate(Expected(max_objects=2, labels=("laptop", "phone")), found).passed
    assert evaluate(Expected(max_objects=0, labels=("phone",)), found).passed


def test_a_score_that_rounds_to_the_threshold_is_told_in_full(build):
    message = evaluate(Expected(0.8, min_objects=1), build.detections((build.PHONE, 0.7996, "phone"))).message
    assert "phone 0.7996 at" in message


def test_nothing_demanded_is_none(two_phones):
    assert evaluate(Expected(labels=("phone",)), two_phones) is None
