import os
import subprocess
import sys

import pytest

from pytest_damover.race.placing import leave_core, share_core

pytestmark = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system puts no process on a core")


@pytest.fixture
def two():
    both = [subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) for _ in range(2)]
    yield [one.pid for one in both]
    for one in both:
        one.communicate(b"\n")


def test_both_are_on_one_core_which_is_another_one_in_the_next_heat(two):
    ours = sorted(os.sched_getaffinity(0))
    for heat in range(3):
        core = share_core(two, heat)
        assert [os.sched_getaffinity(pid) for pid in two] == [{core}] * 2
        assert core == ours[heat % len(ours)]
    leave_core(two)
    assert [os.sched_getaffinity(pid) for pid in two] == [set(ours)] * 2
    assert os.sched_getaffinity(0) == set(ours)


def test_nobody_to_place_or_nobody_who_may_is_no_core():
    assert share_core([], 0) is None
    assert share_core([2**22 + 1], 0) is None
    leave_core([2**22 + 1])
