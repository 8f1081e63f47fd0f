"""Ways to spoil a good document: its bytes, its lines, one of its values, one of its keys."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

Path = tuple[Any, ...]
HOLE = "\x00 what stands here is replaced \x00"
ODD = tuple(
    map(
        str.encode,
        (
            *(
                "null",
                "true",
                "false",
                "0",
                "-1",
                "1.5",
                "1e308",
                "-0.0",
                "{}",
                "[]",
                '""',
                "[null]",
                "[[[]]]",
                '{"":{}}',
            ),
            *(
                "NaN",
                "Infinity",
                "-Infinity",
                "1e999",
                "9" * 30,
                "-" + "9" * 400,
                "9" * 5000,
                "0x10",
                "'a'",
                "",
                "]",
                ",",
            ),
            *('"\\ud800"', '"\\udfff\\ud800"', '"\\u0000"', '"' + "x" * 5000 + '"', '"\\u202e"', '"../../x"', '"夜"'),
            *("[" * 70 + "]" * 70, "[" * 3000 + "]" * 3000, '{"a":' * 3000 + "1" + "}" * 3000, "[" * 100_000),
            *(
                '{"a":1,"a":2}',
                '["a","b"]',
                '{"kind":"end"}',
                "[1,2,3]",
                "2",
                '"cpu"',
                '"passed"',
                "[" + "0," * 5000 + "0]",
            ),
        ),
    )
)
TOML_ODD = (
    b"nan",
    b"-inf",
    b"1e999",
    b"2026-01-01",
    b"07:30:00",
    b"0x1F",
    b"1_000",
    b"'''x'''",
    b"{a = 1}",
    b'"\\ud800"',
)


def paths(data: Any, at: Path = ()) -> Iterator[Path]:
    """The path of every value."""
    yield at
    for key, part in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from paths(part, (*at, key))


def changed(data: Any, path: Path, change: Callable[[Any, Any], None]) -> bytes:
    """The JSON of `data` after `change` of the container that the path's last step leads into."""
    fresh = {"": json.loads(json.dumps(data))}
    place: Any = fresh
    *steps, last = ("", *path)
    for step in steps:
        place = place[step]
    change(place, last)
    return json.dumps(fresh.get(""), ensure_ascii=False, separators=(",", ":")).encode()


def _dig(place: Any, key: Any) -> None:
    place[key] = HOLE


def _remove(place: Any, key: Any) -> None:
    del place[key]


def _rename(place: Any, key: Any) -> None:
    place["unknown"] = place.pop(key) if isinstance(place, dict) else 0 if key else place.clear() or 0


def _repeat(place: Any, key: Any) -> None:
    if isinstance(place, list):
        place.append(place[key])


def value_mutants(text: bytes) -> st.SearchStrategy[bytes]:
    """One value replaced by something odd, removed, repeated, or under another key; or a key that stands twice."""
    data = json.loads(text)
    places = tuple(paths(data))
    hole = json.dumps(HOLE).encode()
    swapped = st.builds(
        lambda path, odd: changed(data, path, _dig).replace(hole, odd), st.sampled_from(places), st.sampled_from(ODD)
    )
    inner = tuple(path for path in places if path)
    moved = st.builds(changed, st.just(data), st.sampled_from(inner), st.sampled_from((_remove, _repeat)))
    keys = tuple(path for path in inner if isinstance(path[-1], str))
    named = st.builds(changed, st.just(data), st.sampled_from(keys), st.just(_rename))
    twice = st.builds(lambda path: _twice(text, path[-1]), st.sampled_from(keys))
    return swapped | swapped | moved | named | twice


def _twice(text: bytes, key: str) -> bytes:
    """The key stands twice in the object that it is first found in."""
    name = json.dumps(key, ensure_ascii=False).encode()
    return text.replace(name + b":", name + b":0," + name + b":", 1).replace(
        name + b": ", name + b": 0, " + name + b": ", 1
    )


def byte_mutants(text: bytes) -> st.SearchStrategy[bytes]:
    """Some bytes put in, taken out or overwritten, anywhere."""
    places = st.integers(0, len(text))
    odd = st.binary(min_size=1, max_size=4) | st.sampled_from((b"\n", b'"', b"{", b"}", b"\xff", b"\0", *ODD[:20]))
    return st.builds(
        lambda at, gone, new: text[:at] + new + text[at + gone :], places, st.integers(0, 40), odd | st.just(b"")
    )


def line_mutants(text: bytes) -> st.SearchStrategy[bytes]:
    """Lines removed, repeated or swapped, or the text cut off."""
    lines = text.splitlines(keepends=True)
    places = st.integers(0, len(lines) - 1)
    return (
        st.builds(lambda at: b"".join((*lines[:at], *lines[at + 1 :])), places)
        | st.builds(lambda at: b"".join((*lines[:at], lines[at], *lines[at:])), places)
        | st.builds(lambda a, b: b"".join(_swapped(lines, a, b)), places, places)
        | st.builds(lambda at: text[:at], st.integers(0, len(text)))
    )


def _swapped(lines: list[bytes], a: int, b: int) -> list[bytes]:
    fresh = list(lines)
    fresh[a], fresh[b] = fresh[b], fresh[a]
    return fresh


def record_mutants(text: bytes) -> st.SearchStrategy[bytes]:
    """One line of the text with a value of its own spoilt."""
    lines = text.splitlines(keepends=True)
    return st.one_of(
        *(
            value_mutants(line).map(lambda new, at=at: b"".join((*lines[:at], new + b"\n", *lines[at + 1 :])))
            for at, line in enumerate(lines)
        )
    )


def toml_mutants(text: bytes) -> st.SearchStrategy[bytes]:
    """One value of a policy replaced by something odd."""
    lines = text.splitlines(keepends=True)
    places = st.sampled_from([at for at, line in enumerate(lines) if b"=" in line])
    odd = st.sampled_from((*TOML_ODD, *ODD))
    return st.builds(
        lambda at, new: b"".join((*lines[:at], lines[at].partition(b"=")[0], b"= ", new, b"\n", *lines[at + 1 :])),
        places,
        odd,
    )


def mutants(kind: str, text: bytes) -> st.SearchStrategy[bytes]:
    """Every way that makes sense for a document of that kind, and bytes that are no document at all."""
    by_kind = {"journal": record_mutants, "policy": toml_mutants, "waivers": toml_mutants}
    own = by_kind.get(kind, value_mutants)(text)
    return own | own | own | line_mutants(text) | byte_mutants(text) | st.binary(max_size=60)
