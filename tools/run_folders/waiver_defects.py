"""Exceptions to the policy: in force they are named, and one that is not in order stops the candidate."""

from __future__ import annotations

from typing import Any

from tools.run_folders.defects import defect
from tools.run_folders.folder import Folder
from tools.run_folders.policy_defects import AP50, CASES, SAME_PACE, lose, race

DAY: dict[str, Any] = {"cases": ["day"]}
WAIVER = {"id": "W-1", "owner": "li.wei@example.com", "reason": "labelled wrongly, see #812", "expires": "2026-01-31"}


def waive(run: Folder, scope: dict[str, Any], **changes: str) -> None:
    """The suite has one waiver; the run is of the first of January."""
    data = {"schema": 1, "waiver": [{**WAIVER, **changes, "scope": scope}]}
    run.suite["waivers"] = {"source": "suites/toy/waivers.toml", "digest": "", "data": data, "faults": []}


def _lose_day(run: Folder) -> None:
    lose(run, "day")
    run.policy["regressions"] = {"major": 0}


@defect("waived-case", "waived", "The candidate loses a case, and a waiver covers that case.")
def waived_case(run: Folder) -> None:
    _lose_day(run)
    waive(run, DAY)


@defect("waived-rule", "waiver-used", "The candidate takes twice the time, and a waiver covers that.")
def waived_rule(run: Folder) -> None:
    race(run, [(before, 2 * after) for before, after in SAME_PACE])
    waive(run, {"rule": "latency", "worst": 2.5})


@defect("waiver-not-enough", "waiver-not-enough", "AP50 falls further than the waiver covers.")
def waiver_not_enough(run: Folder) -> None:
    run.policy["ap50"] = AP50
    lose(run, *CASES)
    waive(run, {"rule": "ap50", "worst": -0.5})


@defect("waiver-faults", "waiver-faults", "The file of waivers has a fault.")
def waiver_faults(run: Folder) -> None:
    faults = ["suites/toy/waivers.toml: $.waiver[0].expires: '2026-02-30' is no day  [waivers]"]
    run.suite["waivers"] = {"source": "suites/toy/waivers.toml", "digest": "", "data": None, "faults": faults}


@defect("waiver-expired", "waiver-expired", "A waiver held until the day before the run.")
def waiver_expired(run: Folder) -> None:
    waive(run, DAY, expires="2025-12-31")


@defect("waiver-ownerless", "waiver-ownerless", "Nobody answers for a waiver.")
def waiver_ownerless(run: Folder) -> None:
    waive(run, DAY, owner=" ")


@defect("waiver-reasonless", "waiver-reasonless", "A waiver gives no reason.")
def waiver_reasonless(run: Folder) -> None:
    waive(run, DAY, reason="")


@defect("waiver-unknown", "waiver-unknown", "A waiver names a case that the suite does not have.")
def waiver_unknown(run: Folder) -> None:
    waive(run, {"cases": ["dusk"]})


@defect("waiver-unused", "waiver-unused", "Nothing failed in what a waiver covers.")
def waiver_unused(run: Folder) -> None:
    waive(run, DAY)


@defect("waiver-not-needed", "waiver-not-needed", "A waiver was granted to another candidate: no defect.")
def waiver_not_needed(run: Folder) -> None:
    waive(run, {**DAY, "candidates": ["v3"]})


@defect("waiver-undecided", "waiver-undecided", "Nothing failed in what a waiver covers, but not everything ran.")
def waiver_undecided(run: Folder) -> None:
    run.plan["narrowed"] = ["-k night"]
    waive(run, DAY)


@defect("waivers-too-wide", "negative-control-passed", "A waiver covers so much that a blind candidate would pass.")
def waivers_too_wide(run: Folder) -> None:
    _lose_day(run)
    waive(run, {"cases": [*CASES]})
