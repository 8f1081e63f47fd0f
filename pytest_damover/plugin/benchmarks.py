"""pytest-benchmark's `--benchmark-compare`: times that another machine took are no baseline, and are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

_NAMES = ("node", "machine", "system")
_OF_THE_CPU = ("brand_raw", "count")


def refuse_another_machine(here: Mapping[str, Any], saved: Mapping[str, Any]) -> None:
    """pytest-benchmark warns, and compares all the same; this ends the run before anything is loaded."""
    before, now = _identity(saved.get("machine_info")), _identity(here)
    moved = [f"{name} {before[name]!r} is here {now[name]!r}" for name in now if before[name] != now[name]]
    if moved:
        raise pytest.UsageError(
            f"damover: --benchmark-compare: the saved times are from another machine: {'; '.join(moved)}; "
            "allowed: times taken on this machine; next: save a baseline here, with --benchmark-autosave"
        )


def _identity(info: object) -> dict[str, Any]:
    """What of a machine's description says which machine it is; its kernel and Python may be newer by now."""
    known = info if isinstance(info, Mapping) else {}
    cpu = known.get("cpu") if isinstance(known.get("cpu"), Mapping) else {}
    return {**{name: known.get(name) for name in _NAMES}, **{name: (cpu or {}).get(name) for name in _OF_THE_CPU}}
