import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.detection import EMPTY
from pytest_damover.domain.scoring import greedy
from pytest_damover.domain.scoring.matching import (
    COCO_IOUS,
    MAX_DETECTIONS_PER_CLASS,
    NO_TRUTH,
    iou_matrix,
    match_images,
    match_images_at,
    maximum_matching,
)

SQUARE = (0.0, 0.0, 10.0, 10.0)
corner = st.integers(0, 30)


@st.composite
def boxes(draw):
    x, y, width, height = draw(corner), draw(corner), draw(st.integers(1, 20)), draw(st.integers(1, 20))
    return (float(x), float(y), float(x + width), float(y + height))


def truth(box, label="phone"):
    return GroundTruth(box, label)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (SQUARE, 1.0),
        ((0, 0, 10, 5), 0.5),
        ((5, 0, 15, 10), 1 / 3),  # 50 shared of 150
        ((10, 0, 20, 10), 0.0),
        ((20, 20, 30, 30), 0.0),
        ((5, 5, 5, 5), 0.0),
    ],
)
def test_iou_by_hand(other, expected):
    assert iou_matrix(np.array([SQUARE]), np.array([other], dtype=float))[0, 0] == pytest.approx(expected, abs=1e-15)


@given(st.lists(boxes(), max_size=4), st.lists(boxes(), max_size=4))
def test_iou_is_symmetric_and_a_fraction(first, second):
    a, b = (np.array(some, dtype=float).reshape(-1, 4) for some in (first, second))
    overlaps = iou_matrix(a, b)
    assert overlaps.shape == (len(first), len(second))
    assert np.array_equal(overlaps, iou_matrix(b, a).T)
    assert ((overlaps >= 0) & (overlaps <= 1)).all()


def test_each_takes_the_best_free_truth_by_score(build):
    near, far = (0.0, 0.0, 10.0, 8.0), (0.0, 0.0, 10.0, 6.0)
    found = build.detections((SQUARE, 0.5, "phone"), (SQUARE, 0.9, "phone"), (SQUARE, 0.4, "phone"))
    table = match_images([[truth(far), truth(near)]], [found], 0.5)
    assert table.score.tolist() == [0.9, 0.5, 0.4]
    assert table.truth.tolist() == [1, 0, NO_TRUTH]


def test_of_equal_ious_the_last_truth_is_taken_as_in_coco(build):
    table = match_images([[truth(SQUARE), truth(SQUARE)]], [build.detections((SQUARE, 0.9, "phone"))], 0.5)
    assert table.truth.tolist() == [1]


def test_labels_and_images_do_not_mix(build):
    found = build.detections((SQUARE, 0.9, "remote"))
    table = match_images([[truth(SQUARE)], [truth(SQUARE, "remote")]], [found, EMPTY], 0.5)
    assert table.truth.tolist() == [NO_TRUTH]


def test_equal_scores_keep_image_order_and_then_their_own(build):
    pair = build.detections((SQUARE, 0.5, "a"), (SQUARE, 0.5, "b"))
    table = match_images([[], []], [pair, pair], 0.5)
    assert table.image.tolist() == [0, 0, 1, 1]
    assert [table.labels[label] for label in table.label] == ["a", "b", "a", "b"]


def test_only_the_best_hundred_of_an_image_and_class_count(build):
    many = build.detections(*((SQUARE, 0.5 + index / 1000, "phone") for index in range(130)))
    table = match_images([[truth(SQUARE)]], [many], 0.5)
    assert len(table.image) == MAX_DETECTIONS_PER_CLASS
    assert table.score.min() == 0.53


def test_the_table_of_some_images_is_that_of_matching_only_those(build):
    rng = np.random.default_rng(5)
    truths = [[truth((*rng.integers(0, 9, 2).tolist(), 20, 20))] * int(rng.integers(0, 3)) for _ in range(9)]
    found = [
        build.detections(*(((0, 0, 20, 20), s, "phone") for s in rng.random(int(rng.integers(0, 4))))) for _ in truths
    ]
    chosen = np.array([7, 2, 3])
    part = match_images(truths, found, 0.5).of_images(chosen)
    fresh = match_images([truths[i] for i in chosen], [found[i] for i in chosen], 0.5)
    assert part.images == 3
    assert part.image.tolist() == fresh.image.tolist()
    assert (part.truth != NO_TRUTH).tolist() == (fresh.truth != NO_TRUTH).tolist()
    assert np.bincount(part.truth_image, minlength=3).tolist() == np.bincount(fresh.truth_image, minlength=3).tolist()
    held = part.truth != NO_TRUTH
    assert (part.truth_image[part.truth[held]] == part.image[held]).all()


