"""Flips: how many objects are found on which side, how the broken ones are missed, and each of them by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pytest_damover.domain.case import Severity
from pytest_damover.domain.comparing.comparison import Comparison
from pytest_damover.domain.comparing.flip_matching import Miss
from pytest_damover.domain.comparing.flips import BoxFate, Fate, ObjectFlip, Sight
from pytest_damover.report.views.filters import filtered
from pytest_damover.report.views.states import SEVERITIES
from pytest_damover.report.words import Words

MOST_ROWS = 200

_FATES = {"kept": Fate.KEPT, "broken": Fate.BROKEN, "fixed": Fate.FIXED, "never": Fate.NEVER_FOUND}
_BOX_FATES = {"gone": BoxFate.GONE, "new": BoxFate.NEW, "stayed": BoxFate.KEPT}


def flips_view(comparison: Comparison, links: Mapping[tuple[str, str], str], words: Words) -> dict[str, Any] | None:
    """All suites' objects; None where there is no baseline or nothing with ground truth ended on both sides."""
    images = [image for flips in comparison.flips for image in flips.images]
    if not images:
        return None
    objects = [flip for flips in comparison.flips for flip in flips.objects]
    fates = [flip.fate for flip in objects]
    counts, boxes = _counts(fates), _box_counts(comparison)
    broken = [flip for flip, fate in zip(objects, fates, strict=True) if fate is Fate.BROKEN]
    misses = Counter(flip.candidate.miss for flip in broken)
    groups = _groups(objects, fates, words)
    return {
        "counts": counts,
        "total": len(objects),
        "boxes": boxes,
        "told": words("flips.told", **{name: f"{n:,}" for name, n in (counts | boxes).items()}),
        "unreadable": sum(not image.readable for image in images),
        "misses": [(words(f"flips.miss.{miss.value}"), misses[miss]) for miss in Miss if misses[miss]],
        "groups": [group for group in groups if group["kind"] != "free"],
        "free": next((group for group in groups if group["kind"] == "free"), None),
        "lists": [_list(name, objects, fates, links, words) for name in ("broken", "fixed")],
        "with_suite": len(comparison.flips) > 1,
    }


def told_in_short(comparison: Comparison, words: Words) -> str:
    """The counts in one line; '' where no object was compared."""
    fates = [flip.fate for flips in comparison.flips for flip in flips.objects]
    counts = _counts(fates) | _box_counts(comparison)
    return words("flips.told", **{name: f"{n:,}" for name, n in counts.items()}) if fates else ""


def _counts(fates: Iterable[Fate]) -> dict[str, int]:
    counts = Counter(fates)
    return {name: counts[fate] for name, fate in _FATES.items()}


def _box_counts(comparison: Comparison) -> dict[str, int]:
    counts = Counter(box.fate for flips in comparison.flips for box in flips.boxes)
    return {name: counts[fate] for name, fate in _BOX_FATES.items()}


def _groups(objects: Sequence[ObjectFlip], fates: Sequence[Fate], words: Words) -> list[dict[str, Any]]:
    severity_words = {severity.value: words(f"severity.{severity.value}") for severity in Severity}
    kinds: dict[str, Callable[[ObjectFlip], Sequence[str]]] = {
        "severity": lambda flip: (flip.case.severity.value,),
        "label": lambda flip: (flip.truth.label,),
        "slice": lambda flip: flip.case.slices,
        "free": lambda flip: [name for name in flip.slices if name not in flip.case.slices],
    }
    groups = []
    for kind, names_of in kinds.items():
        members: dict[str, list[Fate]] = {}
        for flip, fate in zip(objects, fates, strict=True):
            for name in names_of(flip):
                members.setdefault(name, []).append(fate)
        order = [name for name in SEVERITIES if name in members] if kind == "severity" else sorted(members)
        rows = [
            {"name": severity_words.get(name, name) if kind == "severity" else name, **_counts(members[name])}
            for name in order[:MOST_ROWS]
        ]
        groups.append({"kind": kind, "title": words(f"flips.by.{kind}"), "rows": rows})
    return [group for group in groups if group["rows"]]


def _list(
    name: str,
    objects: Sequence[ObjectFlip],
    fates: Sequence[Fate],
    links: Mapping[tuple[str, str], str],
    words: Words,
) -> dict[str, Any]:
    found = by_severity(flip for flip, fate in zip(objects, fates, strict=True) if fate is _FATES[name])
    rows, selects = filtered([_row(flip, links, words) for flip in found[:MOST_ROWS]], {
        "severity": (words("column.severity"), lambda row: (row["severity"],)),
        "slice": (words("column.slice"), lambda row: row["slice_names"]),
        "label": (words("column.label"), lambda row: (row["label"],)),
        "suite": (words("column.suite"), lambda row: (row["suite"],)),
    })  # fmt: skip
    return {"name": name, "n": len(found), "rows": rows, "filters": selects, "more": len(found) - len(rows)}


def by_severity(objects: Iterable[ObjectFlip]) -> list[ObjectFlip]:
    """The worst first: by severity, then by how far the score moved."""
    return sorted(objects, key=lambda flip: (SEVERITIES.index(flip.case.severity.value), -_fall(flip)))


def object_name(flip: ObjectFlip) -> str:
    """Which object it is: its label and its box."""
    return f"{flip.truth.label} [{' '.join(f'{value:.0f}' for value in flip.truth.box)}]"


def _fall(flip: ObjectFlip) -> float:
    """How far the score of its box moved; a box that is none of this object's is worth nothing."""
    sides = [sight.score if sight.miss in (None, Miss.FAINT) else 0 for sight in (flip.baseline, flip.candidate)]
    return abs((sides[0] or 0) - (sides[1] or 0))


def _row(flip: ObjectFlip, links: Mapping[tuple[str, str], str], words: Words) -> dict[str, Any]:
    case = flip.case
    return {
        "suite": case.suite,
        "case": case.name,
        "link": links.get((case.suite, case.name), ""),
        "severity": words(f"severity.{case.severity.value}"),
        "slices": " · ".join(case.slices),
        "slice_names": case.slices,
        "label": flip.truth.label,
        "object": object_name(flip),
        "baseline": sight_in_words(flip.baseline, flip, words),
        "candidate": sight_in_words(flip.candidate, flip, words),
    }


def sight_in_words(sight: Sight, flip: ObjectFlip, words: Words) -> str:
    """What one side has of the object."""
    demands = flip.case.expected
    return words(
        f"flips.now.{'found' if sight.miss is None else sight.miss.value}",
        score="" if sight.score is None else f"{sight.score:.2f}",
        iou="" if sight.iou is None else f"{sight.iou:.2f}",
        label=sight.label or "",
        threshold=f"{demands.confidence_threshold:.2f}",
        least=f"{demands.iou_threshold:.2f}",
    )
