"""Writes the files of a twin; everything is read from the original by `anatomy`, which runs none of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest_damover
from pytest_damover import anatomy
from pytest_damover.convert._staging import staged
from pytest_damover.convert._weights import safetensors_bytes
from pytest_damover.detectors import _twin_files as twin
from pytest_damover.documents import parse_json, read_bytes
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.revision import Revision
from pytest_damover.hubs._tree import verify
from pytest_damover.store import write_bytes

KEPT = ("LICENSE", "NOTICE")
README = "README.md"
ORIGINAL_README = "README.original.md"
_README_TEXT = """\
# {model} {tag}, as data

The same model as `{model}` `{tag}`, without anything that runs: nothing of this folder is imported or unpickled.

| made from | |
|---|---|
| model | {model} |
| revision | {tag} |
| digest | {digest} |
| made by | pytest-damover {version}, `damover convert` |

`damoyolo.json` is its `damoyolo.py`, `class_map.json` its class map, `weights.safetensors` its weights;
`README.original.md` is its own README. pytest-damover loads this folder with ModelScope's model and pipeline classes.
ModelScope's `pipeline()` does not know the format.
"""


def write_twin(revision: Revision, folder: Path, target: Path) -> Path:
    """Write a twin of the revision in `folder` to `target`, whole or not at all, and return `target`; nothing is run.

    The same revision gives the same bytes. Raises `DamoverError`: something at `target`, or an original that cannot be
    made into data.
    """
    with staged(target) as staging:
        write_files(revision, folder, staging)
        verify(folder, revision.files, revision.name)
    return target


def write_files(revision: Revision, folder: Path, staging: Path) -> None:
    """Write the files of a twin into the empty folder `staging`, each on the disk when this returns."""
    if twin.claims_to_be_twin(folder):
        raise _refusal(revision.name, f"is data already: it holds {twin.CONFIG}", "a revision that runs code")
    config = _plain_config(anatomy.read_config(folder))
    model = config["model"]
    backbone = _object(model, "backbone", "model.backbone")
    weights = _file_of(revision, folder, model.get("name"), "model.name")
    class_map = _file_of(revision, folder, model.get("class_map"), "model.class_map")
    model["name"], model["class_map"] = twin.WEIGHTS, twin.CLASS_MAP
    if "structure_file" in backbone:
        structure = _file_of(revision, folder, backbone["structure_file"], "model.backbone.structure_file")
        backbone["structure_file"] = twin.STRUCTURE
        write_bytes(staging / twin.STRUCTURE, structure.read_bytes())
    _write_json(staging / twin.CONFIGURATION, _configuration(folder))
    _write_json(staging / twin.CONFIG, config)
    _write_json(staging / twin.CLASS_MAP, _class_map(class_map))
    write_bytes(staging / twin.WEIGHTS, safetensors_bytes(anatomy.iter_tensors(weights)))
    _write_texts(revision, folder, staging)
    twin.read_twin(staging)


def _plain_config(read: dict[str, Any]) -> dict[str, Any]:
    """`model` and `dataset` of a config, as new plain data; `DamoverError` names a value that JSON cannot hold."""
    return {part: _plain(_object(read, part, part), part) for part in ("model", "dataset")}


def _plain(value: Any, where: str) -> Any:
    if isinstance(value, dict):
        strange = [key for key in value if not isinstance(key, str)]
        if not strange:
            return {key: _plain(part, f"{where}.{key}") for key, part in value.items()}
        value = strange[0]
    elif isinstance(value, (list, tuple)):
        return [_plain(part, f"{where}[{index}]") for index, part in enumerate(value)]
    elif value is None or isinstance(value, (str, int)) or (isinstance(value, float) and abs(value) < float("inf")):
        return value
    raise _refusal(where, f"{value!r}", "texts, finite numbers, booleans, lists and named values")


def _object(data: dict[str, Any], key: str, where: str) -> dict[str, Any]:
    value = data.get(key)
    if isinstance(value, dict):
        return value
    raise _refusal(where, f"{value!r}", "the config of a DAMO-YOLO")


def _file_of(revision: Revision, folder: Path, name: Any, where: str) -> Path:
    """A file that the config names, when it is one of the revision's."""
    if name in {entry.path for entry in revision.files}:
        return folder / str(name)
    raise _refusal(where, f"{name!r}", "a file of the revision")


def _configuration(folder: Path) -> dict[str, Any]:
    where = f"{folder.name}/{twin.CONFIGURATION}"
    data = parse_json(read_bytes(folder / twin.CONFIGURATION, where, Code.LOAD), where, Code.LOAD)
    if not isinstance(data, dict):
        raise _refusal(where, f"a {type(data).__name__}", "an object")
    return {key: value for key, value in data.items() if key not in twin.CODE_KEYS}


def _class_map(path: Path) -> dict[str, Any]:
    """Class numbers as the keys of an object, smallest first."""
    classes = anatomy.read_class_map(path)
    if not all(type(number) is int for number in classes):
        raise _refusal(path.name, f"the keys {sorted(map(repr, classes))[:5]}", "class numbers")
    return {str(number): _plain(classes[number], f"{path.name}[{number}]") for number in sorted(classes)}


def _write_texts(revision: Revision, folder: Path, staging: Path) -> None:
    paths = {entry.path for entry in revision.files}
    copied = {name: name for name in KEPT} | {README: ORIGINAL_README}
    for name, new_name in copied.items():
        if name in paths:
            write_bytes(staging / new_name, (folder / name).read_bytes())
    text = _README_TEXT.format(
        model=revision.model,
        tag=revision.tag,
        digest=revision.digest,
        version=pytest_damover.__version__,
    )
    write_bytes(staging / README, text.encode())


def _write_json(path: Path, data: dict[str, Any]) -> None:
    write_bytes(path, (json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode())


def _refusal(where: str, found: str, allowed: str) -> DamoverError:
    next_step = "only a DAMO-YOLO repository whose config is plain values can be made into data"
    return DamoverError(Fault(Code.LOAD, where, found, allowed, next_step))
