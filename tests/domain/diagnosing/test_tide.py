import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.diagnosing import tide as of_arrays
from pytest_damover.domain.diagnosing.tide import ErrorKind
from pytest_damover.domain.scoring.box_arrays import box_arrays
from pytest_damover.domain.scoring.matching import iou_matrix, match_arrays, match_images
from pytest_damover.domain.scoring.metrics import average_precision
from tests.domain.diagnosing import plain_loops

A, B, AWAY = (0.0, 0.0, 10.0, 10.0), (50.0, 0.0, 60.0, 10.0), (200.0, 0.0, 210.0, 10.0)
NEAR_B = (50.0, 0.0, 60.0, 4.0)  # IoU 0.4 with B
HALF = 51 / 101


def tide(known, found):
    arrays = box_arrays(known, found)
    return of_arrays.tide(arrays, match_arrays(arrays, (of_arrays.FOREGROUND_IOU,))[0][0])


def truths(*objects):
    return [GroundTruth(box, label) for box, label in objects]


TWO_PHONES = truths((A, "phone"), (B, "phone"))


@pytest.mark.parametrize(
    ("more", "kind", "gain"),
    [
        # after a hit on A, one wrong detection and B not found: AP50 is 51/101 before
        ((NEAR_B, 0.7, "phone"), ErrorKind.LOCATION, 1 - HALF),
        ((B, 0.7, "cup"), ErrorKind.CLASS, 1 - HALF),
        (((50.0, 0.0, 60.0, 1.0), 0.7, "phone"), ErrorKind.LOCATION, 1 - HALF),  # IoU 0.1
        (((50.0, 0.0, 60.0, 1.0), 0.7, "cup"), ErrorKind.BACKGROUND, 0.0),
        ((A, 0.7, "phone"), ErrorKind.DUPLICATE, 0.0),
        ((NEAR_B, 0.7, "cup"), ErrorKind.BOTH, 0.0),
        ((AWAY, 0.7, "phone"), ErrorKind.BACKGROUND, 0.0),
        ((AWAY, 0.7, "cup"), ErrorKind.BACKGROUND, 0.0),
        # before the hit it halves the precision: 51/101 * 1/2
        ((AWAY, 0.95, "phone"), ErrorKind.BACKGROUND, HALF / 2),
    ],
)
def test_each_kind_by_hand(build, more, kind, gain):
    result = tide([TWO_PHONES], [build.detections((A, 0.9, "phone"), more)])
    aims_at_b = kind in (ErrorKind.LOCATION, ErrorKind.CLASS)
    wanted = {kind: 1} | ({} if aims_at_b else {ErrorKind.MISSED: 1})
    assert {one: n for one, n in result.counts.items() if n} == wanted
    assert result.gains[kind] == pytest.approx(gain, abs=1e-12)


def test_a_missed_object_is_no_longer_demanded(build):
    result = tide([TWO_PHONES], [build.detections((A, 0.9, "phone"))])
    assert result.counts[ErrorKind.MISSED] == 1
    assert (result.ap50, result.gains[ErrorKind.MISSED]) == (pytest.approx(HALF), pytest.approx(1 - HALF))


def test_the_worked_example(build):
    found = build.detections((A, 0.9, "phone"), (A, 0.8, "phone"), (NEAR_B, 0.7, "phone"))
    result = tide([TWO_PHONES], [found])
    assert result.ap50 == pytest.approx(HALF)
    assert result.gains[ErrorKind.DUPLICATE] == pytest.approx(0)
    assert result.gains[ErrorKind.LOCATION] == pytest.approx((51 + 50 * 2 / 3) / 101 - HALF)


def test_of_two_that_aim_at_one_object_the_better_scored_takes_it(build):
    found = build.detections((A, 0.9, "phone"), (NEAR_B, 0.7, "phone"), (NEAR_B, 0.8, "phone"))
    result = tide([TWO_PHONES], [found])
    assert (result.counts[ErrorKind.LOCATION], result.counts[ErrorKind.MISSED]) == (2, 0)
    assert result.gains[ErrorKind.LOCATION] == pytest.approx(1 - HALF)


def test_an_error_that_aims_at_a_taken_object_is_gone_when_put_right(build):
    """It stands between the two hits: precision of the second is 2/3 with it and 1 without."""
    near_a = (0.0, 0.0, 10.0, 4.0)
    found = build.detections((A, 0.9, "phone"), (near_a, 0.8, "phone"), (B, 0.7, "phone"))
    result = tide([TWO_PHONES], [found])
    assert (result.counts[ErrorKind.LOCATION], result.counts[ErrorKind.MISSED]) == (1, 0)
    assert result.gains[ErrorKind.LOCATION] == pytest.approx(50 / 101 / 3)


