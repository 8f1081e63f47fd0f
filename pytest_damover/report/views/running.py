"""Where each revision was loaded, who consented to its code, and what that code was kept from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_damover.domain.confinement import Confinement
from pytest_damover.domain.run import Run
from pytest_damover.report.words import Words


def running(run: Run, words: Words) -> list[dict[str, Any]]:
    """One entry for each way that revisions were loaded, with all that were loaded so, in the order of the journal."""
    entries: list[dict[str, Any]] = []
    for revision, facts in run.journal.loads:
        entry = _entry(run, revision, facts, words)
        same = next((one for one in entries if one["how"] == entry["how"]), None)
        if same is None:
            entries.append({**entry, "revisions": [revision], "consents": [entry["consent"]]})
        elif revision not in same["revisions"]:
            same["revisions"].append(revision)
            same["consents"].append(entry["consent"])
    return [
        {**entry["how"], "revisions": entry["revisions"], "consents": [*dict.fromkeys(filter(None, entry["consents"]))]}
        for entry in entries
    ]


def _entry(run: Run, revision: str, facts: Mapping[str, Any], words: Words) -> dict[str, Any]:
    safety = run.plan.safety.get(revision)
    runs_code = safety is not None and safety.executes_code
    confinement = _confinement(facts)
    runner = str(facts.get("runner", ""))
    known = f"running.{runner}"
    consent = run.plan.consents.get(revision)
    return {
        "consent": "" if consent is None else words("running.consent", by=consent, revision=revision),
        "how": {
            "where": words(known) if known in words else runner,
            "note": _note(runs_code, confinement, words),
            "kept_from": [] if confinement is None else _guards(confinement.in_force, words),
            "open": [] if confinement is None else _guards(confinement.not_prevented, words),
        },
    }


def _note(runs_code: bool, confinement: Confinement | None, words: Words) -> str:
    if not runs_code:
        return words("running.no_code")
    return words("running.unconfined") if confinement is None else ""


def _guards(guards: Sequence[tuple[Any, str]], words: Words) -> list[tuple[str, str]]:
    return [(words(f"guard.{guard.value}"), words.retell(means)) for guard, means in guards]


def _confinement(facts: Mapping[str, Any]) -> Confinement | None:
    """What the child said of itself; None when it said nothing, or nothing that can be read."""
    try:
        return Confinement.from_json(facts["confinement"])
    except (KeyError, TypeError, ValueError):
        return None
