"""Brightness, contrast and blur: by hand, and what must not change them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_damover.domain.slicing.luma import measure


def grey(values):
    """An RGB image whose copy, of half the size, has these luma values."""
    doubled = np.asarray(values, dtype=np.uint8).repeat(2, axis=0).repeat(2, axis=1)
    return np.repeat(doubled[..., None], 3, axis=2)


def test_the_example_of_the_docstring():
    values = np.zeros((4, 4))
    values[1, 1] = 200
    assert measure(grey(values)) == pytest.approx((12.5, 48.4123, 170_000), rel=1e-5)


@pytest.mark.parametrize(("colour", "luma"), [((255, 0, 0), 76.245), ((0, 255, 0), 149.685), ((0, 0, 255), 29.07)])
def test_luma_is_that_of_bt_601(colour, luma):
    assert measure(np.full((12, 12, 3), colour, dtype=np.uint8)) == pytest.approx((luma, 0, 0), abs=1e-3)


@pytest.mark.parametrize(
    ("size", "measured"), [((6, 6), True), ((5, 600), False), ((1, 1), False), ((513, 1025), True)]
)
def test_an_image_without_room_for_one_laplacian_is_not_measured(size, measured):
    assert (measure(np.zeros((*size, 3), dtype=np.uint8)) is not None) is measured


def test_a_large_image_is_measured_on_a_copy_of_at_most_256_px():
    # a chequerboard of single pixels: every second pixel of 1024 is of one colour, and nothing is left to blur
    board = (np.indices((1024, 1024)).sum(axis=0) % 2 * 255).astype(np.uint8)
    image = np.repeat(board[..., None], 3, axis=2)
    assert measure(image) == pytest.approx((0, 0, 0), abs=1e-3)
    assert measure(image[:512, :512]) == pytest.approx((127.5, 0, 0), abs=1e-3)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(24, 40), st.integers(24, 40))
def test_turning_it_by_90_degrees_changes_nothing_and_blurring_makes_it_less_sharp(seed, height, width):
    noise = np.random.default_rng(seed).integers(0, 256, (2 * height, 2 * width, 3), dtype=np.uint8)
    turned = measure(np.rot90(noise))
    assert turned == pytest.approx(measure(noise), rel=1e-4)
    softer = (noise[:-2].astype(int) + noise[1:-1] + noise[2:]) // 3
    assert measure(softer.astype(np.uint8)).blur < turned.blur
