"""What a child process was kept from while it ran a model's own code, and what could not be prevented there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Guard(str, Enum):
    """One thing that a model's code is kept from."""

    ENVIRONMENT = "environment"
    """It sees none of the caller's variables but a short list without secrets."""
    HOME = "home"
    """Its home and temporary folder are its own."""
    LIMITS = "limits"
    """Memory, open files, file sizes and core dumps are limited."""
    NETWORK = "network"
    """It can open no connection, not even to a service on this machine."""
    WRITING = "writing"
    """It can write nowhere but in its own home; the model's folder is read-only."""
    READING = "reading"
    """It can read only the system, Python and the model's folder: no home folder, no project."""
    PROCESSES = "processes"
    """It can neither signal nor look into processes outside, nor change how they run, and cannot leave its group."""
    DRIVER = "driver"
    """It cannot talk to a device's driver, which is the system's weakest wall."""


@dataclass(frozen=True, slots=True)
class Confinement:
    """The guards that were in force, each with the means, and the others, each with the reason."""

    in_force: tuple[tuple[Guard, str], ...]
    not_prevented: tuple[tuple[Guard, str], ...]

    def holds(self, guard: Guard) -> bool:
        """Whether `guard` is in force as a whole."""
        return any(guard is held for held, _ in self.in_force)

    def to_json(self) -> dict[str, Any]:
        """Plain data for the journal."""
        return {
            "in_force": [[guard.value, means] for guard, means in self.in_force],
            "not_prevented": [[guard.value, why] for guard, why in self.not_prevented],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Confinement:
        """The inverse of `to_json`."""
        return cls(
            tuple((Guard(guard), means) for guard, means in data["in_force"]),
            tuple((Guard(guard), why) for guard, why in data["not_prevented"]),
        )
