"""Slow-downs put into real child processes: one that hits both sides, one that hits one, and in which phase it is.

The network of these revisions is a loop that looks at the clock, so a call takes what it is told to, on any machine.
"""

from __future__ import annotations

import struct
import time

import numpy as np
import pytest

from pytest_damover import race
from pytest_damover.domain.timing import latency
from pytest_damover.domain.timing.phases import IN_ORDER, phase_times
from pytest_damover.images import open_image
from tests.runners.conftest import plant

pytestmark = [pytest.mark.modelscope, pytest.mark.slow]

SPINS = """
import struct as _s, time as _t
import torch as _torch
from modelscope.models.cv.tinynas_detection.detector import SingleStageDetector as _D

_began = [0.0]

def _spin(milliseconds):
    now = _t.perf_counter_ns()
    ramp = 1 + max(0.0, now / 1e9 - _began[0]) * {ramp}
    until = now + int(milliseconds * ramp * 1e6)
    while _t.perf_counter_ns() < until:
        pass

def _forward(self, x):
    _began[:] = _s.unpack("<d", bytes(x[0, 0, 0, :8].to(_torch.uint8).tolist()))
    _spin({forward})
    box = _torch.tensor([[[1.0, 1.0, 20.0, 20.0]]])
    return _torch.cat([box, _torch.full((1, 1, self.num_classes), 0.9)], dim=-1)

_makes_boxes = _D.postprocess

def _postprocess(self, found):
    _spin({postprocess})
    return _makes_boxes(self, found)

_D.forward, _D.postprocess = _forward, _postprocess
"""
ALPHA = 0.001
"""A true ratio is outside of the interval once in a thousand runs of these tests."""


def starting_now():
    """A small picture whose first eight pixels say what time it is, by the clock that all processes share."""
    pixels = np.full((32, 32, 3), 90, np.uint8)
    pixels[0, :8] = np.frombuffer(struct.pack("<d", time.perf_counter()), np.uint8)[:, None]
    return open_image(pixels)


@pytest.fixture(scope="module")
def raced(tmp_path_factory, process_runner):
    """Races two revisions whose phases take so many milliseconds, and `ramp` times more each second."""

    def run(baseline, candidate, ramp=0.0, pairs=600):
        root, detectors = tmp_path_factory.mktemp("spinning"), []
        for name, (forward, postprocess) in (("v1", baseline), ("v2", candidate)):
            folder = plant(root / name, SPINS.format(ramp=ramp, forward=forward, postprocess=postprocess))
            detectors.append(process_runner.load(name, folder, beside=True))
        return race.race(lambda _: tuple(detectors), race.Course([starting_now()], [pairs]))

    return run


def test_a_ramp_that_hits_both_leaves_the_ratio_at_one(raced):
    """Each call takes longer than the one before; the last ones at least a third longer than the first."""
    pairs = raced((1, 0.5), (1, 0.5), ramp=0.5, pairs=300).pairs_ns
    first, last = (np.median([time for pair in some for time in pair]) for some in (pairs[:50], pairs[-50:]))
    assert last > 1.3 * first
    low, high = latency.race(pairs, ALPHA).interval
    assert low <= 1 <= high


@pytest.mark.parametrize("ramp", [0.0, 0.5])
def test_a_true_slow_down_of_ten_percent_of_one_is_found(raced, ramp):
    """Also on top of a ramp that hits both."""
    low, high = latency.race(raced((1, 0.5), (1.2, 0.55), ramp).pairs_ns, ALPHA).interval
    assert low > 1
    assert high < 1.3


def test_a_slow_down_in_one_phase_is_seen_in_that_phase(raced):
    """The candidate's making of boxes takes twice as long, and the whole call a third longer."""
    result = raced((1, 0.5), (1, 1))
    told = {one.name: one for one in phase_times(result.phases_ns, len(result.pairs_ns), ALPHA)}
    assert told["postprocess"].interval[0] > 1.3
    assert told["forward"].interval[0] < 1.1
    assert told["forward"].interval[1] > 0.9
    sums = np.sum([result.phases_ns[name] for name in IN_ORDER], axis=0)
    assert (sums == np.array(result.pairs_ns)).all()
