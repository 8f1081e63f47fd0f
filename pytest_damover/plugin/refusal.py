"""A refusal as pytest prints it."""

from __future__ import annotations

from pytest_damover.domain.errors import DamoverError
from pytest_damover.report.text import harmless


def told(error: DamoverError) -> str:
    """Every fault once, one below the other; nothing in them acts on a terminal or a CI runner."""
    return "\n".join(harmless(f"damover: {fault}") for fault in dict.fromkeys(error.faults))
