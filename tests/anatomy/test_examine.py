"""The class of a whole folder, and what is said of one that cannot be read."""

from __future__ import annotations

import json
import pickle
import struct
from pathlib import Path
from typing import Any

import pytest

from pytest_damover.anatomy import examine, read_class_map, read_config, safety_of
from pytest_damover.anatomy.safety import MAX_REASONS
from pytest_damover.domain.errors import DamoverError
from pytest_damover.domain.revision import FileEntry
from pytest_damover.domain.safety import SafetyClass

CLASSES = pickle.dumps({1: [{"name": "phone"}]})
CONFIGURATION = {
    "framework": "pytorch",
    "task": "domain-specific-object-detection",
    "model": {"type": "tinynas-damoyolo"},
    "preprocessor": {"type": "object-detection-tinynas-preprocessor", "size_divisible": 32},
    "pipeline": {"type": "tinynas-detection"},
}
WEIGHTS = struct.pack("<Q", 63) + b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'.ljust(63) + bytes(8)
TWIN = {
    "configuration.json": json.dumps(CONFIGURATION).encode(),
    "damoyolo.json": b'{"model": {"head": {"nms_conf_thre": 0.05}}, "dataset": {"size_divisibility": 32}}',
    "class_map.json": b'{"1": [{"name": "phone"}]}',
    "weights.safetensors": WEIGHTS,
    "structure.txt": b"[{'k': 3}]",
    "README.md": b"# Twin\n",
}


def reasons(found: Any) -> list[str]:
    return [str(reason) for reason in found.safety.reasons]


def test_a_twin_without_code_is_data(made: Any, tmp_path: Path) -> None:
    found = made.examined(tmp_path, TWIN)
    assert found.safety.kind is SafetyClass.SAFETENSORS
    assert (found.safety.reasons, found.unread) == ((), ())
    assert (found.classes, list(found.tensors)) == ({"1": "phone"}, ["a"])
    assert found.thresholds == {"model.head.nms_conf_thre": "0.05"}
    assert found.input_size == {"dataset.size_divisibility": "32", "configuration.preprocessor.size_divisible": "32"}
    assert found.config["structure.0.k"] == "3"


def test_one_harmless_pickle_makes_it_weights_only(made: Any, tmp_path: Path) -> None:
    found = made.examined(tmp_path, {**TWIN, "class_map.pkl": CLASSES})
    assert found.safety.kind is SafetyClass.WEIGHTS_ONLY
    assert reasons(found) == ["class_map.pkl: a pickle of tensors and plain containers"]


def test_an_original_runs_its_python_file(made: Any, tmp_path: Path) -> None:
    found = made.examined(tmp_path, {"damoyolo.py": made.SOURCE, "class_map.pkl": CLASSES})
    assert found.safety.kind is SafetyClass.EXECUTES_CODE
    assert reasons(found) == ["damoyolo.py: a Python file"]
    evil = made.SOURCE + b"import os\nos.system('true')\n"
    assert "damoyolo.py: runs line 11: os.system('true')" in reasons(made.examined(tmp_path, {"damoyolo.py": evil}))


@pytest.mark.parametrize(
    ("extra", "what"),
    [
        ({"allow_remote": True}, "`allow_remote`"),
        ({"allow_remote": "false"}, "`allow_remote`"),
        ({"plugins": ["x"]}, "`plugins`"),
        ({"plugins": "x"}, "`plugins`"),
        ({"model": {"trust_remote_code": True}}, "`trust_remote_code`"),
        ({"model": {"type": "something-else"}}, "loads as model `something-else`"),
        ({"model": {"model_type": "other"}}, "loads as model `other`"),
        ({"pipeline": {"type": "other"}}, "loads as pipeline `other`"),
        ({"preprocessor": {"val": {"type": "other"}}}, "loads as preprocessor `other`"),
        ({"pipeline": {"type": ["tinynas-detection"]}}, "loads as pipeline"),
    ],
)
def test_what_a_configuration_has_modelscope_run_is_code(made: Any, tmp_path: Path, extra: Any, what: str) -> None:
    text = json.dumps({**CONFIGURATION, **extra}).encode()
    found = made.examined(tmp_path, {**TWIN, "configuration.json": text, "requirements.txt": b"evil"})
    assert any(what in reason for reason in reasons(found))
    assert ("has requirements.txt installed" in str(reasons(found))) == ("allow_remote" in extra)


