import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.diagnosing import confusion as of_arrays
from pytest_damover.domain.scoring.box_arrays import box_arrays
from tests.domain.diagnosing import plain_loops

A, B, AWAY = (0.0, 0.0, 10.0, 10.0), (50.0, 0.0, 60.0, 10.0), (200.0, 0.0, 210.0, 10.0)
KNOWN = [GroundTruth(A, "phone"), GroundTruth(B, "cup")]


def confusion_matrix(known, found, thresholds, iou_threshold, labels=()):
    least = np.array(thresholds, dtype=np.float64)
    return of_arrays.confusion_matrix(box_arrays(known, found), least, iou_threshold, labels)


def counts(found, threshold=0.0, **more):
    result = confusion_matrix([KNOWN], [found], [threshold], 0.5, **more)
    return result.labels, [list(row) for row in result.counts]


def test_by_hand(build):
    found = build.detections((A, 0.9, "phone"), (B, 0.8, "phone"), (AWAY, 0.7, "cup"))
    # rows known, columns found: cup, phone, background
    assert counts(found) == (("cup", "phone"), [[0, 1, 0], [0, 1, 0], [1, 0, 0]])


def test_below_the_threshold_nothing_counts(build):
    found = build.detections((A, 0.9, "phone"), (B, 0.8, "cup"))
    assert counts(found, 0.8)[1] == [[1, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert counts(found, 0.81)[1] == [[0, 0, 1], [0, 1, 0], [0, 0, 0]]


def test_the_better_score_takes_the_object_whatever_its_class_and_of_equal_overlaps_its_own(build):
    wrong_first = build.detections((A, 0.9, "cup"), (A, 0.8, "phone"))
    assert counts(wrong_first)[1] == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]
    both = [GroundTruth(A, "cup"), GroundTruth(A, "phone")]
    result = confusion_matrix([both], [build.detections((A, 0.9, "phone"))], [0.5], 0.5)
    assert result.counts == ((0, 0, 1), (0, 1, 0), (0, 0, 0))


def test_labels_that_nobody_found_have_a_row_when_asked_for(build):
    assert counts(build.detections(), labels=["remote"])[0] == ("cup", "phone", "remote")


BOX = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda at: (*map(float, at), at[0] + 10.0, at[1] + 10.0))
LABEL = st.sampled_from(["cup", "phone"])


@settings(max_examples=100, deadline=None)
@given(
    objects=st.lists(st.tuples(BOX, LABEL), max_size=6),
    found=st.lists(st.tuples(BOX, st.floats(0, 1), LABEL), max_size=6),
    threshold=st.floats(0, 1),
)
def test_every_object_and_every_counted_detection_stands_once(build, objects, found, threshold):
    known = [[GroundTruth(box, label) for box, label in objects]]
    result = confusion_matrix(known, [build.detections(*found)], [threshold], 0.5, ["cup", "phone"])
    for place, label in enumerate(result.labels):
        assert sum(result.counts[place]) == sum(one[1] == label for one in objects)
        column = sum(row[place] for row in result.counts)
        assert column == sum(one[2] == label and one[1] >= threshold for one in found)
    assert result.counts[-1][-1] == 0


def test_thresholds_are_one_for_each_image(build):
    with pytest.raises(ValueError, match="1 thresholds for 2 images"):
        confusion_matrix([KNOWN, KNOWN], [build.detections(), build.detections()], [0.5], 0.5)


def test_of_two_objects_the_one_of_higher_overlap_is_taken(build):
    lower, upper = (0.0, 0.0, 10.0, 10.0), (0.0, 2.0, 10.0, 12.0)  # IoU with each other 2/3
    known = [GroundTruth(lower, "cup"), GroundTruth(upper, "phone")]
    result = confusion_matrix([known], [build.detections((upper, 0.9, "cup"))], [0.5], 0.5)
    assert result.counts == ((0, 0, 1), (1, 0, 0), (0, 0, 0))


def test_what_lies_on_a_crowd_or_an_object_to_ignore_is_left_out(build):
    known = [GroundTruth(A, "phone"), GroundTruth(B, "cup", ignore=True), GroundTruth((0, 50, 90, 90), "cup", True)]
    found = build.detections((A, 0.9, "phone"), (B, 0.8, "phone"), (((5.0, 60.0, 15.0, 70.0)), 0.7, "cup"))
    result = confusion_matrix([known], [found], [0.5], 0.5, ["cup", "phone"])
    assert result.counts == ((0, 0, 0), (0, 1, 0), (0, 0, 0))
    beside = confusion_matrix([known], [build.detections((AWAY, 0.9, "phone"))], [0.5], 0.5)
    assert beside.counts == ((0, 1), (1, 0))


@settings(max_examples=300, deadline=None)
@given(images=st.lists(st.tuples(plain_loops.IMAGE, st.sampled_from([0.0, 0.5, 0.7])), max_size=3))
def test_all_images_at_once_are_what_a_plain_loop_says(images):
    known, found = [objects for (objects, _), _ in images], [detections for (_, detections), _ in images]
    thresholds = [least for _, least in images]
    told = confusion_matrix(known, found, thresholds, 0.5, ["phone"])
    assert told == plain_loops.confusion_matrix(known, found, thresholds, 0.5, ["phone"])
