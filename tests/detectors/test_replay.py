import subprocess
import sys
import time

import numpy as np
import pytest

from pytest_damover.detectors.replay import load
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.images import Image, open_image

ONE = {"boxes": [[1, 2, 3, 4]], "scores": [0.9], "labels": ["phone"]}
NONE = {"boxes": [], "scores": [], "labels": []}


def test_an_image_is_found_by_its_key(record, tmp_path):
    detector = load(record({"detections": {"images/a.jpg": ONE}}), "cpu")
    found = detector(Image("images/a.jpg", tmp_path / "never-read.jpg"))
    assert found.to_json() == {"boxes": [[1.0, 2.0, 3.0, 4.0]], "scores": [0.9], "labels": ["phone"]}


def test_an_image_is_found_by_its_sha256(record):
    image = open_image(np.zeros((2, 2, 3), np.uint8))
    detector = load(record({"detections": {image.sha256: ONE}, "default": NONE}), "cpu")
    assert len(detector(image)) == 1


def test_a_hash_goes_before_the_default_also_for_an_image_with_a_key(record):
    image = open_image(np.zeros((2, 2, 3), np.uint8), key="images/a.png")
    detector = load(record({"detections": {image.sha256: ONE}, "default": NONE}), "cpu")
    assert [len(detector(given)) for given in (image, image)] == [1, 1]


def test_no_file_is_read_when_all_is_recorded_by_key(record, tmp_path):
    detector = load(record({"detections": {"a": ONE}, "default": NONE}), "cpu")
    assert len(detector(Image("b", tmp_path / "never-read.jpg"))) == 0


def test_no_box_has_the_right_shape(record):
    found = load(record({"detections": {"a": NONE}}), "cpu")(Image("a"))
    assert (found.boxes.shape, found.scores.shape, found.labels) == ((0, 4), (0,), ())


def test_the_default_answers_for_all_others(record):
    detector = load(record({"detections": {"a": ONE}, "default": NONE}), "cpu")
    assert [len(detector(Image(key))) for key in ("a", "b", "c")] == [1, 0, 0]


def test_an_image_that_is_not_recorded_is_refused_with_what_is(record, tmp_path):
    (tmp_path / "other.jpg").write_bytes(b"x")
    detector = load(record({"detections": {f"images/{i}.jpg": ONE for i in range(7)}}), "cpu")
    with pytest.raises(DamoverError, match=r"images/other\.jpg.*\n.*images/0\.jpg.*and 2 more") as refusal:
        detector(Image("images/other.jpg", tmp_path / "other.jpg"))
    assert refusal.value.faults[0].code is Code.DETECTIONS


def test_a_latency_is_slept(record):
    detector = load(record({"detections": {}, "default": ONE, "latency_ms": 20}), "cpu")
    started = time.perf_counter()
    detector(Image("a"))
    assert 0.02 <= time.perf_counter() - started < 2


@pytest.mark.parametrize(
    "data",
    [
        [],
        {},
        {"detections": []},
        {"detections": {}, "defualt": ONE},
        {"detections": {}, "latency_ms": -1},
        {"detections": {}, "latency_ms": "1"},
    ],
)
def test_a_broken_record_is_one_readable_fault(record, data):
    folder = record(data)
    with pytest.raises(DamoverError, match=r"v1/detections\.json") as refusal:
        load(folder, "cpu")
    assert refusal.value.faults[0].code is Code.LOAD


@pytest.mark.parametrize("data", [{"boxes": []}, [], {"boxes": [["x"]], "scores": [1], "labels": ["a"]}])
def test_broken_detections_are_refused_when_they_are_asked_for(record, data):
    detector = load(record({"detections": {"a": data}}), "cpu")
    with pytest.raises(DamoverError, match="not detections"):
        detector(Image("a"))


def test_a_known_image_costs_microseconds(record):
    detector = load(record({"detections": {"a": ONE}}), "cpu")
    image = Image("a")
    detector(image)

    def per_call_us():
        started = time.perf_counter()
        for _ in range(10_000):
            detector(image)
        return (time.perf_counter() - started) * 100

    assert min(per_call_us() for _ in range(5)) < 3


def test_importing_the_registries_imports_nothing_heavy():
    ours = [
        "images",
        "lock",
        "race",
        "hubs.local",
        "hubs.modelscope",
        "detectors.modelscope",
        "detectors.replay",
        "runners.inline",
    ]
    heavy = {"torch", "modelscope", "modelscope_hub", "PIL", "requests", "scipy", "filelock"}
    imports = ", ".join(f"pytest_damover.{name}" for name in ours)
    code = f"import sys, {imports}; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
