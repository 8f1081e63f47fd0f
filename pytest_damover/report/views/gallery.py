"""The gallery: what the candidate lost as pictures, worst first; then what it found that the baseline does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pytest_damover.domain.comparing.comparison import CaseComparison, Comparison
from pytest_damover.domain.comparing.flips import BoxFate, Fate, ObjectFlip
from pytest_damover.domain.run import DETECT, Run
from pytest_damover.domain.slicing.slices import readable_detections
from pytest_damover.report.addresses import case_address
from pytest_damover.report.pictures import Album
from pytest_damover.report.views.cards import card
from pytest_damover.report.views.flips import by_severity
from pytest_damover.report.views.overlay import side_overlay
from pytest_damover.report.views.states import rank
from pytest_damover.report.words import Words

MOST_CARDS = {"loud": 36, "lost": 18, "fixed": 18}
# a sign-off on paper needs the worst, not all
MOST_PRINTED = 8

Told = tuple[CaseComparison, str]
Place = tuple[str, str]


def gallery(
    run: Run, told: Sequence[Told], comparison: Comparison, album: Album, prefix: str, words: Words
) -> dict[str, Any]:
    """The cards of regressions (of failures when a revision is judged alone), and how many found no room.

    `others` are cases that are no regression: those in which an object was lost all the same, and those with an object
    that only the candidate finds. A case has one card.
    """
    flips = _flips_by_case(comparison)
    loud, lost, fixed = _groups(run, told, flips)

    def made(name: str, group: Sequence[CaseComparison], key: Callable[[CaseComparison], Any]) -> dict[str, Any]:
        cards: list[dict[str, Any]] = []
        for case in sorted(group, key=key)[: MOST_CARDS[name]]:
            if album.is_full:
                break
            address = case_address(prefix, case.suite, case.case)
            cards.append(card(case, flips.get(_place(case), ()), address, run, album, words))
        return {"name": name, "cards": cards, "total": len(group), "more": len(group) - len(cards)}

    first = made("loud", loud, _badness(comparison, flips, run))
    others = [
        made("lost", lost, lambda case: _most_first(case, _count(flips, case, Fate.BROKEN))),
        made("fixed", fixed, lambda case: _most_first(case, _count(flips, case, Fate.FIXED))),
    ]
    return {**first, "others": [group for group in others if group["total"]], "printed": MOST_PRINTED}


def _groups(
    run: Run, told: Sequence[Told], flips: Mapping[Place, Sequence[ObjectFlip]]
) -> tuple[list[CaseComparison], list[CaseComparison], list[CaseComparison]]:
    """Regressions or failures; other cases that lost an object; cases that only found some. None is in two."""
    cases = [pair for pair in told if pair[0].probe == DETECT and _place(pair[0]) in run.cases]
    loud = [case for case, state in cases if state in ("regression", "failed")]
    others = [case for case, state in cases if state not in ("regression", "failed") and _place(case) in flips]
    lost = [case for case in others if _count(flips, case, Fate.BROKEN)]
    return loud, lost, [case for case in others if not _count(flips, case, Fate.BROKEN)]


def links_to(shown: Mapping[str, Any]) -> dict[Place, str]:
    """(suite, case) -> the id of its card."""
    groups = [shown, *shown["others"]]
    return {(one["suite"], one["case"]): one["id"] for group in groups for one in group["cards"]}


def _flips_by_case(comparison: Comparison) -> dict[Place, list[ObjectFlip]]:
    """Broken objects before fixed ones, each worst first."""
    told = by_severity(
        flip for flips in comparison.flips for flip in flips.objects if flip.fate in (Fate.BROKEN, Fate.FIXED)
    )
    found: dict[Place, list[ObjectFlip]] = {}
    for flip in sorted(told, key=lambda flip: flip.fate is Fate.FIXED):
        found.setdefault((flip.case.suite, flip.case.name), []).append(flip)
    return found


def _place(case: CaseComparison) -> Place:
    return case.suite, case.case


def _count(flips: Mapping[Place, Sequence[ObjectFlip]], case: CaseComparison, fate: Fate) -> int:
    return sum(flip.fate is fate for flip in flips.get(_place(case), ()))


def _most_first(case: CaseComparison, *counts: int) -> tuple[Any, ...]:
    return (rank(case), *(-count for count in counts), case.suite, case.case)


def _badness(
    comparison: Comparison, flips: Mapping[Place, Sequence[ObjectFlip]], run: Run
) -> Callable[[CaseComparison], Any]:
    """By severity, then by how many objects were lost and how many boxes came that stand for none."""
    if comparison.baseline is None:
        return lambda case: _most_first(case, *_missing_and_extra(case, run))
    new, gone = (_boxes(comparison, fate) for fate in (BoxFate.NEW, BoxFate.GONE))
    return lambda case: _most_first(
        case,
        _count(flips, case, Fate.BROKEN) - _count(flips, case, Fate.FIXED),
        new[_place(case)] - gone[_place(case)],
    )


def _boxes(comparison: Comparison, fate: BoxFate) -> Counter[Place]:
    boxes = (box for flips in comparison.flips for box in flips.boxes)
    return Counter((box.case.suite, box.case.name) for box in boxes if box.fate is fate)


def _missing_and_extra(case: CaseComparison, run: Run) -> tuple[int, int]:
    detections = None if case.candidate is None else readable_detections(case.candidate.detections)
    overlay = side_overlay(run.cases[_place(case)], detections, (1, 1))
    return overlay["known"] - overlay["found"], overlay["extra"]
