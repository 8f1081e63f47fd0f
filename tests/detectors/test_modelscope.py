"""The real pipeline on small repositories on disk."""

import logging
import os
import socket
import sys

import numpy as np
import pytest

from pytest_damover.detectors.modelscope import cut_to_image, load, precision_of
from pytest_damover.domain.detection import Detections, check_contract
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.images import open_image

NAN = float("nan")


def found(*boxes):
    return Detections.of(boxes, [0.5] * len(boxes), ["phone"] * len(boxes))


def test_a_box_over_the_border_is_cut_and_one_in_the_padding_dropped():
    cut = cut_to_image(found((-9, -1, 40, 30), (90, 10, 130, 95), (101, 0, 120, 20), (5, 5, 6, 6)), 100, 80)
    assert cut.boxes.tolist() == [[0, 0, 40, 30], [90, 10, 100, 80], [5, 5, 6, 6]]
    assert (len(cut.scores), len(cut.labels)) == (3, 3)


def test_boxes_inside_are_returned_as_they_are():
    inside = found((0, 0, 100, 80), (1, 2, 3, 4))
    assert cut_to_image(inside, 100, 80) is inside


@pytest.mark.parametrize("box", [(NAN, 0, 1, 1), (0, 0, float("inf"), 9), (5, 5, 5, 9), (120, 9, 110, 20)])
def test_a_broken_box_is_left_for_the_contract_to_refuse(box):
    with pytest.raises(DamoverError):
        check_contract(cut_to_image(found(box, (-5, 0, 9, 9)), 100, 80), 100, 80)


def test_the_precision_is_that_of_the_weights_by_its_usual_name():
    torch = pytest.importorskip("torch")
    layer = torch.nn.Linear(2, 2)
    assert [precision_of(layer), precision_of(layer.half()), precision_of(layer.bfloat16())] == ["fp32", "fp16", "bf16"]
    assert precision_of(layer.double()) == "float64"
    assert precision_of(torch.nn.ReLU()) == "fp32"


def test_no_box_stays_no_box():
    assert len(cut_to_image(Detections.of([], [], []), 10, 10)) == 0


pipeline_test = pytest.mark.modelscope


@pytest.fixture(scope="module")
def picture():
    return open_image(np.random.default_rng(0).integers(0, 255, (90, 110, 3), dtype=np.uint8))


@pytest.fixture(scope="module")
def expected(two_repositories, picture):
    """What each repository finds when it is the only one."""
    results = []
    for folder in two_repositories:
        detector = load(folder, "cpu")
        results.append((detector(picture).to_json(), detector.facts["parameters"], detector.facts["score_threshold"]))
        detector.close()
    return results


@pipeline_test
@pytest.mark.slow
def test_the_two_repositories_differ(expected):
    assert expected[0][0] != expected[1][0]
    assert [facts[1:] for facts in expected] == [(182_357, 0.005), (379_173, 0.01)]


@pipeline_test
def test_two_revisions_loaded_side_by_side_keep_to_themselves(two_repositories, picture, expected):
    v1, v2 = (load(folder, "cpu") for folder in two_repositories)
    for _ in range(2):
        assert v1(picture).to_json() == expected[0][0]
        assert v2(picture).to_json() == expected[1][0]
    assert (v1.raw.model.conf_thre, v2.raw.model.conf_thre) == (0.005, 0.01)


@pipeline_test
def test_a_load_that_fails_leaves_nothing_for_the_next(two_repositories, picture, expected, tmp_path):
    import shutil

    broken = shutil.copytree(two_repositories[0], tmp_path / "broken")
    (broken / "damoyolo.py").write_text("model = None\nraise RuntimeError('not today')\n")
    path = list(sys.path)
    with pytest.raises(DamoverError, match="not today") as refusal:
        load(broken, "cpu")
    assert refusal.value.faults[0].code is Code.LOAD
    assert sys.path == path
    assert "_tempconfig" not in sys.modules
    assert load(two_repositories[1], "cpu")(picture).to_json() == expected[1][0]


