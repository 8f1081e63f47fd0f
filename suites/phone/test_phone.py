"""What a JSON case cannot say, said with fixtures: each test runs once for every revision of `--revisions`."""

from __future__ import annotations

import numpy as np
import pytest

CLEAR = "single_phone"


@pytest.mark.severity("critical")
def test_the_same_image_gives_the_same_detections_twice(detector, cases):
    image = cases.image(CLEAR)
    first, second = detector(image), detector(image)
    assert first.labels == second.labels
    assert np.array_equal(first.boxes, second.boxes)
    assert np.array_equal(first.scores, second.scores)


def test_a_blank_image_holds_no_phone(detector):
    blank = np.full((240, 320, 3), 127, np.uint8)
    assert len(detector(blank).at_least(0.5)) == 0


@pytest.mark.severity("minor")
def test_a_phone_that_the_baseline_finds_is_where_the_candidate_finds_it(pair, cases):
    image = cases.image(CLEAR)
    before, after = pair.baseline(image).at_least(0.5), pair.candidate(image).at_least(0.5)
    assert len(before) == len(after) == 1
    assert np.abs(before.boxes - after.boxes).max() < 12  # pixels


def test_one_image_at_a_time(benchmark, detector, cases):
    image = cases.image(CLEAR)
    detections = benchmark.pedantic(detector, args=(image,), rounds=5, warmup_rounds=1)
    assert len(detections.at_least(0.5)) == 1


@pytest.mark.gpu
def test_the_gpu_agrees_with_itself(detector, device, cases):
    assert device.startswith("cuda")
    image = cases.image(CLEAR)
    assert np.allclose(detector(image).scores, detector(image).scores, atol=1e-4)
