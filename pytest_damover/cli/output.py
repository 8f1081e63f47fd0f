"""What the command prints: nothing in it that a terminal or a CI runner would obey."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from pytest_damover.domain.errors import DamoverError
from pytest_damover.report.text import harmless

UNLIMITED = 10_000


def say(text: object = "", end: str = "\n") -> None:
    """Print, also to a reader that has gone away (`| head`): the exit code is the answer, and it is not lost."""
    try:
        print(harmless(str(text)), end=end, flush=True)
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def obeyed(command: str) -> None:
    """Print a workflow command that `report.annotations` made: the one thing that a CI runner is to obey."""
    print(command, flush=True)


def say_json(data: Any) -> None:
    """Print for programs: ASCII, so that no character of the data means anything to whoever looks on."""
    say(json.dumps(data, indent=1).replace("##[", "#\\u0023["))


def complain(error: DamoverError, lang: str) -> None:
    """Print every fault to stderr, in that language."""
    from pytest_damover.report.words import words_in

    words = words_in(lang)
    for fault in error.faults:
        print(harmless(f"damover: {words.retell(str(fault))}"), file=sys.stderr)


def width() -> int:
    """Columns of the terminal or of `COLUMNS`; as good as unlimited where the output goes to a file or a program."""
    import shutil

    return shutil.get_terminal_size((UNLIMITED, 0)).columns
