"""The committed run folders are what the script makes of them."""

from __future__ import annotations

import json
from pathlib import Path

from tools.run_folders import (  # noqa: F401
    golden_defects,
    journal_defects,
    plan_defects,
    policy_defects,
    race_defects,
    waiver_defects,
)
from tools.run_folders.defects import DEFECTS
from tools.run_folders.folder import Folder

RUNS = Path(__file__).resolve().parents[1] / "data/runs"


def clean() -> Folder:
    records = [json.loads(line) for line in (RUNS / "clean/journal.jsonl").read_text().splitlines()]
    return Folder(json.loads((RUNS / "clean/plan.json").read_text()), records)


def test_every_folder_is_the_clean_one_with_its_defect() -> None:
    assert {path.name for path in RUNS.iterdir()} == {defect.name for defect in DEFECTS}
    for defect in DEFECTS:
        run = clean()
        defect.change(run)
        if defect.sealed:
            run.seal()
        folder = RUNS / defect.name
        assert (folder / "plan.json").read_text() == run.plan_text, defect.name
        assert (folder / "journal.jsonl").read_text() == run.journal_text, defect.name
