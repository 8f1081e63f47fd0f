"""The table of defects: each names what it shows and how to make it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tools.run_folders.folder import Folder

Change = Callable[[Folder], None]


@dataclass(frozen=True)
class Defect:
    """One defect: `reason` is the code of the finding that it must leave, `why` says it in a sentence."""

    name: str
    reason: str
    why: str
    change: Change
    sealed: bool


DEFECTS: list[Defect] = []


def defect(name: str, reason: str, why: str, *, sealed: bool = True) -> Callable[[Change], Change]:
    """Enter a function that makes a defect; not `sealed`, digests and counts stay as the function leaves them."""

    def enter(change: Change) -> Change:
        DEFECTS.append(Defect(name, reason, why, change, sealed))
        return change

    return enter
