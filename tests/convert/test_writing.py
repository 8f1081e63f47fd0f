"""The files of a twin, made without running anything of the original."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pytest_damover import anatomy
from pytest_damover.convert import write_twin
from pytest_damover.detectors._twin_files import read_twin
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.domain.safety import SafetyClass
from pytest_damover.hubs._tree import scan

from .conftest import CONFIG, CONFIGURATION, TENSORS


@pytest.fixture
def target(tmp_path):
    return tmp_path / "out" / "v1-data"


def refused(original, target, match, **replaced):
    revision, folder = original(**replaced)
    with pytest.raises(DamoverError, match=match) as refusal:
        write_twin(revision, folder, target)
    assert not target.exists()
    assert list(target.parent.iterdir()) == []
    return refusal.value


def test_a_twin_holds_data_only(original, target):
    write_twin(*original(), target)
    assert sorted(path.name for path in target.iterdir()) == [
        "LICENSE",
        "README.md",
        "README.original.md",
        "class_map.json",
        "configuration.json",
        "damoyolo.json",
        "structure.txt",
        "weights.safetensors",
    ]
    read_twin(target)


def test_anatomy_finds_no_code_in_a_twin_and_the_same_model(original, target):
    revision, folder = original()
    write_twin(revision, folder, target)
    was, found = anatomy.examine(folder, revision.files), anatomy.examine(target, scan(target, ""))
    assert (was.safety.kind, found.safety.kind) == (SafetyClass.EXECUTES_CODE, SafetyClass.SAFETENSORS)
    difference = anatomy.compare(was, found)
    assert (difference.weights_changed, difference.unread) == (0, ())


def test_the_config_is_what_the_original_says_with_the_twins_own_files(original, target):
    write_twin(*original(), target)
    config = json.loads((target / "damoyolo.json").read_text("utf-8"))
    assert config == {
        "model": {
            "name": "weights.safetensors",
            "class_map": "class_map.json",
            "backbone": {
                "name": "TinyNAS_csp",
                "structure_file": "structure.txt",
                "out_indices": [2, 3, 4],
                "with_spp": True,
            },
            "neck": {"depth": 0.5, "act": None},
        },
        "dataset": {"size_divisibility": 32, "class_names": ["phone"]},
    }
    assert (target / "structure.txt").read_text() == "[{'class': 'ConvKXBNRELU'}]"
    assert json.loads((target / "class_map.json").read_text("utf-8")) == {"1": [{"name": "手机"}]}


def test_nothing_is_left_of_the_configuration_with_which_code_is_imported(original, target):
    write_twin(*original(), target)
    kept = json.loads((target / "configuration.json").read_text())
    dropped = {"allow_remote", "plugins", "trust_remote_code"}
    assert kept == {key: value for key, value in CONFIGURATION.items() if key not in dropped}


def test_weights_are_read_back_by_the_safetensors_package(original, target):
    numpy_loader = pytest.importorskip("safetensors.numpy")
    write_twin(*original(), target)
    loaded = numpy_loader.load_file(target / "weights.safetensors")
    assert {name: array.tolist() for name, array in loaded.items()} == {
        "head.weight": TENSORS["module.head.weight"].tolist(),
        "head.seen": 7,
        "head.bias": [],
    }
    assert {array.dtype.str for array in loaded.values()} == {"<f4", "<i8"}


def test_of_two_names_that_become_one_the_last_counts_as_when_damoyolo_loads(original, target):
    numpy_loader = pytest.importorskip("safetensors.numpy")
    first, last = np.zeros(2, "<f4"), np.ones(2, "<f4")
    write_twin(*original(tensors={"a.b": first, "module.a.b": last}), target)
    assert numpy_loader.load_file(target / "weights.safetensors")["a.b"].tolist() == [1, 1]


def test_every_tensor_begins_where_its_type_wants_it(original, target):
    write_twin(*original(tensors={"a": np.zeros(3, "<f4"), "b": np.zeros(1, "<i8"), "c": np.zeros(1, "<f4")}), target)
    content = (target / "weights.safetensors").read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    assert length % 8 == 0
    assert [header[name]["data_offsets"][0] for name in "bac"] == [0, 8, 20]
    assert header["__metadata__"] == {"format": "pt"}


def test_the_same_original_gives_the_same_bytes_wherever_it_lies(original, target, tmp_path):
    revision, folder = original()
    write_twin(revision, folder, target)
    moved = tmp_path / "elsewhere" / "other-name"
    moved.parent.mkdir()
    folder.rename(moved)
    write_twin(revision, moved, tmp_path / "again")
    assert scan(target, "") == scan(tmp_path / "again", "")
    written = b"".join(path.read_bytes() for path in target.iterdir())
    assert str(tmp_path).encode() not in written
    assert b"/somewhere" not in written


def test_the_readme_says_what_it_was_made_from_and_by_what(original, target):
    revision, folder = original()
    write_twin(revision, folder, target)
    text = (target / "README.md").read_text("utf-8")
    assert all(part in text for part in ("acme/phones", "v1", revision.digest, "pytest-damover 0.", "damover convert"))
    assert (target / "README.original.md").read_text() == "# the original\n"


def test_nothing_of_the_original_is_run(original, target, tmp_path):
    marker = tmp_path / "ran"

    class Evil:
        def __reduce__(self):
            return open, (str(marker), "w")

    revision, folder = original(class_map={1: [{"name": Evil()}]}, tag="pickle")
    with pytest.raises(DamoverError, match=r"class_map\.pkl"):
        write_twin(revision, folder, target)
    refused(original, target, r"damoyolo\.py", config=CONFIG + f"open({str(marker)!r}, 'w')\nmodel.name = open\n")
    assert not marker.exists()


def test_a_computed_config_is_refused_with_what_is_computed(original, target):
    computed = CONFIG.replace("depth=0.5", "depth=float('0.5')")
    error = refused(original, target, r"damoyolo\.py", config=computed)
    assert "model.neck.depth: computed by `float('0.5')`" in str(error)


@pytest.mark.parametrize(
    ("was", "becomes", "match"),
    [
        ('"weights.safetensors.bin"', '"missing.pt"', r"model\.name: 'missing\.pt'"),
        ('"weights.safetensors.bin"', '"../v0/weights.pt"', r"model\.name: '\.\./v0"),
        ('"class_map.pkl"', '"/etc/passwd"', r"model\.class_map: '/etc/passwd'"),
        ('"net/structure.txt"', '"net"', r"structure_file: 'net'"),
        ("backbone=EasyDict(", "spine=EasyDict(", r"model\.backbone"),
        ("dataset =", "data =", "dataset"),
    ],
)
def test_files_that_are_not_the_revisions_and_missing_parts_are_refused(original, target, was, becomes, match):
    assert was in CONFIG
    error = refused(original, target, match, config=CONFIG.replace(was, becomes))
    assert error.faults[0].code is Code.LOAD


@pytest.mark.parametrize("value", ["{1: 2}", "b'bytes'", "1e999", "{1, 2}"])
def test_a_value_that_json_cannot_hold_is_refused_with_its_place(original, target, value):
    refused(
        original, target, r"(model\.neck\.depth|damoyolo\.py)", config=CONFIG.replace("depth=0.5", f"depth={value}")
    )


def test_a_repository_of_another_kind_is_refused(original, target):
    other = {**CONFIGURATION, "pipeline": {"type": "ocr"}}
    refused(original, target, r"pipeline\.type is 'ocr'", configuration=other)


def test_a_twin_is_not_converted_again(original, target):
    revision, folder = original()
    (folder / "damoyolo.json").write_text("{}")
    with pytest.raises(DamoverError, match=r"is data already: it holds damoyolo\.json"):
        write_twin(revision, folder, target)


def test_an_original_that_is_not_what_its_digest_says_gives_no_twin(original, target):
    revision, folder = original()
    (folder / "net" / "structure.txt").write_text("[{'class': 'Other'}]")
    with pytest.raises(DamoverError, match=r"net/structure\.txt"):
        write_twin(revision, folder, target)
    assert not target.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_twin_is_on_the_disk_before_it_has_its_name(original, target, monkeypatch):
    events = []
    rename, sync = Path.rename, os.fsync

    def synced(descriptor):
        events.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        sync(descriptor)

    def renamed(path, new_path):
        events.append("rename")
        return rename(path, new_path)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "rename", renamed)
    write_twin(*original(), target)
    *before, renaming, after = events
    assert (renaming, after) == ("rename", target.parent)
    assert before[-1].parent == target.parent
    assert len(before) > len(list(target.iterdir()))


def test_what_is_at_the_target_is_left_alone(original, target):
    target.mkdir(parents=True)
    (target / "mine.txt").write_text("mine")
    revision, folder = original()
    with pytest.raises(DamoverError, match="is there already") as refusal:
        write_twin(revision, folder, target)
    assert refusal.value.faults[0].code is Code.STORE
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert (target / "mine.txt").read_text() == "mine"


def test_writing_imports_neither_torch_nor_modelscope(original, target):
    revision, folder = original()
    code = (
        "import json, sys; from pathlib import Path; from pytest_damover.domain.revision import Revision;"
        "from pytest_damover.convert import write_twin;"
        "write_twin(Revision.from_json(json.loads(sys.argv[1])), Path(sys.argv[2]), Path(sys.argv[3]));"
        "print(sorted({'torch', 'modelscope', 'safetensors'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, json.dumps(revision.to_json()), str(folder), str(target)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"
    assert target.is_dir()
