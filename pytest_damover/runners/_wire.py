"""Messages between the processes of the process runner: a JSON object and raw bytes, over a stream socket.

A child has run a stranger's code by the time it answers, so nothing that it sends is unpickled, and no message may be
larger than what a detector can honestly say.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_damover.domain.errors import Code, DamoverError, Fault

MAX_HEADER_BYTES = 16 * 1024 * 1024
MAX_PAYLOAD_BYTES = 64 * 1024 * 1024
_SIZES = struct.Struct("<II")

Message = tuple[dict[str, Any], bytes]


class WireError(Exception):
    """The other side sent something that is no message of ours."""


def send(
    link: socket.socket,
    header: Mapping[str, Any],
    payload: bytes = b"",
    fds: Sequence[int] = (),
    timeout_s: float | None = None,
) -> None:
    """Send one message; `fds` are open files that the other side gets copies of.

    Raises `TimeoutError` when the other side does not take it within `timeout_s`.
    """
    link.settimeout(timeout_s)
    text = json.dumps(header, separators=(",", ":")).encode()
    message = _SIZES.pack(len(text), len(payload)) + text + payload
    if fds:
        sent = socket.send_fds(link, [message], list(fds))
        message = message[sent:]
    link.sendall(message)


def receive(link: socket.socket, timeout_s: float | None = None) -> Message:
    """The next message.

    Raises `TimeoutError` when it has not come whole within `timeout_s`, `EOFError` when the other side has gone,
    `WireError` for what is no message.
    """
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    header_bytes, payload_bytes = _SIZES.unpack(_read(link, _SIZES.size, deadline))
    if header_bytes > MAX_HEADER_BYTES or payload_bytes > MAX_PAYLOAD_BYTES:
        raise WireError(f"a message of {header_bytes} + {payload_bytes} bytes")
    return _header(_read(link, header_bytes, deadline)), _read(link, payload_bytes, deadline)


def receive_with_files(link: socket.socket, most_files: int) -> tuple[dict[str, Any], list[int]]:
    """The next message and the open files that came with it; `EOFError` when the other side has gone."""
    first, fds, _, _ = socket.recv_fds(link, _SIZES.size, most_files)
    if not first:
        raise EOFError
    sizes = first + _read(link, _SIZES.size - len(first), None)
    header_bytes, payload_bytes = _SIZES.unpack(sizes)
    header = _header(_read(link, header_bytes, None))
    _read(link, payload_bytes, None)
    return header, fds


def refusal(error: DamoverError) -> dict[str, Any]:
    """The answer that carries a refusal to the other side."""
    return {"faults": [[f.code.value, f.where, f.found, f.allowed, f.next_step] for f in error.faults]}


def has_more(link: socket.socket) -> bool:
    """True when the other side has said something that nobody has read yet."""
    link.settimeout(0)  # with any other, Python waits for something to come whatever the flags say
    try:
        return bool(link.recv(1, socket.MSG_PEEK))
    except OSError:  # there is nothing, or nobody
        return False


def accepted(header: dict[str, Any]) -> dict[str, Any]:
    """Return an answer that carries no refusal, else raise the `DamoverError` that it carries."""
    if "faults" not in header:
        return header
    try:
        faults = [Fault(Code(code), *map(str, texts)) for code, *texts in header["faults"]]
    except (ValueError, TypeError) as error:
        raise WireError("a refusal of unknown form") from error
    if not faults:
        raise WireError("a refusal that names nothing")
    raise DamoverError(*faults)


def _header(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise WireError(f"{text[:80]!r} is no JSON") from error
    if not isinstance(header, dict):
        raise WireError(f"{text[:80]!r} is no JSON object")
    return header


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _read(link: socket.socket, size: int, deadline: float | None) -> bytes:
    data = bytearray(size)
    view, have = memoryview(data), 0
    while have < size:
        link.settimeout(None if deadline is None else max(0.001, deadline - time.monotonic()))
        got = link.recv_into(view[have:])
        if got == 0:
            raise EOFError
        have += got
        if deadline is not None and have < size and time.monotonic() > deadline:
            raise TimeoutError
    return bytes(data)
