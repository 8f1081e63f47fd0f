"""A twin is loaded as data or not at all."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pytest_damover.detectors import _twin_files, load_detector
from pytest_damover.detectors._twin_files import claims_to_be_twin, read_twin
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.images import open_image

CONFIGURATION = {
    "framework": "pytorch",
    "task": "domain-specific-object-detection",
    "model": {"type": "tinynas-damoyolo"},
    "preprocessor": {"type": "object-detection-tinynas-preprocessor", "size_divisible": 32},
    "pipeline": {"type": "tinynas-detection"},
}
CONFIG = {
    "model": {
        "name": "weights.safetensors",
        "class_map": "class_map.json",
        "backbone": {"name": "TinyNAS_csp", "structure_file": "structure.txt"},
    },
    "dataset": {"size_divisibility": 32},
}
IMAGES = Path(__file__).parents[2] / "suites" / "phone" / "images"


@pytest.fixture
def claim(tmp_path):
    """Writes a folder with the right texts and no model; a keyword replaces a file's data, a name adds a file."""

    def write(*names, configuration=CONFIGURATION, damoyolo=CONFIG, class_map=None):
        folder = tmp_path / "twin"
        folder.mkdir()
        class_map = {"1": [{"name": "phone"}]} if class_map is None else class_map
        for name, data in (("configuration", configuration), ("damoyolo", damoyolo), ("class_map", class_map)):
            (folder / f"{name}.json").write_text(json.dumps(data))
        for name in names:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text("raise SystemExit('it ran')")
        return folder

    return write


def refused(folder, match):
    with pytest.raises(DamoverError, match=match) as refusal:
        read_twin(folder)
    assert {fault.code for fault in refusal.value.faults} == {Code.LOAD}


def test_what_is_data_is_read(claim):
    twin = read_twin(claim("README.md", "README.original.md", "structure.txt", "LICENSE", ".gitattributes"))
    assert twin.class_map == {1: [{"name": "phone"}]}
    assert twin.config == CONFIG


@pytest.mark.parametrize(
    "name", ["damoyolo.py", "weights.pt", "class_map.pkl", "lib/net.so", "a.pth", "pickled", "x.json.py", "x.PY"]
)
def test_what_is_not_data_is_refused_by_name(claim, name):
    refused(claim(name), f"{name} is not data")


def test_links_are_refused(claim, tmp_path):
    folder = claim()
    (folder / "a.txt").symlink_to(folder / "configuration.json")
    (tmp_path / "elsewhere").mkdir()
    (folder / "b.txt").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    with pytest.raises(DamoverError) as refusal:
        read_twin(folder)
    assert sorted(fault.found for fault in refusal.value.faults) == ["a.txt/ is not data", "b.txt/ is not data"]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"allow_remote": True}, "'allow_remote', with which code is imported"),
        ({"allow_remote": False}, "'allow_remote', with which code is imported"),
        ({"plugins": ["evil"]}, "'plugins', with which code is imported"),
        ({"trust_remote_code": True}, "'trust_remote_code', with which code is imported"),
        ({"preprocessor": {"type": "load-image"}}, "preprocessor.type is 'load-image'"),
        ({"pipeline": {"type": "ocr"}}, "pipeline.type is 'ocr'"),
        ({"model": {}}, "model.type is None"),
        ({"framework": "tensorflow"}, "framework is 'tensorflow'"),
        ({"train": [{"__class__": "set"}]}, "the key '__class__'"),
    ],
)
def test_a_configuration_that_asks_for_other_code_is_refused(claim, change, match):
    refused(claim(configuration={**CONFIGURATION, **change}), match)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("model", "name"), "weights.pt"),
        (("model", "name"), "../weights.safetensors"),
        (("model", "class_map"), "class_map.pkl"),
        (("model", "backbone", "structure_file"), "/etc/passwd"),
        (("model", "backbone"), None),
        (("model", "__class__"), {}),
    ],
)
def test_a_config_names_the_files_of_a_twin_and_no_other(claim, path, value):
    data = json.loads(json.dumps(CONFIG))
    *above, last = path
    place = data
    for step in above:
        place = place[step]
    place[last] = value
    folder = claim(damoyolo=data)
    if value is None:
        assert read_twin(folder).config["model"]["backbone"] is None  # the model's own builder says so
    else:
        refused(folder, last)


@pytest.mark.parametrize(
    "class_map", [[], {"one": [{"name": "phone"}]}, {"1": "phone"}, {"1": []}, {"1": [{"name": 7}]}, {"²": [{}]}]
)
def test_a_class_map_is_numbers_and_names(claim, class_map):
    refused(claim(class_map=class_map), r"twin/class_map\.json")


def test_a_folder_claims_to_be_a_twin_by_one_file(tmp_path):
    assert not claims_to_be_twin(tmp_path)
    (tmp_path / "damoyolo.json").symlink_to("nowhere")
    assert claims_to_be_twin(tmp_path)


pipeline_test = pytest.mark.modelscope


