"""An unpickler that can do nothing: it follows stack and memo, keeps plain data, and writes down what would run."""

from __future__ import annotations

import re
import struct
import warnings
from dataclasses import dataclass
from typing import Any

from pytest_damover.anatomy.allowed import is_allowed
from pytest_damover.anatomy.literals import LITERALS
from pytest_damover.anatomy.opcodes import BrokenPickleError, operations
from pytest_damover.anatomy.rebuild import made_by
from pytest_damover.anatomy.steps import STEPS
from pytest_damover.anatomy.values import Global, Opaque
from pytest_damover.anatomy.window import Window

MAX_FINDINGS = 20
_BREAKS = (ValueError, IndexError, KeyError, TypeError, OverflowError, RecursionError, MemoryError, struct.error)


@dataclass(frozen=True, slots=True)
class Reading:
    """One pickle, read: its value as data, the position behind it, and every thing that it would do beyond data."""

    value: Any
    end: int
    findings: tuple[str, ...]


def read_pickle(window: Window, start: int, *, torch_storages: bool = False) -> Reading:
    """Read the pickle that begins at `start`; never raises, what is broken is a finding.

    With `torch_storages` the persistent ids of a torch checkpoint are understood; anywhere else they are a finding.
    """
    machine = Machine(torch_storages)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd escapes in old strings
        return machine.run(window, start)


class Machine:
    def __init__(self, torch_storages: bool) -> None:
        self.stack: list[Any] = []
        self.marked: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.findings: dict[str, None] = {}
        self.torch_storages = torch_storages

    def run(self, window: Window, start: int) -> Reading:
        end = start
        try:
            for name, raw, end in operations(window, start):
                if name == "STOP":
                    return Reading(self.stack.pop(), end, tuple(self.findings))
                literal = LITERALS.get(name)
                if literal is not None:
                    self.stack.append(literal(raw))
                else:
                    STEPS[name](self, raw)
        except _BREAKS as error:
            self.find(f"a pickle that cannot be read to its end ({_told(error)})")
        return Reading(Opaque(), end, tuple(self.findings))

    def find(self, what: str) -> None:
        if len(self.findings) < MAX_FINDINGS:
            self.findings[what] = None

    def pop_mark(self) -> list[Any]:
        items = self.stack
        self.stack = self.marked.pop()
        return items

    def imported(self, module: Any, name: Any) -> Global:
        if type(module) is not str or type(name) is not str:
            self.find("imports a name that is only known when it runs")
            return Global("", "", False)
        found = Global(module, name, is_allowed(module, name))
        if not found.allowed:
            self.find(f"imports {_shown(module)}.{_shown(name)}")
        return found

    def call(self, called: Any, args: Any) -> Any:
        if not isinstance(called, Global):
            self.find("calls something that it built itself")
            return Opaque()
        if not called.allowed:
            return Opaque()
        if not isinstance(args, tuple):
            raise BrokenPickleError("called with what are no arguments")
        if called.name == "_rebuild_from_type_v2" and not (args and isinstance(args[0], Global) and args[0].allowed):
            self.find("has torch call something that it built itself")
        return made_by(called, args)


def _shown(name: str) -> str:
    return name if re.fullmatch(r"[\w.]{1,80}", name, re.ASCII) else ascii(name[:80])


def _told(error: BaseException) -> str:
    if isinstance(error, ValueError) and not isinstance(error, UnicodeError):
        return str(error)[:120]
    if isinstance(error, IndexError | KeyError):
        return "it takes from the stack or the memo what is not there"
    return type(error).__name__
