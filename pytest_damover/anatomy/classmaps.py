"""The class map: which name each number of a detection's class has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_damover.anatomy.machine import read_pickle
from pytest_damover.anatomy.window import Window, open_window
from pytest_damover.documents import parse_json
from pytest_damover.domain.errors import Code, DamoverError, Fault

MAX_BYTES = 16_000_000
_PLAIN = (str, int, float, bool, type(None))


def read_class_map(path: Path) -> dict[int, Any]:
    """Class number to what the file says of it, as plain data; from a pickle or from JSON.

    DAMO-YOLO reads the name of class `i` as `map[i + 1][0]["name"]`. `DamoverError` when the file would do more than
    give data when it is loaded, or is no class map.
    """
    window = open_window(path, path.name)
    if window.size_bytes > MAX_BYTES:
        raise _fault(path.name, f"more than {MAX_BYTES} bytes")
    return class_map_in(window, path.name)


def class_map_in(window: Window, where: str) -> dict[int, Any]:
    """The same for bytes that are at hand."""
    is_json = where.lower().endswith(".json")
    value = parse_json(window.head(MAX_BYTES), where, Code.REVISION_TREE) if is_json else _unpickled(window, where)
    if isinstance(value, list):
        value = dict(enumerate(value))
    if not isinstance(value, dict):
        raise _fault(where, "not a class map")
    numbered = {_number(key, where): _plain(entry, where) for key, entry in value.items()}
    if len(numbered) != len(value):
        raise _fault(where, "a class number that stands there twice")
    return numbered


def class_names(class_map: Mapping[int, Any]) -> dict[str, str]:
    """Class number as text to its name; an entry without a name is told as it stands."""
    return {str(number): _name(entry) for number, entry in sorted(class_map.items())}


def _name(entry: Any) -> str:
    first = entry[0] if isinstance(entry, list) and entry else entry
    if isinstance(first, dict) and isinstance(first.get("name"), str):
        return str(first["name"])
    return first if isinstance(first, str) else repr(entry)


def _unpickled(window: Window, where: str) -> Any:
    reading = read_pickle(window, window.start)
    if reading.findings:
        raise _fault(where, "; ".join(reading.findings))
    if reading.end != window.end:
        raise _fault(where, "data behind the end of the pickle")
    return reading.value


def _number(key: Any, where: str) -> int:
    if type(key) is int:
        return key
    if isinstance(key, str) and key.removeprefix("-").isdecimal() and key.isascii() and len(key) < 16:
        return int(key)
    raise _fault(where, f"the class {ascii(key)[:80]}, which is no number")


def _plain(value: Any, where: str, depth: int = 0) -> Any:
    if depth > 8:
        raise _fault(where, "entries that are nested too deep")
    if isinstance(value, list | tuple):
        return [_plain(one, where, depth + 1) for one in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _plain(one, where, depth + 1) for key, one in value.items()}
    if isinstance(value, _PLAIN):
        return value
    raise _fault(where, f"an entry that is no plain data ({type(value).__name__})")


def _fault(where: str, found: str) -> DamoverError:
    allowed = '{1: [{"name": "phone"}]} as a pickle of plain data or as JSON'
    return DamoverError(Fault(Code.REVISION_TREE, where, found, allowed))
