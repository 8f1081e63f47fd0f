"""How one means of the system went."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Means:
    """Whether it works, and in words what it does or why it does not."""

    works: bool
    text: str
