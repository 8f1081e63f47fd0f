"""The files of a twin: a DAMO-YOLO repository that is data and nothing else, as `damover convert` writes it.

A folder claims to be a twin by holding `damoyolo.json`. Such a folder is loaded as data or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_damover.documents import parse_json, read_bytes
from pytest_damover.domain.errors import Code, DamoverError, Fault

CONFIGURATION = "configuration.json"
CONFIG = "damoyolo.json"
CLASS_MAP = "class_map.json"
WEIGHTS = "weights.safetensors"
STRUCTURE = "structure.txt"
DATA_SUFFIXES = frozenset({".json", ".safetensors", ".txt", ".md"})
DATA_NAMES = frozenset({"LICENSE", "NOTICE", ".gitattributes"})
CODE_KEYS = frozenset({"allow_remote", "plugins", "trust_remote_code"})
"""Keys of `configuration.json` with which ModelScope imports or installs code."""

_TYPES = {
    "model": "tinynas-damoyolo",
    "preprocessor": "object-detection-tinynas-preprocessor",
    "pipeline": "tinynas-detection",
}
_ALLOWED = f"the files of a twin: {CONFIGURATION}, {CONFIG}, {CLASS_MAP}, {WEIGHTS}, {STRUCTURE}, texts"
_NEXT = "damover convert makes a twin anew"


@dataclass(frozen=True, slots=True)
class Twin:
    """What a twin says of itself: `config` with the keys `model` and `dataset`, and the class map by class number."""

    folder: Path
    config: dict[str, Any]
    class_map: dict[int, list[dict[str, Any]]]


def claims_to_be_twin(folder: Path) -> bool:
    """True when the folder holds `damoyolo.json`, of whatever kind."""
    return os.path.lexists(folder / CONFIG)


def read_twin(folder: Path) -> Twin:
    """Read a twin; `DamoverError` (load) with every file and key that is not a twin's."""
    faults = [_fault(folder.name, f"{path} is not data") for path in _listed(folder) if not _is_data(path)]
    if faults:
        raise DamoverError(*faults)
    configuration, config = (_object(folder, name) for name in (CONFIGURATION, CONFIG))
    found = [*_strange_configuration(configuration), *_strange_config(config)]
    if found:
        raise DamoverError(*(_fault(f"{folder.name}/{name}", what) for name, what in found))
    return Twin(folder, config, _class_map(folder))


def _listed(folder: Path) -> Iterator[str]:
    """Paths below `folder`, in no order; what is no regular file ends in a slash, so that it is not data."""
    for root, folders, files in os.walk(folder):
        for name in (*files, *(name for name in folders if Path(root, name).is_symlink())):
            path = Path(root, name)
            regular = path.is_file() and not path.is_symlink()
            yield path.relative_to(folder).as_posix() + ("" if regular else "/")


def _is_data(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    return name in DATA_NAMES or Path(name).suffix in DATA_SUFFIXES


def _object(folder: Path, name: str) -> dict[str, Any]:
    where = f"{folder.name}/{name}"
    data = parse_json(read_bytes(folder / name, where, Code.LOAD), where, Code.LOAD)
    if not isinstance(data, dict):
        raise DamoverError(_fault(where, f"a {type(data).__name__}", "an object"))
    return data


def _strange_configuration(configuration: dict[str, Any]) -> list[tuple[str, str]]:
    found = [f"the key {key!r}, with which code is imported" for key in sorted(CODE_KEYS & configuration.keys())]
    found += [f"the key {key!r}" for key in _private_keys(configuration)]
    for part, wanted in _TYPES.items():
        value = configuration.get(part)
        kind = value.get("type") if isinstance(value, dict) else value
        if kind != wanted:
            found.append(f"{part}.type is {kind!r} instead of {wanted!r}")
    if configuration.get("framework") != "pytorch":
        found.append(f"framework is {configuration.get('framework')!r} instead of 'pytorch'")
    return [(CONFIGURATION, what) for what in found]


def _strange_config(config: dict[str, Any]) -> list[tuple[str, str]]:
    found = [f"the key {key!r}" for key in _private_keys(config)]
    wanted: dict[tuple[str, ...], str] = {("model", "name"): WEIGHTS, ("model", "class_map"): CLASS_MAP}
    if "TinyNAS" in str(_at(config, ("model", "backbone", "name"))):
        wanted["model", "backbone", "structure_file"] = STRUCTURE
    for steps, name in wanted.items():
        if _at(config, steps) != name:
            found.append(f"{'.'.join(steps)} is {_at(config, steps)!r} instead of {name!r}")
    return [(CONFIG, what) for what in found]


def _at(data: Any, steps: tuple[str, ...]) -> Any:
    for step in steps:
        data = data.get(step) if isinstance(data, dict) else None
    return data


def _private_keys(data: Any) -> list[str]:
    """Keys such as `__class__`, of which readers of JSON make objects."""
    parts = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    here = [key for key in data if key.startswith("__")] if isinstance(data, dict) else []
    return here + [key for part in parts for key in _private_keys(part)]


def _class_map(folder: Path) -> dict[int, list[dict[str, Any]]]:
    where = f"{folder.name}/{CLASS_MAP}"
    classes: dict[int, list[dict[str, Any]]] = {}
    for number, entries in _object(folder, CLASS_MAP).items():
        first = entries[0] if isinstance(entries, list) and entries else None
        name = first.get("name") if isinstance(first, dict) else None
        if not number.isascii() or not number.isdecimal() or not isinstance(name, str):
            raise DamoverError(_fault(where, f"{number!r}: {entries!r}", 'entries such as "1": [{"name": "phone"}]'))
        classes[int(number)] = entries
    return classes


def _fault(where: str, found: str, allowed: str = _ALLOWED) -> Fault:
    return Fault(Code.LOAD, where, found, allowed, _NEXT)