def test_switches_that_are_off_are_no_code(made: Any, tmp_path: Path) -> None:
    text = json.dumps({**CONFIGURATION, "allow_remote": False, "plugins": []}).encode()
    assert not made.examined(tmp_path, {**TWIN, "configuration.json": text}).safety.executes_code


@pytest.mark.parametrize("text", [b'{"allow_remote": true, "allow_remote": false}', b"{", b"[]", b'{"a": NaN}'])
def test_a_configuration_that_two_readers_could_read_in_two_ways_is_code(
    made: Any, tmp_path: Path, text: bytes
) -> None:
    assert made.examined(tmp_path, {**TWIN, "configuration.json": text}).safety.executes_code


def test_other_files_that_import_are_code(made: Any, tmp_path: Path) -> None:
    assert made.examined(tmp_path, {**TWIN, ".modelscope_plugins": b"evil\n"}).safety.executes_code
    assert made.examined(tmp_path, {**TWIN, "config.json": b'{"auto_map": {"AutoModel": "x.Y"}}'}).safety.executes_code
    assert made.examined(tmp_path, {**TWIN, "sub/op.so": b"\x7fELF"}).safety.executes_code


def test_only_listed_files_are_looked_at(made: Any, tmp_path: Path) -> None:
    listed = made.write_folder(tmp_path, TWIN)
    (tmp_path / "evil.py").write_bytes(b"x")
    assert examine(tmp_path, listed).safety.kind is SafetyClass.SAFETENSORS
    assert safety_of(tmp_path, listed) == examine(tmp_path, listed).safety


def test_reasons_are_counted_when_there_are_too_many(made: Any, tmp_path: Path) -> None:
    found = made.examined(tmp_path, {f"f{number}.py": b"" for number in range(MAX_REASONS + 10)})
    assert len(found.safety.reasons) == MAX_REASONS
    assert reasons(found)[-1] == "…: 11 more reasons"


def test_what_cannot_be_read_is_said_and_never_raised(made: Any, tmp_path: Path) -> None:
    found = made.examined(
        tmp_path,
        {"damoyolo.py": made.SOURCE, "weights.pt": b"PK\x03\x04", "class_map.pkl": b"(", "structure.txt": b"f()",
         "configuration.json": b"{"},
    )  # fmt: skip
    assert len(found.unread) == 4
    assert {text.split(":")[0] for text in found.unread} == {
        "weights.pt", "class_map.pkl", "structure.txt", "configuration.json",
    }  # fmt: skip
    missing = made.examined(tmp_path, {"damoyolo.py": made.SOURCE})
    assert any("names 'weights.pt', which is not in the folder" in text for text in missing.unread)
    computed = made.examined(tmp_path, {"damoyolo.py": b"model = {'name': f()}", "w.safetensors": WEIGHTS})
    assert computed.unread == ("damoyolo.py: model.name is computed, so its file is a guess",)
    assert list(computed.tensors) == ["a"]
    several = made.examined(tmp_path, {"a.safetensors": WEIGHTS, "b.safetensors": WEIGHTS})
    assert "nothing says which of" in several.unread[0]


def test_a_listed_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DamoverError):
        examine(tmp_path, [FileEntry("x", 1, "0" * 64)])


def test_an_empty_folder_is_data(tmp_path: Path) -> None:
    found = examine(tmp_path, ())
    assert (found.safety.kind, found.unread) == (SafetyClass.SAFETENSORS, ())


def test_the_readers_of_single_parts_agree(made: Any, tmp_path: Path) -> None:
    made.write_folder(tmp_path, {**TWIN, "class_map.pkl": CLASSES})
    assert read_class_map(tmp_path / "class_map.pkl") == read_class_map(tmp_path / "class_map.json")
    assert read_config(tmp_path)["dataset"] == {"size_divisibility": 32}
