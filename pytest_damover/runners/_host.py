"""The process that imports what is slow to import, once, and forks a child for every revision.

It runs no code of any model, starts no thread and touches no GPU, so that its children begin clean.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import socket
import sys
from collections.abc import Mapping
from typing import Any

from pytest_damover import detectors
from pytest_damover.domain.errors import DamoverError
from pytest_damover.runners import _child, _wire
from pytest_damover.runners._pixels import SeenPixels

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    """Serve over the socket whose number is the second argument; the third is the detector to prepare."""
    link = socket.socket(fileno=int(sys.argv[2]))
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _wire.send(link, _prepared(sys.argv[3]))
    gc.freeze()
    while True:
        try:
            header, fds = _wire.receive_with_files(link, 2)
        except EOFError:
            return
        _wire.send(link, _ACTIONS[header["do"]](header, fds))


def _prepared(detector: str) -> dict[str, Any]:
    try:
        detectors.preload(detector)
    except DamoverError as error:
        return _wire.refusal(error)
    return {}


def _fork(header: Mapping[str, Any], fds: list[int]) -> dict[str, Any]:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.setsid()
            order, (link_fd, pixels_fd) = _child.Order.from_header(header), fds
            link = socket.socket(fileno=link_fd)
            _close_all_but(link_fd, pixels_fd)
            _child.live(order, link, SeenPixels(pixels_fd))
            code = 0
        finally:
            _child.end(code)
    for fd in fds:
        os.close(fd)
    return {"pid": pid}


def _close_all_but(*kept: int) -> None:
    below = 3
    for fd in sorted(kept):
        os.closerange(below, fd)
        below = fd + 1
    os.closerange(below, os.sysconf("SC_OPEN_MAX"))


def _ended(header: Mapping[str, Any], fds: list[int]) -> dict[str, Any]:
    """How a child ended that was stopped or has gone: None while it lives on."""
    del fds
    pid, status = os.waitpid(header["pid"], 0 if header["wait"] else os.WNOHANG)
    return {"code": os.waitstatus_to_exitcode(status) if pid else None}


def _device(header: Mapping[str, Any], fds: list[int]) -> dict[str, Any]:
    """Which device a detector would run on, asked in a child: the driver must not be started in this process."""
    del fds
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            _wire.send(theirs, _resolved(header["detector"], header["asked"]))
        finally:
            _child.end(0)
    theirs.close()
    try:
        reply, _ = _wire.receive(ours)
    except EOFError:
        reply = {}
    ours.close()
    os.waitpid(pid, 0)
    return reply


def _resolved(detector: str, asked: str) -> dict[str, Any]:
    try:
        return {"device": detectors.resolve_device(detector, asked)}
    except DamoverError as error:
        return _wire.refusal(error)


_ACTIONS = {"fork": _fork, "ended": _ended, "device": _device}
