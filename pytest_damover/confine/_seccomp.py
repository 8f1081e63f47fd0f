"""The seccomp filter as a BPF program: each refused call fails with EPERM, unknown ones as on an older kernel."""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterator, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple

from pytest_damover.confine import _kernel, _syscalls
from pytest_damover.confine._denied import ALWAYS, NOT_THERE, Condition, Never, Only
from pytest_damover.confine._means import Means

# linux/bpf_common.h
_LOAD, _AND, _IF_EQUAL, _IF_ABOVE, _RETURN = 0x20, 0x54, 0x15, 0x25, 0x06
# linux/seccomp.h
_ALLOW, _FAIL_WITH, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_SET_MODE_FILTER = 1
_ALL_THREADS, _KEEP_SPECULATION = 1 << 0, 1 << 2
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
_REFUSED, _UNKNOWN = _FAIL_WITH | errno.EPERM, _FAIL_WITH | errno.ENOSYS


class Architecture(NamedTuple):
    """How the kernel numbers itself (linux/audit.h) and its calls."""

    audit: int
    seccomp: int
    numbers: Mapping[str, int]


ARCHITECTURES = MappingProxyType(
    {
        "x86_64": Architecture(0xC000003E, 317, _syscalls.X86_64),
        "aarch64": Architecture(0xC00000B7, 277, _syscalls.AARCH64),
    }
)


class Instruction(NamedTuple):
    """`struct sock_filter`."""

    code: int
    if_true: int
    if_false: int
    value: int


Conditions = tuple[Condition, ...]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def restrict(conditions: Conditions) -> Means:
    """Refuse the calls for good, in every thread; no_new_privs must have been set."""
    machine = os.uname().machine
    architecture = ARCHITECTURES.get(machine)
    if architecture is None:
        return Means(False, f"no filter is written for {machine}")
    lines = program(architecture, conditions)
    packed = b"".join(bytes(_Packed(*line)) for line in lines)
    flags = _ALL_THREADS | _KEEP_SPECULATION  # the mitigation of older kernels would slow what is timed
    try:
        behind = _kernel.syscall(
            architecture.seccomp, _SET_MODE_FILTER, flags, ctypes.byref(_Program(len(lines), packed))
        )
    except OSError as refusal:
        return Means(False, f"seccomp refuses ({refusal.strerror})")
    return Means(behind == 0, "seccomp" if behind == 0 else "seccomp does not reach every thread")


class _Packed(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("if_true", ctypes.c_ubyte),
        ("if_false", ctypes.c_ubyte),
        ("value", ctypes.c_uint32),
    )


def program(architecture: Architecture, conditions: Conditions) -> tuple[Instruction, ...]:
    """The instructions in order."""
    return tuple(_program(architecture, conditions))


def _program(architecture: Architecture, conditions: Conditions) -> Iterator[Instruction]:
    numbers = architecture.numbers
    yield Instruction(_LOAD, 0, 0, _ARCHITECTURE_AT)
    yield Instruction(_IF_EQUAL, 1, 0, architecture.audit)
    yield _return(_KILL)  # the 32-bit calls of the same machine have other numbers
    yield Instruction(_LOAD, 0, 0, _NUMBER_AT)
    yield Instruction(_IF_ABOVE, 0, 1, _syscalls.LAST)  # the x32 calls too: they begin at 0x40000000
    yield _return(_UNKNOWN)
    yield from _refuse((numbers[name] for name in NOT_THERE if name in numbers), _UNKNOWN)
    yield from _refuse((numbers[name] for name in ALWAYS if name in numbers), _REFUSED)
    for name, group in groupby(conditions, key=lambda condition: condition[0]):
        if name in numbers:
            block = tuple(_all_of([test for _, test in group]))
            yield Instruction(_IF_EQUAL, 0, len(block), numbers[name])
            yield from block
    yield _return(_ALLOW)


def _refuse(numbers: Iterator[int], answer: int) -> Iterator[Instruction]:
    for number in numbers:
        yield Instruction(_IF_EQUAL, 0, 1, number)
        yield _return(answer)


def _all_of(tests: list[Only | Never]) -> Iterator[Instruction]:
    for test in tests:
        yield Instruction(_LOAD, 0, 0, _ARGUMENTS_AT + 8 * test.index)  # the lower half, which is all the kernel reads
        yield Instruction(_AND, 0, 0, test.mask)
        if isinstance(test, Never):
            yield from _refuse(iter(test.values), _REFUSED)
            continue
        left = len(test.values)
        for place, value in enumerate(test.values):
            yield Instruction(_IF_EQUAL, left - place, 0, value)
        yield _return(_REFUSED)
    yield _return(_ALLOW)


def _return(answer: int) -> Instruction:
    return Instruction(_RETURN, 0, 0, answer)
