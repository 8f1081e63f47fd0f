"""In what a candidate's files differ from the baseline's, in one sentence and in tables, and what loading may run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pytest_damover.domain.anatomy import Aspect, Change, Difference
from pytest_damover.domain.revision import Revision
from pytest_damover.domain.run import Plan
from pytest_damover.domain.safety import Safety
from pytest_damover.report.numbers import ABSENT
from pytest_damover.report.text import one_line
from pytest_damover.report.words import Words

MOST_ROWS = 25
MOST_REASONS = 6
MOST_NAMED = 3
MOST_VALUE = 120
ORDER = (Aspect.THRESHOLD, Aspect.INPUT_SIZE, Aspect.CLASSES, Aspect.CONFIG, Aspect.TENSOR, Aspect.FILE)
_DOCUMENTS = frozenset({"license", "license.txt", "notice", ".gitattributes", ".gitignore"})
_ONLY = {
    Aspect.INPUT_SIZE: "anatomy.only.input",
    Aspect.CLASSES: "anatomy.only.classes",
    Aspect.CONFIG: "anatomy.only.config",
    Aspect.TENSOR: "anatomy.only.tensors",
    Aspect.FILE: "anatomy.only.files",
}


def anatomy(plan: Plan, candidate: Revision, words: Words) -> dict[str, Any] | None:
    """What the plan knows of a candidate beside the baseline; None when it knows nothing."""
    difference = plan.differences.get(candidate.name) if plan.baseline is not None else None
    who = [("baseline", plan.baseline), ("candidate" if plan.baseline else "revision", candidate)]
    safety = [
        safety_row(role, one.name, plan.safety[one.name], words)
        for role, one in who
        if one is not None and one.name in plan.safety
    ]
    if difference is None and not safety:
        return None
    known = tables(Difference(()), words) | {"told": ""} if difference is None else tables(difference, words)
    return known | {"safety": safety}


def tables(difference: Difference, words: Words) -> dict[str, Any]:
    """The sentence, one group of rows for each aspect that moved, and what moved in the weights."""
    return {
        "told": headline(difference, words),
        "groups": [group for aspect in ORDER if (group := _group(difference, aspect, words))],
        "total": len(difference.changes),
        "weights": _weights(difference, words),
        "unread": [words.retell(what) for what in difference.unread[:MOST_ROWS]],
        "unread_more": max(0, len(difference.unread) - MOST_ROWS),
    }


def headline(difference: Difference, words: Words) -> str:
    """What moved, in a sentence: the one aspect when it is one, and plainly that not all is known when it is not."""
    documents = [change for change in difference.changes if _is_document(change)]
    others = [change for change in difference.changes if not _is_document(change)]
    named = ", ".join(one_line(change.name) for change in documents[:MOST_NAMED])
    named += f" +{len(documents) - MOST_NAMED}" if len(documents) > MOST_NAMED else ""
    if not others and not difference.weights_changed:
        if difference.unread:
            return words("anatomy.unread.nothing")
        return words("anatomy.documents", names=named) if documents else words("anatomy.nothing")
    told = [_moved(difference, others, words)]
    if difference.unread:
        told.append(words("anatomy.unread"))
    elif documents:
        told.append(words("anatomy.and_documents", names=named))
    return ("" if words.lang == "zh" else " ").join(told)


def percent(value: float | None) -> str:
    """A share as a percentage of three digits, as in 0.0412% or 188%; from ten on as a multiple, as in 37×."""
    if value is None or not math.isfinite(value):
        return ABSENT
    if value >= 10:
        return f"{value:,.0f}×"
    share = value * 100
    if share == 0 or share >= 100:
        return f"{share:,.0f}%"
    digits = max(0, min(12, 2 - math.floor(math.log10(share))))
    return f"{share:.{digits}f}%"


def safety_row(role: str, name: str, safety: Safety, words: Words) -> dict[str, Any]:
    """A revision's class and the first reasons for it."""
    return {
        "role": role,
        "name": name,
        "kind": safety.kind.value,
        "told": words(f"anatomy.safety.{safety.kind.value}"),
        "executes_code": safety.executes_code,
        "reasons": [{"path": one.path, "what": words.retell(one.what)} for one in safety.reasons[:MOST_REASONS]],
        "more": max(0, len(safety.reasons) - MOST_REASONS),
    }


