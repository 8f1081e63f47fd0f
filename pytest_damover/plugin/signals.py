"""What breaks off a run: signals, `pytest.exit`, a disk that takes no more; and how it still ends in order.

The first Ctrl-C, SIGTERM or SIGHUP ends the run: the journal says by what, the rest is judged and reported. One that
comes when nothing is left but that is waited out. A second one ends the process at once, as if nobody had listened:
every file is written beside its place and renamed, so none is left by halves. `os._exit(0)` ends it at once too, but
not with the exit code of a PASS. Native code that ends the process, or a program put in its place, nobody here can see.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Generator
from types import FrameType
from typing import Any, NoReturn

import pytest

from pytest_damover.domain.errors import DamoverError
from pytest_damover.domain.verdict import Answer
from pytest_damover.plugin import gather
from pytest_damover.plugin.refusal import told

NAME = "damover-signals"
LEFT = "\nINCONCLUSIVE: something called os._exit(0) in pytest's own process, so nothing was judged\n"
SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class StoppedError(KeyboardInterrupt):
    """A signal came: pytest ends the session as with Ctrl-C."""


class Interruption:
    """Listens while a run goes on; `reason` says in words what broke it off, '' while nothing has."""

    def __init__(self) -> None:
        self.reason = ""
        self._session: pytest.Session | None = None
        self._is_over = False
        self._came = False
        self._before: dict[int, Any] = {}
        self._leave: Callable[[int], NoReturn] = os._exit
        self._pid = os.getpid()

    def listen(self) -> None:
        """Take the signals over, but leave alone what is ignored on purpose, as `nohup` does; and `os._exit`."""
        os._exit = self._without_a_verdict
        if threading.current_thread() is not threading.main_thread():
            return
        for number in SIGNALS:
            before = signal.getsignal(number)
            if before not in (signal.SIG_IGN, None):
                self._before[number] = before
                signal.signal(number, self._come)

    def let_it_end(self) -> None:
        """Nothing is left but to judge and to report: that is worth waiting for."""
        self._is_over = True

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._session = session

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """A journal that cannot be written ends the run, in words."""
        assert self._session is not None
        try:
            return (yield)
        except DamoverError as error:
            self.reason = self.reason or f"stopped: {error.faults[0].where}: {error.faults[0].found}"
            pytest.exit(told(error, gather.of(self._session.config).options.lang), returncode=Answer.ERROR.exit_code)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Called for `pytest.exit` too, whatever exit code it was given."""
        if not self.reason:
            said = f": {excinfo.value.msg}" if isinstance(excinfo.value, pytest.exit.Exception) else ""
            self.reason = f"interrupted{said}"

    def pytest_unconfigure(self) -> None:
        """Give the signals back, and `os._exit`."""
        os._exit = self._leave  # type: ignore[assignment]
        for number, before in self._before.items():
            signal.signal(number, before)
        self._before.clear()

    def _without_a_verdict(self, status: int) -> NoReturn:
        """In place of `os._exit`: before the verdict is known 0 becomes 20; what was forked leaves as it likes."""
        passed = self._is_over and self._session is not None and self._session.exitstatus == Answer.PASS.exit_code
        if status == Answer.PASS.exit_code and os.getpid() == self._pid and not passed:
            capture = None if self._session is None else self._session.config.pluginmanager.getplugin("capturemanager")
            if capture is not None:  # what it holds is lost, and this must not be
                capture.suspend_global_capture(in_=True)
            os.write(2, LEFT.encode())
            status = Answer.INCONCLUSIVE.exit_code
        self._leave(status)

    def _come(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self._came:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        self._came = True
        if self._is_over:
            return
        name = signal.Signals(number).name
        self.reason = f"interrupted by {name}"
        if self._session is not None:  # what is raised in a finalizer is lost
            self._session.shouldstop = self.reason
        raise StoppedError(name)


def listen(config: pytest.Config) -> None:
    """Listen for the rest of this pytest run; a worker of pytest-xdist leaves that to its controller."""
    if hasattr(config, "workerinput"):
        return
    interruption = Interruption()
    interruption.listen()
    config.pluginmanager.register(interruption, NAME)


def of(config: pytest.Config) -> Interruption:
    """What breaks off this run; one that never does where nobody listens."""
    found: Interruption | None = config.pluginmanager.getplugin(NAME)
    return Interruption() if found is None else found
