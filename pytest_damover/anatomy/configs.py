"""A revision's configuration: where it stands in the folder, and all of it as one flat table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pytest_damover.anatomy.literalcode import Computed
from pytest_damover.anatomy.sources import plain_values, read_source
from pytest_damover.documents import parse_json, read_bytes
from pytest_damover.domain.errors import Code, DamoverError, Fault

SOURCE_FILE = "damoyolo.py"
DATA_FILE = "damoyolo.json"
MAIN_FILE = "configuration.json"
MAX_KEYS = 20_000


def read_config(folder: Path) -> dict[str, Any]:
    """The whole configuration of a DAMO-YOLO folder as nested plain data, tuples as lists.

    From `damoyolo.py`, else from `damoyolo.json`. `DamoverError` names everything in the source that is not written
    down but computed, and every statement that does more than assign.
    """
    if (folder / SOURCE_FILE).is_file():
        text = read_bytes(folder / SOURCE_FILE, SOURCE_FILE, Code.REVISION_TREE)
        return plain_values(read_source(text, SOURCE_FILE), SOURCE_FILE)
    text = read_bytes(folder / DATA_FILE, DATA_FILE, Code.REVISION_TREE)
    return json_object(text, DATA_FILE)


def json_object(text: bytes, where: str) -> dict[str, Any]:
    """A JSON object, strictly read; `DamoverError` for anything else."""
    data = parse_json(text, where, Code.REVISION_TREE)
    if isinstance(data, dict):
        return data
    raise DamoverError(Fault(Code.REVISION_TREE, where, "not a JSON object", "one JSON object"))


def flat(value: Any, prefix: str = "") -> dict[str, str]:
    """Dotted key to the value's text; lists without dictionaries in them stay whole. At most `MAX_KEYS` keys."""
    table: dict[str, str] = {}
    for key, text in _leaves(value, prefix):
        table[key] = text
        if len(table) >= MAX_KEYS:
            table[f"{prefix}…"] = f"more than {MAX_KEYS} values"
            break
    return table


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, part in value.items():
            yield from _leaves(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and any(isinstance(part, dict | Computed) for part in value):
        for number, part in enumerate(value):
            yield from _leaves(part, f"{path}.{number}" if path else str(number))
    else:
        yield path, str(value) if isinstance(value, Computed) else json.dumps(value, ensure_ascii=False)
