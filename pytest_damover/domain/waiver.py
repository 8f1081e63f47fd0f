"""Waivers: dated, owned, reasoned exceptions to a suite's policy, as `waivers.toml` states them."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pytest_damover.domain.errors import Code, Fault

SOON_DAYS = 14
"""A waiver with no more days left than this is pointed out: two weeks, to mend what it waives or to renew it."""
TEST_SIGN = "::"
"""What a Python test's name has and a case's name need not have."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")  # Python from 3.11 on reads other forms too


@dataclass(frozen=True, slots=True)
class Scope:
    """What a waiver covers: either `cases` (and Python tests) by name, or one `rule` in one `slice` of the suite.

    Of a rule, `worst` is the value up to which it is covered, on the far side of the policy's limit; None is without
    bound. `candidates` are the revisions it was granted to by name; empty: any.
    """

    cases: tuple[str, ...] = ()
    rule: str = ""
    slice: str | None = None
    worst: float | None = None
    candidates: tuple[str, ...] = ()

    def admits(self, candidate: str) -> bool:
        """True when it was granted to a revision of that name."""
        return not self.candidates or candidate in self.candidates

    def __str__(self) -> str:
        if self.cases:
            return f"cases = {', '.join(self.cases)}"
        where = "" if self.slice is None else f", slice = {self.slice}"
        bound = "" if self.worst is None else f", worst = {self.worst:g}"
        return f"rule = {self.rule}{where}{bound}"


@dataclass(frozen=True, slots=True)
class Waiver:
    """One waiver; `expires` is the last day on which it holds. `owner` and `reason` are '' where nobody gave one."""

    id: str
    owner: str
    reason: str
    expires: date
    scope: Scope

    def days_left(self, today: date) -> int:
        """How many days it still holds after today: 0 on its last day, negative when it has expired."""
        return (self.expires - today).days

    def is_in_force(self, today: date) -> bool:
        """True when it holds today and somebody answers for it with a reason."""
        return self.days_left(today) >= 0 and bool(self.owner) and bool(self.reason)

    def __str__(self) -> str:
        return f"{self.id} ({self.owner or 'nobody'}, until {self.expires.isoformat()})"


@dataclass(frozen=True, slots=True)
class WaiverFile:
    """`waivers.toml` as it was read: its data when it is usable, else its faults; `digest` is SHA-256 in hex."""

    source: str
    digest: str
    data: Mapping[str, Any] | None
    faults: tuple[str, ...]

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """Every waiver in the order of the file; none where the file has faults."""
        return () if self.data is None else waivers_from_data(self.data)


def waivers_digest(data: Mapping[str, Any]) -> str:
    """SHA-256 in hex of what waivers say, whatever form they were written in."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def date_of(created_at: str) -> date | None:
    """The day of a plan (UTC), None when its date cannot be read: then no waiver holds."""
    try:
        return date.fromisoformat(created_at[:10]) if _DAY.match(created_at) else None
    except ValueError:
        return None


def in_force(file: WaiverFile | None, created_at: str, candidate: str) -> tuple[Waiver, ...]:
    """The waivers that hold for `candidate` on the day of the plan."""
    today = date_of(created_at)
    if file is None or today is None:
        return ()
    return tuple(one for one in file.waivers if one.is_in_force(today) and one.scope.admits(candidate))


def waivers_from_data(data: Mapping[str, Any]) -> tuple[Waiver, ...]:
    """Build waivers from data that the schema and `meaning_faults` have accepted."""
    return tuple(
        Waiver(
            id=one["id"],
            owner=one.get("owner", "").strip(),
            reason=" ".join(one.get("reason", "").split()),
            expires=date.fromisoformat(one["expires"]),
            scope=_scope(one["scope"]),
        )
        for one in data.get("waiver", ())
    )


def meaning_faults(data: Mapping[str, Any], where: str, code: Code) -> tuple[Fault, ...]:
    """What the schema of waivers cannot say: an id twice, a day that no calendar has, a scope that is not one thing."""
    waivers = data.get("waiver", ())
    ids = Counter(one["id"].casefold() for one in waivers)
    return tuple(
        fault
        for place, one in enumerate(waivers)
        for fault in _faults(one, f"{where}: $.waiver[{place}]", ids[one["id"].casefold()] > 1, code)
    )


def _faults(one: Mapping[str, Any], where: str, is_twice: bool, code: Code) -> Iterator[Fault]:
    if is_twice:
        allowed = "ids that differ in more than upper and lower case"
        yield Fault(code, f"{where}.id", f"the id {one['id']!r} stands twice", allowed)
    try:
        date.fromisoformat(one["expires"])
    except ValueError:
        yield Fault(code, f"{where}.expires", f"{one['expires']!r} is no day", "a day of the calendar: 2026-12-31")
    scope = one["scope"]
    if ("cases" in scope) == ("rule" in scope):
        found = "both cases and a rule" if "rule" in scope else "neither cases nor a rule"
        yield Fault(code, f"{where}.scope", found, "exactly one of cases, rule")
    for key in ("slice", "worst"):
        if key in scope and "rule" not in scope:
            yield Fault(code, f"{where}.scope.{key}", f"{key} without a rule", f"{key} beside rule")


def _scope(data: Mapping[str, Any]) -> Scope:
    worst = data.get("worst")
    return Scope(
        cases=tuple(data.get("cases", ())),
        rule=data.get("rule", ""),
        slice=data.get("slice"),
        worst=None if worst is None else float(worst),
        candidates=tuple(data.get("candidates", ())),
    )
