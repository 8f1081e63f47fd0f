"""In what a candidate's files differ from the baseline's, aspect by aspect; what nothing explains is a changed file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_damover.anatomy.examine import POINTERS, Anatomy, Role, is_input_size, is_threshold
from pytest_damover.anatomy.tensors import Tensor
from pytest_damover.anatomy.weights import Movement, comparable, learned, movements, relative_change
from pytest_damover.domain.anatomy import Aspect, Change, Difference
from pytest_damover.domain.revision import FileEntry

MOST_LARGEST = 5
MOST_CHANGES = 2_000
MOST_UNREAD = 50
MOST_CHARACTERS = 400
NOT_EXPLAINED = "nothing that is read from it differs"
OTHER_CODE = "its code differs beside the values"


def compare(baseline: Anatomy, candidate: Anatomy) -> Difference:
    """What changed from `baseline` to `candidate`; a file counts only when no other aspect explains it."""
    moved = _movements(baseline, candidate)
    changes = [
        *_tables(baseline, candidate),
        *_tensors(baseline.tensors, candidate.tensors),
        *_broken(moved),
    ]
    changed = sum(one.changed for one in moved.values())
    files = list(_files(baseline, candidate, changes, changed > 0))
    return Difference(
        changes=_within([*files, *changes]),
        weights_shared=len(moved),
        weights_changed=changed,
        relative_weight_change=relative_change(learned(moved)),
        largest=_largest(learned(moved)),
        unread=_unread(baseline, candidate),
    )


def _movements(baseline: Anatomy, candidate: Anatomy) -> dict[str, Movement]:
    before, after = (_entry(one, one.roles.get(Role.WEIGHTS)) for one in (baseline, candidate))
    if before is not None and after is not None and before.sha256 == after.sha256:
        return {
            name: Movement(False, 0.0, 1.0)
            for name, tensor in baseline.tensors.items()
            if name in candidate.tensors and comparable(tensor, candidate.tensors[name])
        }
    return movements(baseline.tensors, candidate.tensors)


def _tables(baseline: Anatomy, candidate: Anatomy) -> Iterator[Change]:
    pointers = set()
    if baseline.roles.get(Role.CONFIG) != candidate.roles.get(Role.CONFIG):
        pointers = {".".join(steps) for steps in POINTERS.values()}
    for key in _keys(baseline.config, candidate.config):
        before, after = baseline.config.get(key, ""), candidate.config.get(key, "")
        if before != after and key not in pointers:
            yield Change(_aspect(key), key, before, after)
    for key in _keys(baseline.classes, candidate.classes):
        before, after = baseline.classes.get(key, ""), candidate.classes.get(key, "")
        if before != after:
            yield Change(Aspect.CLASSES, key, before, after)


def _aspect(key: str) -> Aspect:
    if is_threshold(key):
        return Aspect.THRESHOLD
    return Aspect.INPUT_SIZE if is_input_size(key) else Aspect.CONFIG


def _tensors(before: Mapping[str, Tensor], after: Mapping[str, Tensor]) -> Iterator[Change]:
    for name in _keys(before, after):
        old, new = _told(before.get(name)), _told(after.get(name))
        if old != new:
            yield Change(Aspect.TENSOR, name, old, new)


def _told(tensor: Tensor | None) -> str:
    return "" if tensor is None else f"{tensor.dtype or '?'} {list(tensor.shape)}"


def _broken(moved: Mapping[str, Movement]) -> Iterator[Change]:
    for name, one in moved.items():
        if one.broken:
            yield Change(Aspect.TENSOR, name, "finite numbers", f"{one.broken} numbers that are NaN or infinite")


def _files(baseline: Anatomy, candidate: Anatomy, changes: list[Change], weights_moved: bool) -> Iterator[Change]:
    before = {entry.path: entry for entry in baseline.files}
    after = {entry.path: entry for entry in candidate.files}
    for path in _keys(before, after):
        old, new = before.get(path), after.get(path)
        if old is None or new is None:
            yield Change(Aspect.FILE, path, _file(old), _file(new))
        elif old.sha256 != new.sha256:
            note = _unexplained(path, baseline, candidate, changes, weights_moved)
            if note is not None:
                yield Change(Aspect.FILE, path, _file(old), f"{_file(new)}{note and ': '}{note}")


def _unexplained(
    path: str, baseline: Anatomy, candidate: Anatomy, changes: list[Change], weights_moved: bool
) -> str | None:
    """What is to be said of a file that differs: None when other changes explain it, "" when it is not read at all."""
    role = next((role for role, place in baseline.roles.items() if place == path), None)
    if role is None or candidate.roles.get(role) != path:
        return ""
    if role is Role.CONFIG and baseline.skeleton != candidate.skeleton:
        return OTHER_CODE
    if role is Role.WEIGHTS and baseline.leftovers != candidate.leftovers:
        return "what it holds beside tensors differs"
    explained = any(_belongs(change, role) for change in changes) or (role is Role.WEIGHTS and weights_moved)
    return None if explained else NOT_EXPLAINED


def _belongs(change: Change, role: Role) -> bool:
    if role is Role.WEIGHTS or role is Role.CLASSES:
        return change.aspect is (Aspect.TENSOR if role is Role.WEIGHTS else Aspect.CLASSES)
    if change.aspect not in (Aspect.CONFIG, Aspect.THRESHOLD, Aspect.INPUT_SIZE):
        return False
    first = change.name.split(".", 1)[0]
    home = {"configuration": Role.MAIN, "structure": Role.STRUCTURE}.get(first, Role.CONFIG)
    return home is role


def _largest(moved: Mapping[str, Movement]) -> tuple[tuple[str, float], ...]:
    by_size = [(name, one.relative) for name, one in moved.items() if one.changed and one.relative]
    ranked = sorted(((name, size) for name, size in by_size if size is not None), key=lambda one: (-one[1], one[0]))
    return tuple(ranked[:MOST_LARGEST])


def _unread(baseline: Anatomy, candidate: Anatomy) -> tuple[str, ...]:
    told = [f"{who}, {what}" for who, one in (("baseline", baseline), ("candidate", candidate)) for what in one.unread]
    for who, one in (("baseline", baseline), ("candidate", candidate)):
        told += [f"{who}, {name}: {tensor.why}" for name, tensor in one.tensors.items() if tensor.why]
    if len(told) > MOST_UNREAD:
        told = [*told[:MOST_UNREAD], f"{len(told) - MOST_UNREAD} more"]
    return tuple(told)


def _within(changes: list[Change]) -> tuple[Change, ...]:
    kept = [Change(one.aspect, _cut(one.name), _cut(one.before), _cut(one.after)) for one in changes[:MOST_CHANGES]]
    rest = changes[MOST_CHANGES:]
    if rest:
        kept += [Change(aspect, f"{sum(one.aspect is aspect for one in rest)} more", "", "…")
                 for aspect in dict.fromkeys(one.aspect for one in rest)]  # fmt: skip
    return tuple(kept)


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"


def _entry(one: Anatomy, path: str | None) -> FileEntry | None:
    return next((entry for entry in one.files if entry.path == path), None)


def _file(entry: FileEntry | None) -> str:
    return "" if entry is None else f"{entry.size_bytes} bytes, SHA-256 {entry.sha256[:12]}"


def _keys(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """Every key of both, in the order of the baseline, new ones behind."""
    return list(dict.fromkeys([*before, *after]))
