"""A card: one case as a picture, what each side finds in it, and close by what became of its objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_damover.domain.case import Case
from pytest_damover.domain.comparing.comparison import CaseComparison
from pytest_damover.domain.comparing.flips import ObjectFlip
from pytest_damover.domain.journal import Finished
from pytest_damover.domain.run import Run
from pytest_damover.domain.slicing.slices import readable_detections
from pytest_damover.report.pictures import Album
from pytest_damover.report.views.crops import crops
from pytest_damover.report.views.overlay import label_size_px, regions, side_overlay
from pytest_damover.report.views.states import why_failed
from pytest_damover.report.words import Words

PLAIN_SIZE_PX = (640, 480)


def card(
    case: CaseComparison, flips: Sequence[ObjectFlip], address: str, run: Run, album: Album, words: Words
) -> dict[str, Any]:
    """The card of one case of the run, its picture taken from the album; its crops are those of `flips`."""
    demands = run.cases[case.suite, case.case]
    size_px = _size_px(case)
    return {
        "id": address,
        "suite": case.suite,
        "case": case.case,
        "severity": case.severity.value,
        "severity_word": words(f"severity.{case.severity.value}"),
        "slices": case.slices,
        "image_path": demands.image_path,
        "source": demands.source,
        "threshold": f"{demands.expected.confidence_threshold:g}",
        "width": size_px[0],
        "height": size_px[1],
        "letters": label_size_px(size_px),
        "regions": regions(demands),
        "sides": [_side(name, record, demands, size_px, words) for name, record in _ends(case, run)],
        "picture": album.take(case.suite, case.case),
        "crops": crops(flips, size_px, album, words),
        "why": [words.retell(line) for line in why_failed(case.candidate)],
    }


def _ends(case: CaseComparison, run: Run) -> list[tuple[str, Finished | None]]:
    candidate = ("candidate", case.candidate)
    return [candidate] if run.plan.baseline is None else [("baseline", case.baseline), candidate]


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


def _size_px(case: CaseComparison) -> tuple[int, int]:
    sizes = [side.image_size_px for side in (case.candidate, case.baseline) if side is not None]
    return next((size for size in sizes if size is not None), PLAIN_SIZE_PX)
