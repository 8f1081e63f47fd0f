"""A refusal as pytest prints it."""

from __future__ import annotations

from pytest_damover.domain.errors import DamoverError
from pytest_damover.report.text import harmless
from pytest_damover.report.words import words_in


def told(error: DamoverError, lang: str) -> str:
    """Every fault once, one below the other, in `lang`; nothing in them acts on a terminal or a CI runner."""
    words = words_in(lang)
    return "\n".join(harmless(f"damover: {words.retell(str(fault))}") for fault in dict.fromkeys(error.faults))
