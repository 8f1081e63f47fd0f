"""The nominal 95 % interval holds the truth in about 95 % of A/A pairs, and the test would notice if it did not.

`benchmarks/interval_coverage.py` does the same with more images, AP50:95 and groups; docs/statistics.md has its table.
"""

import numpy as np
import pytest

from benchmarks.siblings import scene, sibling
from pytest_damover.domain.scoring import resampling
from pytest_damover.domain.scoring.matching import COCO_IOUS, NO_TRUTH
from pytest_damover.domain.scoring.metrics import average_precision
from pytest_damover.domain.scoring.resampling import estimate

BAND = (0.93, 0.97)


def coverage(pairs, images=100, draws=199, cameras=None, grouped=True):
    """How often the interval around the AP50 difference of two equally good siblings holds 0."""
    covered = 0
    for seed in range(pairs):
        rng = np.random.default_rng([seed, images])
        seen = scene(rng, images, cameras)
        before, after = (sibling(rng, seen, (0.5,), camera_luck=0.5 if cameras else 0.0) for _ in range(2))
        low, high = estimate(before, after, 0.95, draws, seed, seen.camera if cameras and grouped else None).interval
        covered += low <= 0 <= high
    return covered / pairs


@pytest.mark.slow
def test_the_interval_covers_what_it_says():
    assert BAND[0] <= coverage(1000) <= BAND[1]


@pytest.mark.slow
def test_without_multiplicities_it_would_not(monkeypatch):
    draw = resampling.image_weights
    monkeypatch.setattr(resampling, "image_weights", lambda *of: np.minimum(draw(*of), 1))
    assert coverage(400) < BAND[0] - 0.02


@pytest.mark.slow
def test_images_of_few_cameras_need_their_groups():
    assert coverage(400, cameras=10) > 0.92
    assert coverage(200, cameras=10, grouped=False) < 0.8


def test_siblings_are_what_the_matching_would_give():
    rng = np.random.default_rng(1)
    seen = scene(rng, 50)
    tables = sibling(rng, seen, COCO_IOUS)
    for table in tables:
        hits = table.truth != NO_TRUTH
        taken = table.truth[hits]
        assert (np.diff(table.score) <= 0).all()
        assert len(set(taken.tolist())) == len(taken)
        assert (table.image[hits] == table.truth_image[taken]).all()
        assert (table.label[hits] == table.truth_label[taken]).all()
    counts = [np.count_nonzero(table.truth != NO_TRUTH) for table in tables]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]


def test_siblings_of_equal_skill_are_equally_good_and_fail_together():
    rng = np.random.default_rng(1)
    seen = scene(rng, 20_000)
    (before,), (after,), (weak,) = (sibling(rng, seen, (0.5,), skill) for skill in (0.0, 0.0, -0.3))
    first, second, third = (average_precision(table) for table in (before, after, weak))
    assert first == pytest.approx(second, abs=0.005)
    assert third < first - 0.03
    hits = [np.isin(np.arange(len(seen.truth_image)), table.truth) for table in (before, after)]
    assert 0.3 < np.corrcoef(*hits)[0, 1] < 0.7
