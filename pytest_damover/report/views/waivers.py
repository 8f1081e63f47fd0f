"""Waivers: which there are, who answers for them until when, and what they let through."""

from __future__ import annotations

from typing import Any

from pytest_damover.domain.rules.waivers import RULE
from pytest_damover.domain.verdict import Verdict, WaiverUse, worst
from pytest_damover.domain.waiver import SOON_DAYS
from pytest_damover.report.words import Words


def waiver_rows(verdict: Verdict, words: Words) -> list[dict[str, Any]]:
    """One row a waiver, in the order of the files."""
    several = len(verdict.candidates) > 1
    return [
        {
            "answer": _answer(verdict, use),
            "id": use.waiver.id,
            "suite": use.suite,
            "owner": use.waiver.owner or words("waivers.nobody"),
            "expires": use.waiver.expires.isoformat(),
            "left": words("waivers.left", n=use.days_left) if use.days_left >= 0 else words("waivers.expired"),
            "covered": _covered(use, several) or words("waivers.nothing"),
            "scope": str(use.waiver.scope),
            "candidates": ", ".join(use.waiver.scope.candidates),
            "reason": use.waiver.reason or words("waivers.no_reason"),
        }
        for use in verdict.waivers
    ]


def used(verdict: Verdict, words: Words) -> tuple[str, list[str]]:
    """The ids of the waivers without which the answer would have been another, and a line for each."""
    rows = [row for row, use in zip(waiver_rows(verdict, words), verdict.waivers, strict=True) if use.covered]
    lines = [f"{_named(row, words)}: {row['covered']} – {row['reason']}" for row in rows]
    return ", ".join(row["id"] for row in rows), lines


def expiring(verdict: Verdict, words: Words) -> list[str]:
    """A line for each waiver that holds today and not much longer."""
    rows = zip(waiver_rows(verdict, words), verdict.waivers, strict=True)
    return [_named(row, words) for row, use in rows if 0 <= use.days_left <= SOON_DAYS]


def _named(row: dict[str, Any], words: Words) -> str:
    until = words("waivers.until", day=row["expires"])
    return f"{row['id']} ({row['owner']}, {until}, {row['left']})"


def _covered(use: WaiverUse, several: bool) -> str:
    return ", ".join(f"{what} ({candidate})" if several else what for candidate, what in use.covered)


def _answer(verdict: Verdict, use: WaiverUse) -> str:
    """The worst that is found about it."""
    return worst(
        found.verdict
        for candidate in verdict.candidates
        for found in candidate.findings
        if found.rule == RULE and found.suite == use.suite and use.waiver.id in found.waivers
    ).value
