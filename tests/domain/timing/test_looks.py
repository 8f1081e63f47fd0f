import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_damover.domain.policy_costs import LatencyRule
from pytest_damover.domain.timing.looks import Look, look_pairs, look_reached, looks_of, spend

RULE = LatencyRule(max_ratio=1.1, pairs=20, confidence=0.95)


def test_by_hand():
    assert look_pairs(20, 100) == (20, 32, 48, 72, 100)
    assert spend((50, 100), 0.05) == pytest.approx((0.0031, 0.0469), abs=5e-5)


def test_one_look_has_all_of_alpha():
    assert looks_of(RULE) == (Look(20, pytest.approx(0.05)),)


@pytest.mark.parametrize(
    ("changes", "first", "last"),
    [
        ({"pairs": 29}, 32, 32),
        ({"pairs": 12}, 16, 16),
        ({"pairs": 12, "confidence": 0.99}, 20, 20),
        ({"max_pairs": 100}, 20, 100),
        ({"max_pairs": 10}, 20, 20),
        ({"p90_ms": 5.0}, 64, 64),
        ({"p99_ms": 5.0, "max_pairs": 100}, 664, 664),
    ],
)
def test_the_first_look_has_what_it_takes_and_the_last_is_the_budget(changes, first, last):
    looks = looks_of(dataclasses.replace(RULE, **changes))
    assert (looks[0].pairs, looks[-1].pairs) == (first, last)


@given(st.integers(2, 5000), st.integers(2, 100_000), st.floats(0.0001, 0.5))
def test_looks_grow_to_the_budget_and_spend_all_of_alpha(first, last, alpha):
    pairs = look_pairs(first, max(first, last))
    shares = spend(pairs, alpha)
    assert list(pairs) == sorted(set(pairs))
    assert all(each % 4 == 0 for each in pairs)
    assert max(first, last) <= pairs[-1] <= max(first, last) + 3
    assert all(share >= 0 for share in shares)
    assert sum(shares) == pytest.approx(alpha)


def test_the_look_that_was_reached():
    looks = (Look(20, 0.01), Look(30, 0.04))
    assert [look_reached(looks, pairs) for pairs in (19, 20, 29, 30, 99)] == [None, *looks[:1] * 2, *looks[1:] * 2]
