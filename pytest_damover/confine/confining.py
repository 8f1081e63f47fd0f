"""`confine`: the order in which a process gives things up, and what it says about it afterwards."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pytest_damover.confine import _limits, environment
from pytest_damover.confine._means import Means
from pytest_damover.domain.confinement import Confinement, Guard

if sys.platform == "linux":
    from pytest_damover.confine import _linux

_OWN_ENVIRONMENT = Path("/proc/self/environ")
_NOT_OURS = frozenset({"LC_CTYPE", "__CF_USER_TEXT_ENCODING"})


def confine(home: Path, readable: Sequence[Path], gpu: bool, memory_bytes: int | None) -> Confinement:
    """Confine this process and all that it starts, for good, before a model's own code runs; say what is in force.

    It should have one thread, its own session and no file open but those it is to use. `home`, an empty folder, becomes
    its only writable one; `readable` are the model's folders; `memory_bytes` is what it may add to its memory.
    A means that is not there is reported, not raised; `OSError` or `RuntimeError` when the process is left half
    confined and must end.
    """
    home = home.resolve(strict=True)
    guards = {Guard.ENVIRONMENT: _environment(home), Guard.HOME: Means(True, "HOME, TMPDIR and every cache")}
    guards[Guard.LIMITS] = _limits.apply(memory_bytes)
    guards |= _kernel_guards(home, readable, gpu)
    order = [guard for guard in Guard if guard in guards]
    return Confinement(
        tuple((guard, guards[guard].text) for guard in order if guards[guard].works),
        tuple((guard, guards[guard].text) for guard in order if not guards[guard].works),
    )


def _kernel_guards(home: Path, readable: Sequence[Path], gpu: bool) -> dict[Guard, Means]:
    if sys.platform == "linux":
        return _linux.confine(home, readable, gpu)
    nothing = Means(False, f"nothing is written for {sys.platform}")
    return dict.fromkeys((Guard.NETWORK, Guard.WRITING, Guard.READING, Guard.PROCESSES, Guard.DRIVER), nothing)


def _environment(home: Path) -> Means:
    """Move into `home`, and drop every variable that is not known to be harmless.

    The block that the process was started with stays in its memory whatever is dropped, so that must be clean too.
    """
    started_with = _variables_at_start()
    kept = environment.scrubbed(os.environ, home)
    os.environ.clear()
    os.environ.update(kept)
    tempfile.tempdir = None  # found and remembered before the fork
    os.chdir(home)
    os.umask(0o077)
    left = environment.unknown(started_with - _NOT_OURS)
    if left:
        return Means(False, f"still in memory: {', '.join(left)}")
    return Means(True, "a short list of variables")


def _variables_at_start() -> frozenset[str]:
    try:
        block = _OWN_ENVIRONMENT.read_bytes()
    except OSError:
        return frozenset(os.environ)
    return frozenset(os.fsdecode(entry.partition(b"=")[0]) for entry in block.split(b"\0") if entry)
