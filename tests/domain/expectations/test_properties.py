"""What holds for every case and every detection, whatever the numbers are."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_damover.domain.case import Expected, GroundTruth
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.expectations import evaluate_all
from pytest_damover.domain.in_words import beside_limit, limit_in_words

LABELS = st.sampled_from(["phone", "cup", "remote"])
SIDES = st.integers(0, 40).map(float)
BOXES = st.tuples(SIDES, SIDES, st.integers(1, 30), st.integers(1, 30)).map(
    lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3])
)
SCORES = st.floats(0, 1)
FOUND = st.lists(st.tuples(BOXES, SCORES, LABELS), max_size=7)
EXPECTED = st.builds(
    Expected,
    confidence_threshold=st.floats(0.01, 1),
    iou_threshold=st.floats(0.01, 1),
    min_objects=st.none() | st.integers(0, 4),
    max_objects=st.none() | st.integers(0, 4),
    labels=st.none() | st.lists(LABELS, min_size=1, max_size=2, unique=True).map(tuple),
    forbidden_regions=st.none() | st.lists(BOXES, max_size=2).map(tuple),
    no_duplicates=st.none() | st.booleans(),
    expected_boxes=st.none() | st.lists(st.builds(GroundTruth, BOXES, LABELS), max_size=4).map(tuple),
)


def detections(found):
    return Detections.of([one[0] for one in found], [one[1] for one in found], [one[2] for one in found])


def outcomes(expected, found):
    return {outcome.kind: outcome.passed for outcome in evaluate_all(expected, detections(found))}


@given(EXPECTED, FOUND, st.randoms())
def test_the_order_of_the_detections_changes_nothing(expected, found, random):
    mixed = random.sample(found, len(found))
    assert outcomes(expected, mixed) == outcomes(expected, found)


@given(EXPECTED, FOUND, st.data())
def test_finding_less_breaks_no_upper_limit(expected, found, data):
    at_most = replace(expected, min_objects=None, expected_boxes=None)
    fewer = [one for one in found if data.draw(st.booleans())]
    before, after = outcomes(at_most, found), outcomes(at_most, fewer)
    assert all(after[kind] for kind, passed in before.items() if passed)


@given(EXPECTED, FOUND, st.tuples(BOXES, SCORES, LABELS))
def test_finding_more_breaks_no_lower_limit(expected, found, another):
    at_least = Expected(
        expected.confidence_threshold,
        expected.iou_threshold,
        min_objects=expected.min_objects,
        expected_boxes=expected.expected_boxes,
    )
    before, after = outcomes(at_least, found), outcomes(at_least, [*found, another])
    assert all(after[kind] for kind, passed in before.items() if passed)


@given(EXPECTED, FOUND, SCORES, LABELS)
def test_a_box_far_away_changes_nothing_for_the_expected_ones(expected, found, score, label):
    boxes = replace(expected, min_objects=None, max_objects=None, labels=None, forbidden_regions=None)
    far = ((5000.0, 5000.0, 5040.0, 5040.0), score, label)
    assert outcomes(boxes, [*found, far]) == outcomes(boxes, found)


@given(EXPECTED, FOUND)
def test_a_case_comes_out_the_same_whether_labels_are_counted_or_all_objects(expected, found):
    counting_all = [
        *evaluate_all(replace(expected, labels=None), detections(found)),
        *evaluate_all(Expected(expected.confidence_threshold, labels=expected.labels), detections(found)),
    ]
    assert all(outcomes(expected, found).values()) == all(outcome.passed for outcome in counting_all)


@given(EXPECTED, FOUND)
def test_every_miss_says_what_was_expected_and_what_was_found(expected, found):
    for outcome in evaluate_all(expected, detections(found)):
        assert "found" in outcome.message or outcome.message == "no box expected"
        assert outcome.passed or limit_in_words(expected.confidence_threshold) in outcome.message


@given(SCORES, SCORES)
def test_a_value_is_told_on_its_side_of_the_limit(value, limit):
    assert (float(beside_limit(value, limit)) >= limit) == (value >= limit)
    assert float(limit_in_words(limit)) == limit


@pytest.mark.parametrize(
    ("value", "limit", "told"), [(0.62, 0.8, "0.62"), (0.798, 0.8, "0.798"), (0.79996, 0.8, "0.799960")]
)
def test_as_many_digits_as_it_takes(value, limit, told):
    assert beside_limit(value, limit) == told
