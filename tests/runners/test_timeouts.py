"""The wall limits as an ini-file states them."""

import pytest

from pytest_damover.domain.errors import DamoverError
from pytest_damover.runners import Timeouts, read_timeouts


def test_what_is_not_set_stays_as_it_is():
    assert read_timeouts([]) == Timeouts()
    given = read_timeouts(["case = 7", "warm-up=0.5", " load =1e3 ", "start = 2", "unload = 3"])
    assert given == Timeouts(start=2, load=1000, warm_up=0.5, case=7, unload=3)


@pytest.mark.parametrize(
    "line", ["case", "case =", "case = soon", "case = 0", "case = -1", "case = nan", "case = inf", "cases = 1", "= 1"]
)
def test_a_line_that_is_no_limit_is_named_with_what_is_allowed(line):
    with pytest.raises(DamoverError) as refused:
        read_timeouts(["load = 5", line])
    assert len(refused.value.faults) == 1
    assert repr(line) in str(refused.value)
    assert "start, load, warm-up, case, unload" in str(refused.value)


def test_every_line_that_is_wrong_is_named_and_none_may_come_twice():
    with pytest.raises(DamoverError) as refused:
        read_timeouts(["case = 5", "case = 6", "x = 1"])
    assert len(refused.value.faults) == 2
