"""B11: images that no camera takes never crash the run; what is no picture is an error of its case alone."""

from __future__ import annotations

import pytest
from PIL import Image

NOTHING_IN_IT = {"min_objects": 0, "max_objects": 9}
EXTREMES = {
    "dot": ((1, 1), (9, 9, 9)),
    "line": ((10_000, 1), (9, 9, 9)),
    "column": ((1, 10_000), (9, 9, 9)),
    "black": ((64, 64), (0, 0, 0)),
    "white": ((64, 64), (255, 255, 255)),
}


@pytest.fixture
def extremes(project):
    for name, (size, colour) in EXTREMES.items():
        project.case(name, NOTHING_IN_IT)
        Image.new("RGB", size, colour).save(project.suite / f"images/{name}.png")
    project.case("ordinary")
    project.revision("v1")
    project.revision("v2", latency_ms=0.001)
    return project


def test_b11_extreme_images_are_cases_like_others(extremes):
    extremes.test_file(
        "def test_pixels(detector, cases):\n"
        "    for name in ('dot', 'line', 'column', 'black', 'white'):\n"
        "        assert cases.image(name).pixels.size\n"
    )
    assert extremes.compare().ret == 0
    assert extremes.verdict["counts"]["failed"] == 0


NO_PIXELS = {"empty": b"", "no header": b"\x89PNG\r\n\x1a\n", "no size": b"P6\n0 0\n255\n"}


@pytest.mark.parametrize("content", NO_PIXELS)
def test_b11_an_image_without_pixels_fails_what_looks_at_it_and_nothing_else(extremes, content):
    (extremes.suite / "images/dot.png").write_bytes(NO_PIXELS[content])
    extremes.test_file("def test_pixels(pair, cases):\n    cases.image('dot').pixels\n")
    assert extremes.compare().ret == 1
    assert extremes.bad_findings() == [("regressions.major", "FAIL")]
    assert extremes.verdict["counts"]["missing"] == 0
    assert "[image]" in str(extremes.journal)
