"""Strict reading of the JSON and TOML files that people write: every fault of a file is found before any is raised."""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_damover.documents._breaches import cut, found_and_allowed
from pytest_damover.domain.errors import Code, DamoverError, Fault

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from jsonschema_rs import Validator

MAX_BYTES = 5_000_000
MAX_DEPTH = 64
MAX_VALUES = 100_000
MAX_FAULTS = 50
USUAL_BYTES = 65_536


@cache
def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of one kind of file, as data."""
    text = (resources.files("pytest_damover") / "schemas" / f"{kind}.schema.json").read_text("utf-8")
    return dict(json.loads(text))


@cache
def alternatives(kind: str) -> tuple[str, ...]:
    """The definitions of a schema one of which a document of that kind keeps."""
    return tuple(choice["$ref"].rpartition("/")[2] for choice in schema(kind)["oneOf"])


@cache
def _part(kind: str, part: str) -> dict[str, Any]:
    """The schema of a kind, or one of its definitions as a schema of its own."""
    whole = schema(kind)
    return {**whole["$defs"][part], "$defs": whole["$defs"]} if part else whole


@cache
def _validator(kind: str, part: str) -> Validator:
    import jsonschema_rs

    return jsonschema_rs.validator_for(_part(kind, part))


def read_bytes(path: Path | str, where: str, code: Code) -> bytes:
    """The bytes of one file of at most 5 MB; `DamoverError` when there is no such file or it is larger."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - one of ten thousand
            text = file.read(USUAL_BYTES) or b""
            if len(text) == USUAL_BYTES:
                text += file.read(MAX_BYTES) or b""
    except OSError as error:
        raise DamoverError(Fault(code, where, f"cannot be read: {error.strerror}", "a readable file")) from error
    return check_size(text, where, code)


def check_size(text: bytes, where: str, code: Code) -> bytes:
    """Return `text` when it has at most `MAX_BYTES`, else raise `DamoverError`."""
    if len(text) <= MAX_BYTES:
        return text
    raise DamoverError(Fault(code, where, f"more than {MAX_BYTES} bytes", f"at most {MAX_BYTES} bytes"))


def parse_json(text: bytes, where: str, code: Code, *, ours: bool = True) -> Any:
    """Parse UTF-8 JSON; duplicate keys, NaN, infinity, half characters, other encodings and absurd depth are refused.

    Not `ours`, but a program's: any number of values, and half characters, for it may name what is no UTF-8. Every
    refusal is a `DamoverError`.
    """
    try:
        data = _DECODER.decode(text.decode("utf-8-sig"))
        opened = text.count(b"[") + text.count(b"{")
        if ours and (
            b"\\u" in text or opened > MAX_DEPTH or len(text) > MAX_VALUES
        ):  # else there is nothing to look for
            _check_values(data)
    except UnicodeDecodeError as error:
        raise DamoverError(Fault(code, where, f"byte {error.start} is not UTF-8", "UTF-8 text")) from error
    except json.JSONDecodeError as error:
        found = f"line {error.lineno} column {error.colno}: {error.msg}" if text.strip() else "an empty file"
        raise DamoverError(Fault(code, where, found, "one JSON value")) from error
    except (ValueError, RecursionError) as error:
        found = _TOO_DEEP if isinstance(error, RecursionError) else str(error)
        allowed = f"JSON with unique keys, finite numbers and whole characters, at most {MAX_DEPTH} deep"
        raise DamoverError(Fault(code, where, found, allowed)) from error
    return data


def parse_toml(text: bytes, where: str, code: Code, *, ours: bool = True) -> dict[str, Any]:
    """Parse UTF-8 TOML; `DamoverError` on anything else, and in files of `ours` on dates, NaN, infinity and depth."""
    try:
        data = dict(tomllib.loads(text.decode("utf-8-sig")))
        if ours:
            _check_values(data)
    except UnicodeDecodeError as error:
        raise DamoverError(Fault(code, where, f"byte {error.start} is not UTF-8", "UTF-8 text")) from error
    except tomllib.TOMLDecodeError as error:
        raise DamoverError(Fault(code, where, f"not TOML: {cut(str(error))}", "UTF-8 TOML")) from error
    except (ValueError, RecursionError) as error:
        found = _TOO_DEEP if isinstance(error, RecursionError) else str(error)
        allowed = f"TOML of texts, finite numbers, booleans, arrays and tables, at most {MAX_DEPTH} deep"
        raise DamoverError(Fault(code, where, found, allowed)) from error
    return data


def loads_unique(text: str) -> Any:
    """`json.loads` for records, which may hold NaN: ValueError also where a key stands twice in one object."""
    return _RECORD_DECODER.decode(text)


def schema_faults(data: Any, kind: str, where: str, code: Code, part: str = "") -> tuple[Fault, ...]:
    """How `data` breaks the schema of its kind: JSON path, value and what is allowed; at most `MAX_FAULTS` of them.

    `part` names one of the schema's definitions, to go by that alone.
    """
    try:
        return tuple(dict.fromkeys(_faults(data, kind, where, code, part)))
    except UnicodeEncodeError:
        return tuple(dict.fromkeys(_faults(_whole_characters(data), kind, where, code, part)))


def _faults(data: Any, kind: str, where: str, code: Code, part: str) -> Iterator[Fault]:
    validator = _validator(kind, part)
    if validator.is_valid(data):
        return
    for error in islice(validator.iter_errors(data), MAX_FAULTS):
        found, allowed = found_and_allowed(error, _part(kind, part))
        yield Fault(code, f"{where}: {json_path(error.instance_path)}", found, allowed, f"damover schema {kind}")


def _whole_characters(data: Any) -> Any:
    """The same with `?` for each half of a character, which no validator takes."""
    return json.loads(json.dumps(data, ensure_ascii=False).encode(errors="replace"))


def json_path(steps: Sequence[str | int]) -> str:
    """`$.expected.expected_boxes[0].box` of the steps to a value."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # a hundred thousand cases say the same few keys: one text each, not one in every file
    data = {sys.intern(name): value for name, value in pairs}
    if len(data) != len(pairs):
        (twice, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"the key {cut(repr(twice))} stands twice in one object")
    return data


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {cut(text)}")
    return number


def _no_constant(name: str) -> float:
    raise ValueError(f"the number {name}")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_no_constant)
_RECORD_DECODER = json.JSONDecoder(object_pairs_hook=_unique)
_TOO_DEEP = f"nested more than {MAX_DEPTH} deep"


def _check_values(data: Any) -> None:
    """ValueError for what a parser lets through and neither a schema nor a file of ours can hold."""
    waiting, seen = [(data, 1)], 0
    while waiting:
        value, depth = waiting.pop()
        seen += 1
        if seen > MAX_VALUES:
            raise ValueError(f"more than {MAX_VALUES} values")
        if isinstance(value, (dict, list)):
            if depth > MAX_DEPTH:
                raise ValueError(_TOO_DEEP)
            parts = (*value, *value.values()) if isinstance(value, dict) else value
            waiting.extend((part, depth + 1) for part in parts)
        elif isinstance(value, str):
            if any("\ud800" <= character <= "\udfff" for character in value):
                raise ValueError(f"half of a character in {cut(ascii(value))}")
        elif isinstance(value, float):
            _finite(str(value))
        elif value is not None and not isinstance(value, int):
            raise ValueError(f"the date or time {value}")
