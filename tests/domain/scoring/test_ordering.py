import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_damover.domain.scoring.ordering import order_of_real, order_of_whole


@pytest.mark.parametrize("largest", [3, 2**16 - 1, 2**16, 2**40, 2**62])
@given(data=st.data())
def test_whole_numbers_keep_their_order_where_equal(largest, data):
    some = data.draw(st.lists(st.integers(0, largest), max_size=4))
    values = np.array(data.draw(st.lists(st.sampled_from([0, largest, *some]), max_size=40)), dtype=np.intp)
    assert order_of_whole(values).tolist() == np.argsort(values, kind="stable").tolist()


@given(
    st.lists(
        st.sampled_from([-1.0, -0.5, np.nextafter(-0.5, 0), -0.0, 0.0, 5e-324, 0.25, np.nextafter(0.25, 1), 1e300]),
        max_size=60,
    )
)
def test_real_numbers_keep_their_order_where_equal(values):
    some = np.array(values)
    assert order_of_real(some).tolist() == np.argsort(some, kind="stable").tolist()


def test_many_equal_ones_among_many():
    values = np.random.default_rng(1).integers(0, 50, 10_000)
    assert np.array_equal(order_of_real(values / 50), np.argsort(values, kind="stable"))
    assert np.array_equal(order_of_whole(values * 10**6), np.argsort(values, kind="stable"))
