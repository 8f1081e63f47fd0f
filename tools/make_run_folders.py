"""Make ``tests/data/runs`` again, after plan, journal, rules or reasons changed: ``python -m tools.make_run_folders``.

One clean run is made for real; every folder is that run with one defect, and ``expected.json`` beside it says what
``damover judge`` answers. Look at the difference before you commit it: a folder whose answer changed is a changed gate.
"""

from __future__ import annotations

import copy
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from pytest_damover import remake, store
from pytest_damover.domain.verdict import Answer
from tools.run_folders import (  # noqa: F401 - they enter their defects
    golden_defects,
    journal_defects,
    plan_defects,
    policy_defects,
    race_defects,
    waiver_defects,
)
from tools.run_folders.clean import clean_run
from tools.run_folders.defects import DEFECTS, Defect
from tools.run_folders.folder import Folder

RUNS = Path(__file__).resolve().parents[1] / "tests" / "data" / "runs"


def main() -> None:
    """Write every folder anew; SystemExit names the defects that do not show their reason."""
    with tempfile.TemporaryDirectory() as root:
        clean = clean_run(Path(root))
    if RUNS.exists():
        shutil.rmtree(RUNS)
    silent = [defect.name for defect in DEFECTS if defect.reason not in _write(defect, copy.deepcopy(clean))]
    print(f"{len(DEFECTS)} folders, {sum(path.stat().st_size for path in RUNS.rglob('*.json*')) // 1000} kB")
    if silent:
        raise SystemExit(f"these do not show their reason: {', '.join(silent)}")


def _write(defect: Defect, run: Folder) -> set[str]:
    defect.change(run)
    if defect.sealed:
        run.seal()
    folder = RUNS / defect.name
    folder.mkdir(parents=True)
    (folder / "plan.json").write_text(run.plan_text, encoding="utf-8")
    (folder / "journal.jsonl").write_text(run.journal_text, encoding="utf-8")
    verdict = json.loads(remake.judge_folder(store.open_run_folder(folder)).verdict.to_text())
    expected = _expected(defect, verdict)
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")
    return {found["reason"] for candidate in verdict["candidates"] for found in candidate["findings"]}


def _expected(defect: Defect, verdict: dict[str, Any]) -> dict[str, Any]:
    """What the folder is for, and all that is not PASS."""
    found = [finding for candidate in verdict["candidates"] for finding in candidate["findings"]]
    stops = [[f["rule"], f["slice"], f["verdict"], f["reason"]] for f in found if f["verdict"] != Answer.PASS.value]
    answer = verdict["verdict"]
    return {
        "why": defect.why,
        "reason": defect.reason,
        "verdict": answer,
        "exit_code": Answer(answer).exit_code,
        "stops": stops,
    }


if __name__ == "__main__":
    main()
