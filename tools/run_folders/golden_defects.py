"""Defects of goldens: what was to be held to one was not."""

from __future__ import annotations

from typing import Any

from tools.run_folders.defects import defect
from tools.run_folders.folder import Folder


def held(run: Folder, outcome: str, **more: Any) -> None:
    """The first case came out so against its golden, on both revisions."""
    for revision in ("v1", "v2"):
        golden = {"name": "day", "outcome": outcome, "file": f"{revision}/cases/day.cpu.fp32.json", "inexact": ""}
        golden |= {"differences": [], "box_px": 2.0, "score": 0.05, "reason": "", **more}
        run.end_of("day", revision)["goldens"] = [golden]


@defect("goldens-compared", "goldens-compared", "A case was compared with its golden, which is no defect.")
def goldens_compared(run: Folder) -> None:
    held(run, "match")


@defect("golden-missing", "golden-missing", "The golden of a case is not there.")
def golden_missing(run: Folder) -> None:
    held(run, "missing", differences=["golden/toy/v2/cases/day.cpu.fp32.json is not there"])


@defect("golden-not-told", "golden-missing", "A case is held to a golden, passed, and says nothing of it.")
def golden_not_told(run: Folder) -> None:
    for case in run.suite["cases"]:
        case[2]["expected"]["golden"] = True


@defect("goldens-written", "goldens-written", "The run wrote goldens, and compared with none.")
def goldens_written(run: Folder) -> None:
    held(run, "written", differences=["it is new"])