def test_several_thresholds_share_ranks_and_each_is_as_if_alone(build):
    rng = np.random.default_rng(8)
    shifted = [(0, 0, 20, 20 - s) for s in rng.integers(0, 9, 30).tolist()]
    found = [build.detections(*((box, float(s), "phone") for box, s in zip(shifted, rng.random(30), strict=True)))]
    known = [[truth((0, 0, 20, 18.6 - s)) for s in range(0, 18, 2)]]
    tables = match_images_at(known, found, COCO_IOUS)
    assert len(tables) == len(COCO_IOUS) == 10
    for table, threshold in zip(tables, COCO_IOUS, strict=True):
        alone = match_images(known, found, threshold)
        assert table.truth.tolist() == alone.truth.tolist()
        assert (table.score.tolist(), table.place.tolist()) == (alone.score.tolist(), alone.place.tolist())
    assert np.count_nonzero(tables[0].hit) > np.count_nonzero(tables[-1].hit) > 0


def test_a_crowd_takes_any_number_and_an_object_to_ignore_one(build):
    """Of the crowd's box the detections cover a hundredth: what counts is how much of the detection lies in it."""
    inside = [((float(x), 0.0, x + 10.0, 10.0), 0.9, "phone") for x in range(0, 50, 10)]
    table = match_images([[GroundTruth((0, 0, 100, 100), "phone", crowd=True)]], [build.detections(*inside)], 0.5)
    assert (table.truth.tolist(), table.ignored.all(), table.objects) == ([0] * 5, True, 0)
    twice = build.detections((SQUARE, 0.9, "phone"), (SQUARE, 0.8, "phone"))
    table = match_images([[GroundTruth(SQUARE, "phone", ignore=True)]], [twice], 0.5)
    assert (table.truth.tolist(), table.ignored.tolist()) == ([0, NO_TRUTH], [True, False])


def test_an_object_to_ignore_is_taken_only_where_no_other_is_left(build):
    known = [truth((0, 0, 10, 8)), GroundTruth(SQUARE, "phone", ignore=True)]
    twice = build.detections((SQUARE, 0.9, "phone"), (SQUARE, 0.8, "phone"))
    table = match_images([known], [twice], 0.5)
    assert (table.truth.tolist(), table.hit.tolist()) == ([0, 1], [True, False])


def test_the_size_of_blocks_changes_nothing(build, monkeypatch):
    rng = np.random.default_rng(2)
    known = [[truth((0, 0, 20, 20 - s)) for s in rng.integers(0, 9, 5).tolist()] for _ in range(20)]
    found = [
        build.detections(*(((0, 0, 20, 20 - s), float(rng.random()), "phone") for s in rng.integers(0, 9, 6).tolist()))
        for _ in range(20)
    ]
    whole = match_images(known, found, 0.7).truth.tolist()
    monkeypatch.setattr(greedy, "PAIRS_AT_ONCE", 1)
    assert match_images(known, found, 0.7).truth.tolist() == whole


def test_no_images_at_all():
    table = match_images([], [], 0.5)
    assert (table.images, len(table.image), len(table.truth_image)) == (0, 0, 0)


def test_maximum_matching_undoes_a_greedy_choice():
    assert maximum_matching(np.array([[1, 1], [1, 0]], dtype=bool)) == (1, 0)
    assert maximum_matching(np.zeros((2, 0), dtype=bool)) == (None, None)


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 2**32 - 1))
def test_maximum_matching_is_as_large_as_scipys(rows, columns, seed):
    csgraph = pytest.importorskip("scipy.sparse.csgraph")
    from scipy.sparse import csr_matrix

    fits = np.random.default_rng(seed).random((rows, columns)) < 0.35
    partners = maximum_matching(fits)
    taken = [partner for partner in partners if partner is not None]
    best = csgraph.maximum_bipartite_matching(csr_matrix(fits), perm_type="column")
    assert len(taken) == len(set(taken)) == int((best >= 0).sum())
    assert all(fits[row, column] for row, column in enumerate(partners) if column is not None)
