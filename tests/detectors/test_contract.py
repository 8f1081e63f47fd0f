"""What every detector must do; a new module in the folder is found here and needs an entry of its own to pass."""

import inspect
import json
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from pytest_damover import detectors
from pytest_damover.domain.detection import Detections, check_contract
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.images import open_image

RECORD = {"detections": {}, "default": {"boxes": [[1, 2, 30, 40]], "scores": [0.9], "labels": ["phone"]}}


def replay_folder(request):
    return request.getfixturevalue("record")(RECORD)


def modelscope_folder(request):
    return request.getfixturevalue("two_repositories")[0]


FOLDERS = {"replay": replay_folder, "modelscope": modelscope_folder}
MARKS = {"modelscope": (pytest.mark.modelscope, pytest.mark.slow)}


@pytest.fixture(params=[pytest.param(name, marks=MARKS.get(name, ())) for name in detectors.names()])
def detector(request):
    assert request.param in FOLDERS, f"add a folder that {request.param!r} loads"
    loaded = detectors.load_detector(request.param, FOLDERS[request.param](request), "cpu")
    yield loaded
    loaded.close()


@pytest.fixture(scope="module")
def picture():
    return np.random.default_rng(0).integers(0, 255, (90, 110, 3), dtype=np.uint8)


def test_detections_keep_the_output_contract(detector, picture):
    found = detector(open_image(picture, "images/a.png"))
    assert isinstance(found, Detections)
    assert len(found) > 0
    check_contract(found, 110, 90, tolerance_px=0)


def test_the_same_image_gives_the_same_detections(detector, picture):
    first, second = (detector(open_image(picture, "images/a.png")) for _ in range(2))
    assert first.to_json() == second.to_json()


def test_b2_path_pillow_and_array_give_the_same_detections(detector, picture, tmp_path):
    from PIL import Image as Pillow

    pillow = Pillow.fromarray(picture)
    pillow.save(tmp_path / "a.png")
    results = [detector(open_image(source)).to_json() for source in (picture, pillow, tmp_path / "a.png")]
    assert results[0] == results[1] == results[2]


def test_facts_are_plain_json_and_name_detector_and_device(detector):
    facts = json.loads(json.dumps(dict(detector.facts)))
    assert facts["detector"] in detectors.names()
    assert facts["device"] == "cpu"


def test_the_raw_object_is_there(detector):
    assert detector.raw is not None


@pytest.mark.parametrize("name", detectors.names())
def test_t2_every_module_loads_a_folder_on_a_device_and_takes_nothing_else(name, tmp_path):
    module = import_module(f"pytest_damover.detectors.{name}")
    assert list(inspect.signature(module.load).parameters) == ["folder", "device"]
    with pytest.raises(TypeError, match="revision"):
        module.load(tmp_path, "cpu", revision="v1.0.0")


@pytest.mark.parametrize("name", [pytest.param(name, marks=MARKS.get(name, ())) for name in detectors.names()])
def test_a_folder_that_does_not_load_is_one_readable_fault(name, tmp_path):
    with pytest.raises(DamoverError) as refusal:
        detectors.load_detector(name, tmp_path, "cpu")
    assert refusal.value.faults[0].code is Code.LOAD


@pytest.mark.parametrize("name", [pytest.param(name, marks=MARKS.get(name, ())) for name in detectors.names()])
def test_the_device_is_known_before_anything_is_loaded(name):
    if name == "modelscope":
        pytest.importorskip("modelscope.pipelines")
    assert detectors.resolve_device(name, "cpu") == "cpu"
    assert detectors.resolve_device(name, "auto") in ("cpu", "cuda:0")


@pytest.mark.parametrize("name", detectors.names())
def test_every_module_says_whether_it_runs_code_and_can_be_imported_ahead(name):
    assert isinstance(detectors.runs_code(name), bool)
    assert not inspect.signature(import_module(f"pytest_damover.detectors.{name}").preload).parameters


def test_a_recorded_revision_runs_no_code_and_a_repository_does():
    assert (detectors.runs_code("replay"), detectors.runs_code("modelscope")) == (False, True)


@pytest.mark.parametrize("name", detectors.names())
@pytest.mark.parametrize("value", ["1", "0", ""])
def test_t11_an_environment_that_unpickles_all_is_refused_before_anything_is_loaded(name, value, tmp_path, monkeypatch):
    module = import_module(f"pytest_damover.detectors.{name}")
    monkeypatch.setattr(module, "load", lambda *_: pytest.fail("loaded"))
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", value)
    with pytest.raises(DamoverError, match="unset TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD") as refusal:
        detectors.load_detector(name, tmp_path, "cpu")
    assert refusal.value.faults[0].code is Code.LOAD


def test_t1_only_the_modelscope_detector_imports_torch_and_modelscope():
    package = Path(detectors.__file__).parents[1]
    wanted = re.compile(r"^\s*(?:from|import)\s+(?:torch|modelscope|safetensors)\b", re.MULTILINE)
    found = {str(path.relative_to(package)) for path in package.rglob("*.py") if wanted.search(path.read_text("utf-8"))}
    assert found <= {"detectors/modelscope.py", "detectors/_twin.py"}
    assert "detectors/modelscope.py" in found


def test_unknown_detectors_are_refused(tmp_path):
    with pytest.raises(DamoverError, match="modelscope, replay"):
        detectors.load_detector("yolo", tmp_path, "cpu")
