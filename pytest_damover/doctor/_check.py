"""The one thing that every examination yields."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `advice` says what to do when it is not good."""

    name: str
    good: bool
    found: str
    advice: str = ""
