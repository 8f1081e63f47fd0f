"""What loading a revision may run, as found by reading its files and never by running them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class SafetyClass(str, Enum):
    """How much a revision may do to the process that loads it, least first."""

    SAFETENSORS = "safetensors"
    """Nothing is unpickled and nothing imported: data only."""
    WEIGHTS_ONLY = "weights-only"
    """Pickles that name nothing but tensors and plain containers."""
    EXECUTES_CODE = "executes-code"
    """Loading it runs, or may run, code from its folder."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One file that puts a revision in its class, and what in it does so (`imports os.system`, `a Python file`)."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}"


@dataclass(frozen=True, slots=True)
class Safety:
    """The class of a revision; `reasons` is empty for `safetensors`."""

    kind: SafetyClass
    reasons: tuple[Reason, ...] = ()

    @property
    def executes_code(self) -> bool:
        """True when somebody must have consented before this revision is loaded."""
        return self.kind is SafetyClass.EXECUTES_CODE

    def to_json(self) -> dict[str, Any]:
        """Plain data for the plan."""
        return {"kind": self.kind.value, "reasons": [[reason.path, reason.what] for reason in self.reasons]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Safety:
        """The inverse of `to_json`."""
        return cls(SafetyClass(data["kind"]), tuple(Reason(path, what) for path, what in data["reasons"]))