@pipeline_test
def test_a_folder_that_claims_to_be_a_twin_never_runs_code(two_repositories, tmp_path):
    folder = shutil.copytree(two_repositories[0], tmp_path / "both")
    (folder / "damoyolo.json").write_text("{}")
    with (folder / "damoyolo.py").open("a") as config:
        config.write(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    with pytest.raises(DamoverError, match=r"damoyolo\.py is not data"):
        load_detector("modelscope", folder, "cpu")
    assert not (tmp_path / "ran").exists()


@pytest.fixture(scope="module")
def picture():
    return open_image(np.random.default_rng(0).integers(0, 255, (90, 110, 3), dtype=np.uint8))


@pipeline_test
def test_a_twin_is_the_real_model_in_the_real_pipeline(two_repositories, two_twins, picture):
    original, twin = (load_detector("modelscope", folders[0], "cpu") for folders in (two_repositories, two_twins))
    assert type(twin.raw) is type(original.raw)
    assert type(twin.raw.model) is type(original.raw.model)
    assert twin.raw.trust_remote_code is twin.raw.model.trust_remote_code is False
    assert (original.facts["loader"], twin.facts["loader"]) == ("code", "data")
    assert {**original.facts, "loader": "data"} == dict(twin.facts)
    assert original(picture).to_json() == twin(picture).to_json()


@pipeline_test
def test_two_twins_side_by_side_keep_to_themselves(two_twins, two_repositories, picture):
    expected = [load_detector("modelscope", folder, "cpu")(picture).to_json() for folder in two_repositories]
    twins = [load_detector("modelscope", folder, "cpu") for folder in two_twins]
    assert [twin(picture).to_json() for twin in twins] == expected


@pipeline_test
@pytest.mark.parametrize("broken", ["weights.safetensors", "structure.txt", "damoyolo.json"])
def test_a_twin_that_lacks_something_is_one_readable_fault(two_twins, tmp_path, broken):
    folder = shutil.copytree(two_twins[0], tmp_path / "twin")
    if broken == "damoyolo.json":
        (folder / broken).write_text(json.dumps(CONFIG))
    else:
        (folder / broken).unlink()
    with pytest.raises(DamoverError, match="twin") as refusal:
        load_detector("modelscope", folder, "cpu")
    assert [fault.code for fault in refusal.value.faults] == [Code.LOAD]


@pipeline_test
def test_weights_of_another_net_are_refused(two_twins, tmp_path):
    folder = shutil.copytree(two_twins[0], tmp_path / "twin")
    shutil.copy(two_twins[1] / _twin_files.WEIGHTS, folder)
    with pytest.raises(DamoverError, match="size mismatch"):
        load_detector("modelscope", folder, "cpu")


@pipeline_test
@pytest.mark.parametrize("change", ["one less", "one more"])
def test_weights_are_exactly_the_nets(two_twins, tmp_path, change):
    from safetensors.torch import load_file, save_file

    folder = shutil.copytree(two_twins[0], tmp_path / "twin")
    tensors = load_file(folder / _twin_files.WEIGHTS)
    name = sorted(tensors)[0]
    if change == "one less":
        del tensors[name]
    else:
        tensors["another"] = tensors[name].clone()
    save_file(tensors, folder / _twin_files.WEIGHTS)
    with pytest.raises(DamoverError, match=r"(Missing|Unexpected) key"):
        load_detector("modelscope", folder, "cpu")


GUARDED = """
import json, pickle, sys
from pathlib import Path

folder = sys.argv[1]
ready = False

def refuse(*arguments, **keywords):
    raise AssertionError(f"pickle: {arguments}")

class Refused(pickle._Unpickler):  # other libraries make classes of it while they are imported
    __init__ = load = refuse

pickle.load = pickle.loads = pickle._load = pickle._loads = refuse
pickle.Unpickler = pickle._Unpickler = Refused
opened = set()

def watch(event, arguments):
    if event == "pickle.find_class":
        refuse(*arguments)
    if event == "exec" and str(arguments[0].co_filename).startswith(folder):
        raise AssertionError(f"ran {arguments[0].co_filename}")
    if event == "open" and str(arguments[0]).startswith(folder):
        opened.add(Path(arguments[0]).name)
    if event == "import" and any(str(path).startswith(folder) for path in sys.path):
        raise AssertionError(f"imported {arguments[0]} while {folder} was on the path")

sys.addaudithook(watch)
from pytest_damover.detectors import load_detector, preload
preload("modelscope")
import torch
torch.load = torch.serialization.load = refuse

from pytest_damover.images import open_image
detector = load_detector("modelscope", Path(folder), "cpu")
found = [detector(open_image(path)).to_json() for path in sys.argv[2:]]
print(json.dumps([dict(detector.facts)["loader"], sorted(opened), found]))
"""


@pipeline_test
@pytest.mark.slow
def test_t11_a_twin_loads_and_runs_with_pickle_and_imports_from_its_folder_forbidden(shipped_repository, shipped_twin):
    pictures = [str(path) for path in sorted(IMAGES.iterdir())[::10]]
    assert len(pictures) >= 50
    original = load_detector("modelscope", shipped_repository, "cpu")
    expected = [original(open_image(path)).to_json() for path in pictures]
    command = [sys.executable, "-c", GUARDED, str(shipped_twin), *pictures]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    loader, opened, found = json.loads(done.stdout)
    assert loader == "data"
    assert set(opened) <= {
        "configuration.json",
        "damoyolo.json",
        "class_map.json",
        "structure.txt",
        "weights.safetensors",
    }
    assert sum(len(detections["scores"]) for detections in expected) > 100
    assert found == expected


@pipeline_test
@pytest.mark.slow
def test_t11_the_watch_would_have_seen_the_original(shipped_repository):
    command = [sys.executable, "-c", GUARDED, str(shipped_repository)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode != 0
    assert "pickle" in done.stderr