def _moved(difference: Difference, others: Sequence[Change], words: Words) -> str:
    aspects = {change.aspect for change in others}
    if difference.weights_changed:
        aspects.add(Aspect.TENSOR)
    if len(aspects) > 1 or difference.unread:
        return words("anatomy.several" if len(aspects) > 1 else "anatomy.some", what=_counts(difference, others, words))
    (aspect,) = aspects
    if aspect is Aspect.THRESHOLD:
        return words(_threshold(others), what=_listed(others, words))
    if aspect is Aspect.TENSOR and not others:
        integers = not difference.relative_weight_change
        return words(
            "anatomy.only.integers" if integers else "anatomy.only.weights",
            moved=f"{difference.weights_changed:,}",
            shared=f"{difference.weights_shared:,}",
            relative=percent(difference.relative_weight_change),
        )
    if aspect is Aspect.TENSOR and difference.weights_changed:
        return words("anatomy.several", what=_counts(difference, others, words))
    return words(_ONLY[aspect], what=_listed(others, words))


def _threshold(changes: Sequence[Change]) -> str:
    kinds = {_kind(change.name) for change in changes}
    return kinds.pop() if len(kinds) == 1 else "anatomy.only.thresholds"


def _kind(key: str) -> str:
    last = key.rsplit(".", 1)[-1].lower()
    if "conf" in last or "score" in last:
        return "anatomy.only.confidence"
    return "anatomy.only.nms" if "nms" in last or "iou" in last else "anatomy.only.thresholds"


def _counts(difference: Difference, others: Sequence[Change], words: Words) -> str:
    told = [
        words(f"anatomy.count.{aspect.value}", n=count)
        for aspect in ORDER
        if (count := sum(change.aspect is aspect for change in others))
    ]
    if difference.weights_changed:
        told.append(words("anatomy.count.weights", n=difference.weights_changed))
    return words("anatomy.and").join(told)


def _listed(changes: Sequence[Change], words: Words) -> str:
    told = [f"{one_line(one.name)} {_value(one.before, words)} → {_value(one.after, words)}"
            for one in changes[:MOST_NAMED]]  # fmt: skip
    return "; ".join(told) + (f" +{len(changes) - MOST_NAMED}" if len(changes) > MOST_NAMED else "")


def _value(text: str, words: Words) -> str:
    shown = one_line(text)
    if not shown:
        return words("anatomy.absent")
    return shown if len(shown) <= MOST_VALUE else f"{shown[:MOST_VALUE]}…"


def _group(difference: Difference, aspect: Aspect, words: Words) -> dict[str, Any] | None:
    changes = [change for change in difference.changes if change.aspect is aspect]
    if not changes:
        return None
    return {
        "title": words(f"anatomy.aspect.{aspect.value}"),
        "total": len(changes),
        "rows": [
            {"name": one.name, "before": _value(one.before, words), "after": _value(one.after, words)}
            for one in changes[:MOST_ROWS]
        ],
        "more": max(0, len(changes) - MOST_ROWS),
    }


def _weights(difference: Difference, words: Words) -> dict[str, Any] | None:
    shared, moved = f"{difference.weights_shared:,}", f"{difference.weights_changed:,}"
    if not difference.weights_shared:
        return None
    if not difference.weights_changed:
        return {"told": words("anatomy.weights.equal", shared=shared), "relative": "", "largest": []}
    relative = difference.relative_weight_change
    return {
        "told": words("anatomy.weights.moved", moved=moved, shared=shared),
        "relative": "" if relative is None else words("anatomy.weights.relative", relative=percent(relative)),
        "largest": [(name, percent(change)) for name, change in difference.largest],
    }


def _is_document(change: Change) -> bool:
    """Files that people read and no loader does."""
    base = change.name.rsplit("/", 1)[-1].lower()
    return change.aspect is Aspect.FILE and (base.endswith(".md") or base in _DOCUMENTS)
