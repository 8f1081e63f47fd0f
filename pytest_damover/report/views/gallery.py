"""The gallery: every regression as a picture with what baseline and candidate see in it, worst first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_damover.domain.case import Case
from pytest_damover.domain.comparison import CaseComparison
from pytest_damover.domain.journal import Finished
from pytest_damover.domain.run import DETECT, Run
from pytest_damover.domain.slices import readable_detections
from pytest_damover.report.pictures import Pictures, jpeg_uri
from pytest_damover.report.views.overlay import label_size_px, regions, side_overlay
from pytest_damover.report.views.states import rank, why_failed
from pytest_damover.report.words import Words

MOST_PICTURES = 24
PLAIN_SIZE_PX = (640, 480)

Told = tuple[CaseComparison, str]


def gallery(run: Run, told: Sequence[Told], pictures: Pictures, prefix: str, words: Words) -> dict[str, Any]:
    """The cards of regressions (of failures when a revision is judged alone), and how many found no room."""
    loud = [case for case, state in told if state in ("regression", "failed") and case.probe == DETECT]
    known = [case for case in loud if (case.suite, case.case) in run.cases]
    cards = sorted((_card(case, run, words) for case in known), key=_badness)
    shown = cards[:MOST_PICTURES]
    for number, card in enumerate(shown, start=1):
        card["id"] = f"{prefix}case-{number}"
        jpeg = pictures(card["suite"], card["case"])
        card["picture"] = None if jpeg is None else jpeg_uri(jpeg)
    return {"cards": shown, "total": len(loud), "more": len(loud) - len(shown)}


def links_to(shown: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """(suite, case) -> the id of its card."""
    return {(card["suite"], card["case"]): card["id"] for card in shown["cards"]}


def _card(case: CaseComparison, run: Run, words: Words) -> dict[str, Any]:
    demands = run.cases[case.suite, case.case]
    size_px = _size_px(case)
    finished = [("candidate", case.candidate)]
    if run.plan.baseline is not None:
        finished.insert(0, ("baseline", case.baseline))
    return {
        "suite": case.suite,
        "case": case.case,
        "severity": case.severity.value,
        "severity_word": words(f"severity.{case.severity.value}"),
        "rank": rank(case),
        "slices": case.slices,
        "image_path": demands.image_path,
        "source": demands.source,
        "threshold": f"{demands.expected.confidence_threshold:g}",
        "width": size_px[0],
        "height": size_px[1],
        "letters": label_size_px(size_px),
        "regions": regions(demands),
        "sides": [_side(name, record, demands, size_px, words) for name, record in finished],
        "why": why_failed(case.candidate),
    }


def _side(name: str, record: Finished | None, case: Case, size_px: tuple[int, int], words: Words) -> dict[str, Any]:
    detections = None if record is None else readable_detections(record.detections)
    overlay = side_overlay(case, detections, size_px)
    if detections is None:
        told = words("gallery.no_result")
    elif overlay["known"]:
        told = words("gallery.found", found=overlay["found"], known=overlay["known"])
    else:
        told = words("gallery.counted", n=overlay["counted"])
    extra = words("gallery.extra", n=overlay["extra"]) if overlay["extra"] else ""
    return {"name": name, "title": words(f"role.{name}"), "told": told, "extra_told": extra, **overlay}


def _badness(card: Mapping[str, Any]) -> tuple[int, int, int, str, str]:
    sides = {side["name"]: side for side in card["sides"]}
    candidate = sides["candidate"]
    before = sides.get("baseline", {"found": candidate["known"], "extra": 0})
    lost, gained = before["found"] - candidate["found"], candidate["extra"] - before["extra"]
    return card["rank"], -lost, -gained, card["suite"], card["case"]


def _size_px(case: CaseComparison) -> tuple[int, int]:
    sizes = [side.image_size_px for side in (case.candidate, case.baseline) if side is not None]
    return next((size for size in sizes if size is not None), PLAIN_SIZE_PX)
