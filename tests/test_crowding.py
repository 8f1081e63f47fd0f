import os
import subprocess
import sys
import time

import pytest

from pytest_damover.race.crowding import SHARE, Crowding, waited_ns


@pytest.mark.parametrize(
    ("waited", "crowded"), [((0, 0), []), ((30, 30), []), ((31, 0), [1, 0]), ((0, 31), [0, 1]), ((31, 31), [1, 1])]
)
def test_a_side_that_waited_for_more_than_a_share_of_its_calls_is_crowded(waited, crowded):
    assert SHARE == 0.03
    crowding = Crowding()
    assert crowding.throws_away(waited, (1000, 1000), 8) is bool(crowded)
    assert crowding.sides == (crowded or [0, 0])


def test_no_more_quads_are_thrown_away_than_may_be():
    crowding = Crowding()
    assert [crowding.throws_away((9, 9), (9, 9), 2) for _ in range(3)] == [True, True, False]
    assert crowding.throws_away((9, 9), (9, 9), 3)


@pytest.mark.parametrize("side", [0, 1])
def test_a_side_that_is_in_its_own_way_is_as_slow_as_it_is(side):
    crowding = Crowding()
    waited = [0, 0]
    waited[side] = 9
    assert [crowding.throws_away(waited, (9, 9), 100) for _ in range(50)] == [True] * 10 + [False] * 40


def test_who_is_crowded_by_a_neighbour_now_and_then_stays_even():
    crowding = Crowding()
    assert all(crowding.throws_away((9, 0) if turn % 3 else (0, 9), (9, 9), 100) for turn in range(50))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how long a process waited for a core")
def test_two_processes_on_one_core_wait_for_each_other():
    core = min(os.sched_getaffinity(0))
    spin = f"import os, time\nos.sched_setaffinity(0, {{{core}}})\nprint(1, flush=True)\nwhile True: pass"
    both = [subprocess.Popen([sys.executable, "-c", spin], stdout=subprocess.PIPE) for _ in range(2)]
    try:
        for one in both:
            assert one.stdout is not None
            one.stdout.readline()
        before = [waited_ns(one.pid) for one in both]
        until = time.monotonic() + 30
        while not all(waited_ns(one.pid) - was > 50e6 for one, was in zip(both, before, strict=True)):
            assert time.monotonic() < until
            time.sleep(0.05)
    finally:
        for one in both:
            one.kill()
            one.communicate()


def test_a_process_that_is_gone_has_not_waited():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert waited_ns(gone.pid) == 0
    assert waited_ns() >= 0
