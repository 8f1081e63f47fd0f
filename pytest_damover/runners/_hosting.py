"""The parent's end of the host process: started early, asked for devices and children, gone when we are."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest_damover
from pytest_damover import confine
from pytest_damover.detectors import ONE_THREAD
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.runners import CrashError, _wire
from pytest_damover.runners._child import Order, output_of
from pytest_damover.runners._clearing import clear_away
from pytest_damover.runners._pixels import SharedPixels
from pytest_damover.runners._timeouts import Timeouts

ENDING_S = 1.0
LOOK_S = 0.05
OUTPUT_TAIL_BYTES = 2000
BY_HAND = "look at it in a debugger: --damover-runner inline --pdb"

# the very files that this process runs, wherever they are: not what an import elsewhere might find
_BOOT = (
    "import sys, importlib.util as u; sys.path += sys.argv[5:]; "
    "s = u.spec_from_file_location('pytest_damover', sys.argv[1]); "
    "m = u.module_from_spec(s); sys.modules['pytest_damover'] = m; s.loader.exec_module(m); "
    "from pytest_damover.runners import _host; _host.main()"
)


class Host:
    """A host process for one detector; it begins to import as soon as it is made, and `ready` waits for it."""

    def __init__(self, detector: str, timeouts: Timeouts, deterministic: bool = False) -> None:
        self.timeouts = timeouts
        self._deterministic = deterministic
        self._detector = detector
        self._homes = Path(tempfile.mkdtemp(prefix="damover-"))
        self._children = 0
        self._ready = False
        self._out_of_step = ""
        self._link, theirs = socket.socketpair()
        with theirs:
            self._process = self._start(theirs)

    def _start(self, theirs: socket.socket) -> subprocess.Popen[bytes]:
        home = self._homes / "host"
        home.mkdir()
        environment = {**confine.scrubbed(os.environ, home), **ONE_THREAD}
        with output_of(home).open("wb") as output:
            return subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    _BOOT,
                    str(pytest_damover.__file__),
                    str(theirs.fileno()),
                    self._detector,
                    str(self._homes),
                    *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)),
                ],
                cwd=home,
                env=environment,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def device(self, asked: str) -> tuple[str, tuple[str, ...]]:
        """The device that the detector would run on when asked for `asked`, and the UUIDs of all GPUs if it is one."""
        reply = self._ask({"do": "device", "detector": self._detector, "asked": asked}, self.timeouts.start)
        device = reply.get("device")
        if not isinstance(device, str):
            raise self._lost("was asked for its device and gave no answer")
        return device, tuple(map(str, reply["gpus"]))

    def fork(self, name: str, folder: Path, device: str) -> Child:
        """A child that is confined and loading; `Child.loaded` waits for it."""
        self._children += 1
        home = self._homes / f"child-{self._children}"
        home.mkdir()
        package = Path(str(pytest_damover.__file__)).parent
        limit = _memory_limit_bytes(device)
        readable = (str(package),)
        order = Order(self._detector, str(folder.resolve()), device, str(home), readable, limit, self._deterministic)
        link, theirs = socket.socketpair()
        pixels = SharedPixels()
        with theirs:
            pid = self._ask(order.to_header(), self.timeouts.start, [theirs.fileno(), pixels.fd])["pid"]
        return Child(self, name, pid, link, pixels, home)

    def how_it_ended(self, pid: int, within_s: float) -> int | None:
        """Exit code, or minus the signal, of a child that has ended; None when it lives on all the same."""
        until, look_s = time.monotonic() + within_s, LOOK_S / 64
        while True:
            code: int | None = self._ask({"do": "ended", "pid": pid}, self.timeouts.unload)["code"]
            if code is not None or time.monotonic() > until:
                return code
            time.sleep(look_s)
            look_s = min(LOOK_S, 2 * look_s)

    def close(self) -> None:
        """End the host; its children end with it."""
        self._link.close()
        try:
            self._process.wait(ENDING_S if self._ready else 0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        clear_away(self._homes)

    def _ask(self, header: dict[str, Any], timeout_s: float, fds: list[int] | None = None) -> dict[str, Any]:
        if self._out_of_step:  # an answer may still come, and would be taken for that to another question
            raise self._lost(self._out_of_step)
        self._out_of_step = "was left without its answer being heard"
        try:
            if not self._ready:
                _wire.accepted(_wire.receive(self._link, self.timeouts.start)[0])
                self._ready = True
            _wire.send(self._link, header, fds=fds or ())
            reply, _ = _wire.receive(self._link, timeout_s)
        except TimeoutError as error:
            self._out_of_step = f"took longer than {timeout_s if self._ready else self.timeouts.start:g} s"
            raise self._lost(self._out_of_step) from error
        except (OSError, EOFError, _wire.WireError) as error:
            self._out_of_step = str(error) or "has gone"
            raise self._lost(self._out_of_step) from error
        self._out_of_step = ""
        return _wire.accepted(reply)

    def _lost(self, what: str) -> DamoverError:
        said = tail(output_of(self._homes / "host"))
        found = f"the process that loads models: {what}{said}"
        return DamoverError(Fault(Code.RUNNER, "runner process", found, next_step="damover doctor"))


class Child:
    """One forked child: a revision that is loaded, or loading, in a process of its own."""

    def __init__(self, host: Host, name: str, pid: int, link: socket.socket, pixels: SharedPixels, home: Path) -> None:
        self._host = host
        self._name = name
        self._pid = pid
        self._link = link
        self._pixels = pixels
        self._home = home

    def receive(self, doing: str, timeout_s: float) -> _wire.Message:
        """The child's next answer; a child that crashes, hangs or talks nonsense is ended and `DamoverError` says how.

        `doing` says in words what it was doing.
        """
        try:
            header, payload = _wire.receive(self._link, timeout_s)
            why = header.get("crash")
            if not isinstance(why, str):
                return _wire.accepted(header), payload
        except TimeoutError:
            found = f"{doing} took longer than {timeout_s:g} s; its process was killed"
            raise self._ended(found, kill=True) from None
        except (EOFError, ConnectionError):
            raise self._ended(doing, kill=False) from None
        except _wire.WireError as error:
            raise self._ended(f"{doing}: it answered with {error}; its process was killed", kill=True) from error
        raise self._ended(f"{doing}: {why}", kill=True)

    def send(self, header: dict[str, Any], doing: str, timeout_s: float) -> None:
        """Send a message to a child that waits for one: what it says before that would be the answer to another."""
        if _wire.has_more(self._link):
            raise self._ended(f"{doing}: it had answered before it was asked; its process was killed", kill=True)
        try:
            _wire.send(self._link, header, timeout_s=timeout_s)
        except TimeoutError:
            found = f"{doing} was not taken up within {timeout_s:g} s; its process was killed"
            raise self._ended(found, kill=True) from None
        except OSError:
            raise self._ended(doing, kill=False) from None

    @property
    def pid(self) -> int:
        """Its process, by the number that its parent knows it by."""
        return self._pid

    @property
    def pixels(self) -> SharedPixels:
        """Where the child sees images."""
        return self._pixels

    def close(self) -> None:
        """End the child, whatever it is doing."""
        self._finish(kill=True)

    def _ended(self, what: str, kill: bool) -> CrashError:
        code, said = self._finish(kill)
        found = what if kill else f"its process ended ({_how(code)}) during: {what}"
        return CrashError(Fault(Code.RUNNER, self._name, found + said, next_step=BY_HAND))

    def _finish(self, kill: bool) -> tuple[int | None, str]:
        self._link.close()
        self._pixels.close()
        code = None
        try:
            code = None if kill else self._host.how_it_ended(self._pid, ENDING_S)
            if code is None:
                self._kill()
                code = self._host.how_it_ended(self._pid, self._host.timeouts.unload)
        except DamoverError:  # the host has gone, and its child with it, but not what that had started
            self._kill()
        said = tail(output_of(self._home))
        clear_away(self._home)
        return code, said

    def _kill(self) -> None:
        for kill in (os.killpg, os.kill):  # by its number too: it may not have made a group of its own yet
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(self._pid, signal.SIGKILL)


def tail(path: Path) -> str:
    """The last that a process printed, as the end of a sentence; empty when it printed nothing."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - OUTPUT_TAIL_BYTES))
            lines = file.read().decode(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return f"; it printed last: {' | '.join(lines[-3:])}" if lines else ""


def _how(code: int | None) -> str:
    if code is None:
        return "nobody knows how"
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _memory_limit_bytes(device: str) -> int | None:
    """All the memory there is; CUDA reserves far more addresses than that, so there is no limit for it."""
    if device.startswith("cuda"):
        return None
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
