"""What an image is like is in the journal with every case whose detector looked at the pixels."""

from __future__ import annotations

import pytest

from pytest_damover.detectors.replay import ReplayDetector


@pytest.fixture
def looking(toy, monkeypatch):
    """Recorded detections by a detector that decodes the picture, as a real one does."""
    answer = ReplayDetector.__call__

    def look(self, image):
        assert image.pixels.size
        return answer(self, image)

    monkeypatch.setattr(ReplayDetector, "__call__", look)
    return toy


def properties(project):
    return [record.get("image_properties") for record in project.journal if record["kind"] == "finish"]


def test_each_end_of_a_case_says_what_its_image_is_like(looking):
    assert looking.compare().ret == 0
    # all of one colour (length of the name, 80, 120): luma 0.299 * 3 + 0.587 * 80 + 0.114 * 120 = 61.537
    assert sorted(properties(looking)) == sorted([[luma, 0, 0] for luma in (61.537, 61.537, 61.836, 62.135)] * 2)


def test_a_record_that_nobody_decoded_says_nothing(toy):
    assert toy.compare().ret == 0
    assert properties(toy) == [None] * 8


def test_a_policy_may_name_a_slice_of_them(looking):
    evidence = "schema = 1\n[evidence]\nmin_cases = 1\nmin_images = 1\nmin_objects = 1\nmin_slice_images = 4\n"
    looking.policy(evidence + '[ap50.slices]\n"brightness:dark" = 0.1\n"brightness:dim" = 0.1\n')
    assert looking.compare().ret == 1
    found = {one["slice"]: one["reason"] for one in looking.findings() if one["rule"] == "ap50"}
    assert found == {"brightness:dark": "within-limit", "brightness:dim": "slice-absent"}