@pipeline_test
def test_what_a_repository_imports_in_turn_leaves_no_bytecode_in_its_folder(two_repositories, tmp_path, monkeypatch):
    import shutil

    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    folder = shutil.copytree(two_repositories[0], tmp_path / "importing")
    (folder / "sibling_of_damoyolo.py").write_text("threshold = 0.5\n")
    before = sorted(folder.rglob("*"))
    with (folder / "damoyolo.py").open("a") as config:
        config.write(f"import sys\nsys.path.insert(0, {str(folder)!r})\nimport sibling_of_damoyolo\n")
    load(folder, "cpu")
    assert "sibling_of_damoyolo" in sys.modules
    assert sorted(folder.rglob("*")) == before
    assert sys.dont_write_bytecode is False
    del sys.modules["sibling_of_damoyolo"]


@pipeline_test
def test_the_pipeline_sees_the_colours_of_the_file(two_repositories, picture, tmp_path):
    from PIL import Image as Pillow

    detector = load(two_repositories[0], "cpu")
    Pillow.fromarray(picture.pixels).save(tmp_path / "a.png")
    from_file = detector.raw(str(tmp_path / "a.png"))
    swapped = detector.raw(np.ascontiguousarray(picture.pixels))
    ours = detector(picture)
    assert ours.scores.tolist() == np.asarray(from_file["scores"], np.float64).tolist()
    assert ours.scores.tolist() != np.asarray(swapped["scores"], np.float64).tolist()


@pipeline_test
def test_nothing_found_is_an_empty_result(two_repositories, picture):
    detector = load(two_repositories[0], "cpu")
    detector.raw.model.conf_thre = 1.0
    assert detector(picture).boxes.shape == (0, 4)


@pipeline_test
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1)])
@pytest.mark.parametrize("value", [0, 255])
def test_b11_odd_images_do_not_crash(two_repositories, size, value):
    image = open_image(np.full((*size, 3), value, np.uint8))
    check_contract(load(two_repositories[0], "cpu")(image), size[1], size[0], tolerance_px=0)


@pipeline_test
def test_the_pipeline_is_quiet_and_pinned(two_repositories, capfd):
    import torch

    facts = load(two_repositories[0], "auto").facts
    assert (facts["threads"], torch.get_num_threads()) == (1, 1)
    assert capfd.readouterr() == ("", "")


@pipeline_test
def test_loading_silences_the_logger_only_while_it_lasts(two_repositories):
    logger, heard = logging.getLogger("modelscope"), []
    handler = logging.Handler()
    handler.emit = heard.append
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        load(two_repositories[0], "cpu")
        assert (heard, logger.level) == ([], logging.INFO)
        assert "MODELSCOPE_LOG_LEVEL" not in os.environ
    finally:
        logger.removeHandler(handler)


@pipeline_test
def test_loading_a_folder_asks_no_network(two_repositories, picture, monkeypatch):
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("asked the network"))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("asked the network"))
    load(two_repositories[0], "cpu")(picture)


@pipeline_test
def test_a_missing_gpu_is_refused(two_repositories):
    import torch

    with pytest.raises(DamoverError) as refusal:
        load(two_repositories[0], f"cuda:{torch.cuda.device_count()}")
    assert refusal.value.faults[0].code is Code.DEVICE


@pipeline_test
def test_the_gpu_finds_what_the_cpu_finds(two_repositories, picture, expected):
    import torch

    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    detector = load(two_repositories[0], "cuda:0")
    on_gpu = detector(picture)
    assert detector.facts["device"] == "cuda:0"
    assert {parameter.device.type for parameter in detector.raw.model.parameters()} == {"cuda"}
    assert sorted(on_gpu.scores)[-5:] == pytest.approx(sorted(expected[0][0]["scores"])[-5:], abs=1e-3)


@pipeline_test
@pytest.mark.slow
def test_the_shipped_revision_loads(shipped_repository, picture):
    assert load(shipped_repository, "cpu")(picture).boxes.shape[1] == 4
