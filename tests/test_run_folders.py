"""Every reason of a verdict has a run folder that shows it: one defect each, made by tools/make_run_folders.py."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pytest_damover import cli, documents, remake, store
from pytest_damover.domain.errors import Code
from pytest_damover.domain.rules.reasons import Reason

RUNS = Path(__file__).parent / "data/runs"
NAMES = sorted(path.name for path in RUNS.iterdir())
NOT_IN_A_FOLDER: dict[Reason, str] = {}
"""Reasons that no run folder can show, and why."""
G4 = {
    "missing end record": ("no-end-record", "interrupted"),
    "an item twice": ("item-twice", "duplicate-items"),
    "unplanned item": ("unplanned-item", "unplanned-items"),
    "skipped": ("skipped-item", "skipped-items"),
    "item error": ("item-error", "item-errors"),
    "torn line": ("torn-line", "torn-line"),
    "wrong counts": ("wrong-counts", "wrong-counts"),
    "other plan digest": ("other-plan-digest", "plan-changed"),
    "other run id": ("other-run-id", "other-run"),
    "never started": ("never-started", "never-started"),
    "sequence gap": ("sequence-gap", "sequence-gap"),
    "records after the end": ("records-after-the-end", "records-after-end"),
}


def expected(name):
    return json.loads((RUNS / name / "expected.json").read_text())


def judged(name, folder):
    """The exit code of the command, and the verdict that it wrote."""
    shutil.copytree(RUNS / name, folder)
    code = cli.main(["judge", str(folder)])
    return code, json.loads((folder / "verdict.json").read_text())


def stops(verdict):
    findings = [finding for candidate in verdict["candidates"] for finding in candidate["findings"]]
    return [[f["rule"], f["slice"], f["verdict"], f["reason"]] for f in findings if f["verdict"] != "PASS"]


def reasons(verdict):
    return {finding["reason"] for candidate in verdict["candidates"] for finding in candidate["findings"]}


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_is_judged_as_it_says(name, tmp_path, capsys):
    known = expected(name)
    code, verdict = judged(name, tmp_path / name)
    assert (verdict["verdict"], code, stops(verdict)) == (known["verdict"], known["exit_code"], known["stops"])
    assert known["reason"] in reasons(verdict)
    assert known["verdict"] in capsys.readouterr().out
    assert documents.schema_faults(verdict, "verdict", name, Code.DOCUMENT) == ()


@pytest.mark.parametrize("defect", G4)
def test_g4_a_journal_with_one_defect_is_no_pass_and_says_which(defect, tmp_path):
    name, reason = G4[defect]
    code, verdict = judged(name, tmp_path / name)
    assert code == expected(name)["exit_code"] != 0
    assert {stop[3] for stop in stops(verdict)} == {reason}


def test_g4_the_defects_have_a_reason_each():
    assert len({reason for _, reason in G4.values()}) == len(G4) == 12


def test_every_reason_has_a_folder_or_cannot_have_one():
    shown = {name: reasons(_verdict(name)) for name in NAMES}
    missing = {reason.value for reason in Reason} - set().union(*shown.values())
    assert missing == {reason.value for reason in NOT_IN_A_FOLDER}


def test_every_reason_that_stops_is_what_some_folder_is_about():
    about = {expected(name)["reason"] for name in NAMES}
    stopping = {stop[3] for name in NAMES for stop in expected(name)["stops"]}
    assert stopping <= about | {"negative-control-undecided"}


def test_every_rule_that_can_stop_does_so_in_some_folder():
    applied, stopped = set(), set()
    for name in NAMES:
        for candidate in _verdict(name)["candidates"]:
            applied |= {_rule(finding["rule"]) for finding in candidate["findings"]}
        stopped |= {_rule(stop[0]) for stop in expected(name)["stops"]}
    assert stopped == applied


def _rule(name):
    """One severity is as good as another."""
    return name.partition(".")[0] if name.startswith(("regressions", "failures")) else name


def _verdict(name):
    return json.loads(remake.judge_folder(store.open_run_folder(RUNS / name)).verdict.to_text())


def test_the_folders_are_small():
    assert sum(path.stat().st_size for path in RUNS.rglob("*") if path.is_file()) < 500_000
