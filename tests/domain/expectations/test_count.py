import pytest

from pytest_damover.domain.case import Expected
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
    assert outcome.message == "expected 1 phone at score >= 0.80, found 0; best candidate 0.62 (phone)"


def test_too_many_names_the_objects(two_phones):
    outcome = evaluate(Expected(0.5, max_objects=1), two_phones)
    assert outcome.message == "expected at most 1 object(s) at score >= 0.50, found 2: phone 0.90, phone 0.62"


def test_nothing_demanded_is_none(two_phones):
    assert evaluate(Expected(labels=("phone",)), two_phones) is None
