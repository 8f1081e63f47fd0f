"""In what two revisions differ, seen without running either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Aspect(str, Enum):
    """The part of a revision that a change is in. What the code reads as configuration is not counted as a file."""

    FILE = "file"
    CONFIG = "config"
    THRESHOLD = "threshold"
    CLASSES = "classes"
    INPUT_SIZE = "input-size"
    TENSOR = "tensor"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not the same; `before` or `after` is empty where it is not there at all."""

    aspect: Aspect
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A candidate's files beside the baseline's.

    `weights_changed` of `weights_shared` tensors of one name, shape and type hold other numbers;
    `relative_weight_change` is the L2 norm of all differences over the L2 norm of the baseline's numbers, None where
    nothing could be compared: of floating-point numbers that are learned, for the running statistics of normalisation
    would drown them. `largest` gives the same for the tensors that moved most, most first. `unread` says what could not
    be read, and why.
    """

    changes: tuple[Change, ...]
    weights_shared: int = 0
    weights_changed: int = 0
    relative_weight_change: float | None = None
    largest: tuple[tuple[str, float], ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def only(self) -> Aspect | None:
        """The one aspect that everything which changed belongs to; None when it is several, or something is unread."""
        aspects = {change.aspect for change in self.changes}
        if self.weights_changed:
            aspects.add(Aspect.TENSOR)
        return aspects.pop() if len(aspects) == 1 and not self.unread else None

    def to_json(self) -> dict[str, Any]:
        """Plain data for the plan."""
        return {
            "changes": [[c.aspect.value, c.name, c.before, c.after] for c in self.changes],
            "weights_shared": self.weights_shared,
            "weights_changed": self.weights_changed,
            "relative_weight_change": self.relative_weight_change,
            "largest": self.largest,
            "unread": self.unread,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Difference:
        """The inverse of `to_json`."""
        return cls(
            changes=tuple(Change(Aspect(aspect), name, old, new) for aspect, name, old, new in data["changes"]),
            weights_shared=data["weights_shared"],
            weights_changed=data["weights_changed"],
            relative_weight_change=data["relative_weight_change"],
            largest=tuple((name, change) for name, change in data["largest"]),
            unread=tuple(data["unread"]),
        )
