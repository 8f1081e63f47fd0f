"""Two matchings at once: as many objects as possible on each side, and of those as many as possible on both."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_damover.domain.comparing.flip_matching import jointly_matched
from pytest_damover.domain.scoring import box_pairs
from pytest_damover.domain.scoring.box_pairs import NOBODY, Boxes, overlapping
from pytest_damover.domain.scoring.matching import iou_matrix, maximum_matching


@st.composite
def two_sides(draw):
    objects = draw(st.integers(1, 5))
    widths = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    return tuple(
        np.array(draw(st.lists(st.booleans(), min_size=objects * width, max_size=objects * width)), dtype=bool).reshape(
            objects, width
        )
        for width in widths
    )


def bases(fits):
    """Every largest set of objects that can be found together, by trying all of them."""
    rows = range(len(fits))
    for size in reversed(range(len(fits) + 1)):
        found = [set(some) for some in combinations(rows, size) if _all_found(fits[list(some)])]
        if found:
            return found
    raise AssertionError


def _all_found(fits):
    return None not in maximum_matching(fits)


def held(partners):
    return set(np.flatnonzero(partners != NOBODY).tolist())


@settings(max_examples=300, deadline=None)
@given(two_sides())
def test_as_many_as_possible_on_each_side_and_of_those_as_many_as_possible_on_both(sides):
    partners = jointly_matched(*sides)
    for fits, side in zip(sides, partners, strict=True):
        taken = [(row, column) for row, column in enumerate(side.tolist()) if column != NOBODY]
        assert all(fits[row, column] for row, column in taken)
        assert len({column for _, column in taken}) == len(taken)
    first, second = (bases(fits) for fits in sides)
    assert held(partners[0]) in first
    assert held(partners[1]) in second
    assert len(held(partners[0]) & held(partners[1])) == max(len(one & other) for one in first for other in second)


@pytest.mark.parametrize("turned", [False, True])
def test_a_box_on_two_objects_makes_no_flip_by_hand(turned):
    """One side's box fits A and B, the other's B alone: taken for A, it would read "A broken, B fixed"."""
    both, second_only = np.array([[True], [True]]), np.array([[False], [True]])
    sides = (second_only, both) if turned else (both, second_only)
    assert [side.tolist() for side in jointly_matched(*sides)] == [[NOBODY, 0], [NOBODY, 0]]


def boxes(images):
    rows = [(image, box) for image, some in enumerate(images) for box in some]
    places = np.array([box for _, box in rows], dtype=float).reshape(-1, 4)
    image = np.array([image for image, _ in rows], dtype=np.intp)
    return Boxes(image, np.zeros_like(image), np.ones(len(rows)), places)


COORDINATE = st.integers(0, 20)
SOME = st.lists(
    st.tuples(COORDINATE, COORDINATE, st.integers(1, 9), st.integers(1, 9)).map(
        lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
    ),
    max_size=4,
)


@settings(max_examples=150, deadline=None)
@given(images=st.lists(st.tuples(SOME, SOME), max_size=5), at_once=st.sampled_from([1, 3, 1000]))
def test_overlapping_finds_what_the_matrices_of_the_images_show(images, at_once):
    rows, columns = boxes([one for one, _ in images]), boxes([other for _, other in images])
    least = np.full(len(images), 0.2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(box_pairs, "_PAIRS_AT_ONCE", at_once)
        pairs = overlapping(rows, columns, least)
    overlaps = iou_matrix(rows.box, columns.box) * (rows.image[:, None] == columns.image[None, :])
    row, column = np.nonzero(overlaps >= 0.2)
    assert (pairs.row.tolist(), pairs.column.tolist()) == (row.tolist(), column.tolist())
    assert pairs.iou.tolist() == overlaps[row, column].tolist()
