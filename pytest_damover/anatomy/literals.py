"""The operations of a pickle that put one plain value on the stack."""

from __future__ import annotations

import codecs
import struct
from collections.abc import Callable, Mapping
from typing import Any

LONGEST_NUMBER = 4_000


def _text_int(raw: bytes) -> int | bool:
    return {b"00": False, b"01": True}.get(raw, _number(raw))


def _number(raw: bytes) -> int:
    if len(raw) > LONGEST_NUMBER:
        raise ValueError("a number of thousands of digits")
    return int(raw)


def _text_long(raw: bytes) -> int:
    return _number(raw.removesuffix(b"L"))


def _long(raw: bytes) -> int:
    return int.from_bytes(raw, "little", signed=True)


def _old_string(raw: bytes) -> str:
    if len(raw) < 2 or raw[0] != raw[-1] or raw[:1] not in (b"'", b'"'):
        raise ValueError("a string without quotes")
    return codecs.escape_decode(raw[1:-1])[0].decode("latin-1")


def _unicode(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogatepass")


def _latin(raw: bytes) -> str:
    return raw.decode("latin-1")


def _packed(form: str) -> Callable[[bytes], Any]:
    unpack = struct.Struct(form).unpack
    return lambda raw: unpack(raw)[0]


LITERALS: Mapping[str, Callable[[bytes], Any]] = {
    "NONE": lambda _: None,
    "NEWTRUE": lambda _: True,
    "NEWFALSE": lambda _: False,
    "INT": _text_int,
    "BININT": _packed("<i"),
    "BININT1": lambda raw: raw[0],
    "BININT2": _packed("<H"),
    "LONG": _text_long,
    "LONG1": _long,
    "LONG4": _long,
    "FLOAT": lambda raw: float(raw),
    "BINFLOAT": _packed(">d"),
    "STRING": _old_string,
    "BINSTRING": _latin,
    "SHORT_BINSTRING": _latin,
    "UNICODE": lambda raw: raw.decode("raw-unicode-escape"),
    "SHORT_BINUNICODE": _unicode,
    "BINUNICODE": _unicode,
    "BINUNICODE8": _unicode,
    "SHORT_BINBYTES": bytes,
    "BINBYTES": bytes,
    "BINBYTES8": bytes,
    "BYTEARRAY8": bytes,
    "EMPTY_TUPLE": lambda _: (),
    "EMPTY_LIST": lambda _: [],
    "EMPTY_DICT": lambda _: {},
    "EMPTY_SET": lambda _: set(),
}
