"""The one error type of the package: faults that each say where, what was found, what is allowed, what next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Code(str, Enum):
    """Stable codes of every refusal; a code is never renamed or reused."""

    CASE_FILE = "case-file"
    CASE_IMAGE = "case-image"
    CASE_NAME = "case-name"
    CONSENT = "consent"
    DETECTIONS = "detections"
    DEVICE = "device"
    DOCUMENT = "document"
    GOLDEN = "golden"
    HUB = "hub"
    IMAGE = "image"
    LOAD = "load"
    LOCK = "lock"
    OPTION = "option"
    POLICY = "policy"
    REVISION_NAME = "revision-name"
    REVISION_TREE = "revision-tree"
    REVISION_UNKNOWN = "revision-unknown"
    RUNNER = "runner"
    RUN_FOLDER = "run-folder"
    STORE = "store"
    WAIVERS = "waivers"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, in words that a person can act on."""

    code: Code
    where: str
    found: str
    allowed: str = ""
    next_step: str = ""

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.found}"]
        if self.allowed:
            parts.append(f"allowed: {self.allowed}")
        if self.next_step:
            parts.append(f"next: {self.next_step}")
        return "\n    ".join(parts) + f"  [{self.code.value}]"


class DamoverError(Exception):
    """Bad input or a failed outside call; carries every fault that was found, not only the first."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults
