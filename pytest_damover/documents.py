"""Strict reading of the JSON and TOML files that people write: every fault of a file is found before any is raised."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_damover.domain.errors import Code, DamoverError, Fault

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError, Validator

MAX_BYTES = 5_000_000
USUAL_BYTES = 65_536
SCHEMAS = ("case", "policy")


@cache
def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of one kind of file, as data."""
    text = (resources.files("pytest_damover") / "schemas" / f"{kind}.schema.json").read_text("utf-8")
    return dict(json.loads(text))


@cache
def _validator(kind: str) -> Validator:
    import jsonschema_rs

    return jsonschema_rs.validator_for(schema(kind))


def read_bytes(path: Path | str, where: str, code: Code) -> bytes:
    """The bytes of one file of at most 5 MB; `DamoverError` when there is no such file or it is larger."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - one of ten thousand
            text = file.read(USUAL_BYTES) or b""
            if len(text) == USUAL_BYTES:
                text += file.read(MAX_BYTES) or b""
    except OSError as error:
        raise DamoverError(Fault(code, where, f"cannot be read: {error.strerror}", "a readable file")) from error
    if len(text) > MAX_BYTES:
        raise DamoverError(Fault(code, where, "a larger file", f"at most {MAX_BYTES} bytes"))
    return text


def parse_json(text: bytes, where: str, code: Code) -> Any:
    """Parse UTF-8 JSON; duplicate keys, NaN, infinity, other encodings and absurd depth are `DamoverError`s."""
    try:
        return _DECODER.decode(text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DamoverError(Fault(code, where, f"byte {error.start} is not UTF-8", "UTF-8 text")) from error
    except json.JSONDecodeError as error:
        found = f"line {error.lineno} column {error.colno}: {error.msg}"
        raise DamoverError(Fault(code, where, found, "one JSON value")) from error
    except (ValueError, RecursionError) as error:
        found = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise DamoverError(Fault(code, where, found, "JSON with unique keys and finite numbers")) from error


def parse_toml(text: bytes, where: str, code: Code) -> dict[str, Any]:
    """Parse UTF-8 TOML; `DamoverError` on anything else."""
    try:
        return dict(tomllib.loads(text.decode("utf-8-sig")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise DamoverError(Fault(code, where, f"not TOML: {error}", "UTF-8 TOML")) from error


def schema_faults(data: Any, kind: str, where: str, code: Code) -> tuple[Fault, ...]:
    """Every way in which `data` breaks the schema of its kind: JSON path, value and what is allowed."""
    validator = _validator(kind)
    if validator.is_valid(data):
        return ()
    next_step = f"damover schema {kind}"
    faults = []
    for error in validator.iter_errors(data):
        path = f"{where}: {json_path(error.instance_path)}"
        faults.append(Fault(code, path, _found(error), _allowed(error, schema(kind)), next_step))
    return tuple(faults)


def json_path(steps: Sequence[str | int]) -> str:
    """`$.expected.expected_boxes[0].box` of the steps to a value."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return data


def _no_constant(name: str) -> float:
    raise ValueError(f"the number {name}")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)


def _found(error: ValidationError) -> str:
    if error.schema_path and error.schema_path[-1] == "anyOf":
        return f"none of the keys that make a demand in {_short(error.instance)}"
    return f"{_short(error.instance)}: {error.message}" if isinstance(error.instance, dict) else error.message


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else text[:117] + "..."


def _allowed(error: ValidationError, root: Mapping[str, Any]) -> str:
    node: Any = root
    for step in list(error.schema_path)[:-1]:
        node = node[int(step)] if isinstance(node, list) else node.get(step, {})
        while isinstance(node, dict) and "$ref" in node:
            node = root["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    if not isinstance(node, dict):
        return ""
    keyword = error.schema_path[-1] if error.schema_path else ""
    if keyword == "anyOf":
        return "at least one of " + ", ".join(choice["required"][0] for choice in node["anyOf"])
    if keyword in ("additionalProperties", "required"):
        return "the keys " + ", ".join(node.get("properties", ()))
    limits = ("type", "enum", "const", "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "minItems",
              "maxItems", "minLength", "maxLength", "pattern")  # fmt: skip
    return ", ".join(f"{name} {json.dumps(node[name])}" for name in limits if name in node)