def test_no_data_is_no_gain(build):
    nothing_known = tide([[]], [build.detections((A, 0.9, "phone"))])
    assert (nothing_known.ap50, set(nothing_known.gains.values())) == (None, {None})
    assert nothing_known.counts[ErrorKind.BACKGROUND] == 1
    nothing_found = tide([TWO_PHONES], [build.detections()])
    assert nothing_found.ap50 == 0
    assert nothing_found.gains[ErrorKind.MISSED] is None  # with both gone nothing is demanded any more
    assert nothing_found.counts[ErrorKind.MISSED] == 2
    assert tide([], []).ap50 is None


def crowded(rng):
    """Two images with everything that can go wrong."""
    known, found = [], []
    for _ in range(2):
        boxes = [(x, y, x + 12, y + 12) for x, y in rng.uniform(0, 50, (rng.integers(0, 5), 2))]
        known.append(truths(*((box, f"c{rng.integers(2)}") for box in boxes)))
        near = [np.array(box) + rng.normal(0, 3, 4) for box in boxes for _ in range(rng.integers(0, 4))]
        far = [(x, y, x + 12, y + 12) for x, y in rng.uniform(0, 50, (rng.integers(0, 3), 2))]
        labels = [f"c{rng.integers(2)}" for _ in [*near, *far]]
        found.append(Detections.of([*near, *far], rng.uniform(0.05, 1, len(labels)), labels))
    return known, found


def really_put_right(known, found, kind):
    """AP50 after boxes were moved, labels changed, detections and objects taken out, and all matched again."""
    table = match_images(known, found, 0.5)
    numbers = np.cumsum([0, *map(len, known)])
    put_right, demanded = [], []
    for image, (objects, detections) in enumerate(zip(known, found, strict=True)):
        taken = set((table.truth[table.image == image] - numbers[image]).tolist())
        right = dict(zip(table.score[table.image == image], table.truth[table.image == image] >= 0, strict=True))
        kept, aimed, given = [], set(), set()
        for place in np.argsort(-detections.scores):
            box, score, label = detections.boxes[place], detections.scores[place], detections.labels[place]
            overlap = [iou_matrix(box[None], np.array([one.box]))[0, 0] for one in objects]
            own = max((v for v, one in zip(overlap, objects, strict=True) if one.label == label), default=0)
            other = max((v for v, one in zip(overlap, objects, strict=True) if one.label != label), default=0)
            what = next(
                name
                for name, is_it in (
                    (None, right[score]),
                    (ErrorKind.LOCATION, 0.1 <= own < 0.5),
                    (ErrorKind.CLASS, other >= 0.5),
                    (ErrorKind.DUPLICATE, own >= 0.5),
                    (ErrorKind.BOTH, other > 0.1),
                    (ErrorKind.BACKGROUND, True),
                )
                if is_it
            )
            if what in (ErrorKind.LOCATION, ErrorKind.CLASS):
                is_own = [(one.label == label) == (what is ErrorKind.LOCATION) for one in objects]
                best = int(np.argmax(np.where(is_own, overlap, -1)))
                aimed.add(best)
                if what is kind and best not in taken | given:
                    given.add(best)
                    box, label, what = np.array(objects[best].box), objects[best].label, None
            if what is None or what is not kind:
                kept.append((box, score, label))
        missed = set(range(len(objects))) - taken - aimed if kind is ErrorKind.MISSED else set()
        demanded.append([one for place, one in enumerate(objects) if place not in missed])
        put_right.append(Detections.of(*([one[i] for one in kept] for i in range(3))))
    return average_precision(match_images(demanded, put_right, 0.5))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_gains_are_those_of_detections_that_were_really_changed(seed):
    known, found = crowded(np.random.default_rng(seed))
    result = tide(known, found)
    table = match_images(known, found, 0.5)
    wrong = sum(n for kind, n in result.counts.items() if kind is not ErrorKind.MISSED)
    assert wrong + (table.truth >= 0).sum() == sum(map(len, found))
    for kind, gain in result.gains.items():
        after = really_put_right(known, found, kind)
        if after is None or result.ap50 is None:
            assert gain is None
        else:
            assert gain == pytest.approx(after - result.ap50, abs=1e-12), kind


def test_of_each_class_as_many_count_as_for_ap(build):
    """The 101st of a class in one image is as if it had not been reported."""
    found = build.detections(*((AWAY, 0.9 - i / 1000, "phone") for i in range(100)), (A, 0.5, "phone"))
    result = tide([TWO_PHONES], [found])
    assert (result.counts[ErrorKind.BACKGROUND], result.counts[ErrorKind.MISSED]) == (100, 2)
    strays = build.detections(*((AWAY, 0.9, "cup"),) * 101, (A, 0.5, "phone"))
    assert tide([TWO_PHONES], [strays]).ap50 == pytest.approx(51 / 101 / 101)


@settings(max_examples=300, deadline=None)
@given(images=st.lists(plain_loops.IMAGE, max_size=3))
def test_all_images_at_once_are_what_a_plain_loop_says(images):
    known, found = [objects for objects, _ in images], [detections for _, detections in images]
    assert tide(known, found) == plain_loops.tide(known, found)
