"""The process that imports what is slow to import, once, and forks a child for every revision.

It runs no code of any model, starts no thread and touches no GPU, so that its children begin clean. When the process
that started it has gone, however that ended, it ends its children and clears their homes away.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_damover import detectors
from pytest_damover.confine import close_fds
from pytest_damover.domain.errors import DamoverError
from pytest_damover.runners import _child, _wire
from pytest_damover.runners._clearing import clear_away
from pytest_damover.runners._pixels import SeenPixels

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    """Serve over the socket whose number is the second argument; the third is the detector to prepare.

    The fourth is the folder of all homes, which is removed at the end.
    """
    link, detector, homes = socket.socket(fileno=int(sys.argv[2])), sys.argv[3], Path(sys.argv[4])
    parent = os.getppid()
    signal.signal(signal.SIGTERM, lambda *_: None if os.getppid() == parent else sys.exit())
    for number in (
        signal.SIGINT,
        signal.SIGHUP,
    ):  # sent to every process at once, they are for pytest to end us in order
        signal.signal(number, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    server = _Server(link)
    try:
        with contextlib.suppress(EOFError, OSError):
            _wire.send(link, _prepared(detector))
            gc.freeze()
            server.serve()
    finally:
        try:  # the parent's death both closes the link and sends the signal, which may come in the midst of this
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        finally:
            server.end_children()
            clear_away(homes)


def _prepared(detector: str) -> dict[str, Any]:
    try:
        detectors.preload(detector)
    except DamoverError as error:
        return _wire.refusal(error)
    return {}


class _Server:
    """Answers what the parent asks until it goes."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._children: set[int] = set()
        self._actions = {"fork": self._fork, "ended": self._ended, "device": self._device}

    def serve(self) -> None:
        """One answer for each question; `EOFError` when the parent has gone."""
        while True:
            header, fds = _wire.receive_with_files(self._link, 2)
            _wire.send(self._link, self._actions[header["do"]](header, fds))

    def end_children(self) -> None:
        """Kill those that are still there, each with its group."""
        for pid in self._children:
            _kill(pid)
            with contextlib.suppress(OSError):
                os.waitpid(pid, 0)

    def _fork(self, header: Mapping[str, Any], fds: list[int]) -> dict[str, Any]:
        pid = os.fork()
        if pid == 0:
            _become_child(header, *fds)
        self._children.add(pid)
        for fd in fds:
            os.close(fd)
        return {"pid": pid}

    def _ended(self, header: Mapping[str, Any], _fds: list[int]) -> dict[str, Any]:
        """How a child ended; None while it lives on. What it started and left behind ends with it."""
        pid = header["pid"]
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return {"code": None}
        _kill(pid)  # before it is waited for: its number is nobody else's until then
        _, status = os.waitpid(pid, 0)
        self._children.discard(pid)
        return {"code": os.waitstatus_to_exitcode(status)}

    def _device(self, header: Mapping[str, Any], _fds: list[int]) -> dict[str, Any]:
        """Which device a detector would run on, asked in a child: the driver must not be started in this process."""
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


def _kill(pid: int) -> None:
    """A child with its group; by its number too, for it may not have made a group of its own yet."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(OSError):
            kill(pid, signal.SIGKILL)


def _become_child(header: Mapping[str, Any], link_fd: int, pixels_fd: int) -> None:
    """Never returns."""
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        link = socket.socket(fileno=link_fd)
        close_fds((link_fd, pixels_fd))
        _child.live(_child.Order.from_header(header), link, SeenPixels(pixels_fd))
        code = 0
    finally:
        _child.end(code)


def _resolved(detector: str, asked: str) -> dict[str, Any]:
    try:
        device = detectors.resolve_device(detector, asked)
        return {"device": device, "gpus": detectors.gpus(detector) if device.startswith("cuda") else ()}
    except DamoverError as error:
        return _wire.refusal(error)
