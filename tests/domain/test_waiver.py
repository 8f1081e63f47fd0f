"""What a waiver says: until when it holds, for whom, and what makes it no waiver at all."""

from datetime import date

import pytest

from pytest_damover.domain.errors import Code
from pytest_damover.domain.waiver import (
    Scope,
    Waiver,
    WaiverFile,
    date_of,
    in_force,
    meaning_faults,
    waivers_digest,
    waivers_from_data,
)

GOOD = {"id": "W-1", "owner": "A", "reason": "b", "expires": "2026-03-01", "scope": {"cases": ["a"]}}


def one(**changes):
    return {**GOOD, **changes}


def data(*waivers):
    return {"schema": 1, "waiver": list(waivers)}


def faults(*waivers):
    return [str(fault) for fault in meaning_faults(data(*waivers), "waivers.toml", Code.WAIVERS)]


@pytest.mark.parametrize(
    ("today", "left", "holds"),
    [("2026-02-27", 2, True), ("2026-03-01", 0, True), ("2026-03-02", -1, False), ("2025-03-01", 365, True)],
)
def test_g10_a_waiver_holds_to_the_end_of_its_last_day(today, left, holds):
    (waiver,) = waivers_from_data(data(GOOD))
    assert waiver.days_left(date.fromisoformat(today)) == left
    assert waiver.is_in_force(date.fromisoformat(today)) is holds
    file = WaiverFile("waivers.toml", "", data(GOOD), ())
    assert bool(in_force(file, f"{today}T23:59:59+00:00", "v2")) is holds


@pytest.mark.parametrize("missing", [{"owner": ""}, {"owner": " \t"}, {"reason": ""}, {"reason": "\n"}], ids=str)
def test_g10_without_an_owner_or_a_reason_it_does_not_hold(missing):
    (waiver,) = waivers_from_data(data(one(**missing)))
    assert not waiver.is_in_force(date(2026, 1, 1))
    left_out = {key: value for key, value in GOOD.items() if key not in missing}
    assert not waivers_from_data(data(left_out))[0].is_in_force(date(2026, 1, 1))


@pytest.mark.parametrize("created_at", ["", "yesterday", "2026-02-30T00:00:00Z", "20260101"])
def test_g10_on_a_day_that_is_none_nothing_holds(created_at):
    assert date_of(created_at) is None
    assert in_force(WaiverFile("waivers.toml", "", data(GOOD), ()), created_at, "v2") == ()


def test_g10_it_holds_for_the_candidates_it_was_granted_to():
    scope = {"cases": ["a"], "candidates": ["v2", "v3"]}
    file = WaiverFile("waivers.toml", "", data(GOOD, one(id="W-2", scope=scope)), ())
    held = {name: [waiver.id for waiver in in_force(file, "2026-01-01", name)] for name in ("v2", "v4")}
    assert held == {"v2": ["W-1", "W-2"], "v4": ["W-1"]}


def test_g10_a_file_with_faults_or_none_waives_nothing():
    assert in_force(None, "2026-01-01", "v2") == ()
    assert in_force(WaiverFile("waivers.toml", "", None, ("no",)), "2026-01-01", "v2") == ()


def test_g10_all_that_a_schema_cannot_say_is_found_at_once():
    found = faults(
        one(expires="2026-02-30"),
        one(id="w-1", scope={}),
        one(id="W-2", scope={"cases": ["a"], "rule": "ap50"}),
        one(id="W-3", scope={"cases": ["a"], "slice": "night", "worst": 1}),
    )
    assert [fault.partition(": ")[2].partition("\n")[0] for fault in found] == [
        "$.waiver[0].id: the id 'W-1' stands twice",
        "$.waiver[0].expires: '2026-02-30' is no day",
        "$.waiver[1].id: the id 'w-1' stands twice",
        "$.waiver[1].scope: neither cases nor a rule",
        "$.waiver[2].scope: both cases and a rule",
        "$.waiver[3].scope.slice: slice without a rule",
        "$.waiver[3].scope.worst: worst without a rule",
    ]
    assert all(fault.endswith("[waivers]") for fault in found)
    assert faults(GOOD, one(id="W-2", scope={"rule": "ap50", "slice": "night", "worst": -0.1})) == []


def test_g10_a_waiver_in_words_is_as_it_was_written():
    scope = {"rule": "ap50", "slice": "night", "worst": -0.08}
    (waiver,) = waivers_from_data(data(one(reason=" two\n lines ", scope=scope)))
    assert waiver == Waiver("W-1", "A", "two lines", date(2026, 3, 1), Scope((), "ap50", "night", -0.08))
    assert (str(waiver), str(waiver.scope)) == (
        "W-1 (A, until 2026-03-01)",
        "rule = ap50, slice = night, worst = -0.08",
    )
    assert str(Scope(cases=("a", "b"))) == "cases = a, b"


def test_g10_the_digest_is_of_what_is_said():
    assert waivers_digest(data(GOOD)) == waivers_digest(data(dict(reversed(GOOD.items()))))
    assert waivers_digest(data(GOOD)) != waivers_digest(data(one(expires="2026-03-02")))
