"""What a person's word for a revision means: an alias, a name of the hub, `latest`, `current`, a range of versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.semver import highest, is_range, parse_range

if TYPE_CHECKING:
    from pytest_damover.hubs import RevisionInfo

LATEST, CURRENT = "latest", "current"


def select(asked: str, aliases: Mapping[str, str], listed: Sequence[RevisionInfo], where: str) -> tuple[str, str]:
    """What the hub calls the revision, and the name to show: `asked` itself, but for `latest`, `current` and ranges
    the tag they stand for.

    A name that the hub does not list is handed on, for it may be a commit id; the hub refuses it otherwise.
    """
    if asked in aliases:
        tag = aliases[asked]
        _refuse_two_meanings(asked, tag, "is an alias of the project", listed, where)
        return tag, tag if asked in (LATEST, CURRENT) else asked
    if is_range(asked):
        tag = _highest(asked, listed, where)
        return tag, tag
    if asked == LATEST:
        tag = _latest(listed, where)
        return tag, tag
    if asked == CURRENT and not _known_as(CURRENT, listed):
        raise DamoverError(_no_current(where))
    _refuse_two_refs(asked, listed, where)
    return asked, asked


def _latest(listed: Sequence[RevisionInfo], where: str) -> str:
    """The highest release; a tag or branch that is really called `latest` counts only where there is no release."""
    if _known_as(LATEST, listed) and not highest(_tags(listed)):
        return LATEST
    tag = _highest(LATEST, listed, where)
    _refuse_two_meanings(LATEST, tag, "means the highest release", listed, where)
    return tag


def _highest(asked: str, listed: Sequence[RevisionInfo], where: str) -> str:
    matches = highest(_tags(listed), parse_range(asked) if is_range(asked) else None)
    if not matches:
        exists = ", ".join(_tags(listed)) or "no tag at all"
        found = f"no release among the tags matches {asked!r}"
        raise DamoverError(Fault(Code.REVISION_UNKNOWN, where, found, exists, "damover revisions"))
    commits = {info.commit for info in listed if info.kind == "tag" and info.name in matches}
    if len(matches) > 1 and (len(commits) > 1 or None in commits):
        found = f"{asked!r} means {' and '.join(matches)} alike, which SemVer ranks equal"
        raise DamoverError(_ambiguous(where, found, f"name one: {matches[0]}"))
    return matches[0]


def _refuse_two_meanings(asked: str, tag: str, meaning: str, listed: Sequence[RevisionInfo], where: str) -> None:
    """A real name of the hub is never shadowed in silence: it may stand for something else only if that is the same."""
    real = _known_as(asked, listed)
    same = {info.commit for info in (*real, *_known_as(tag, listed))}
    if not real or tag == asked or (len(same) == 1 and None not in same):
        return
    found = f"{asked!r} {meaning}, {tag}, and the hub has a {real[0].kind} of that name"
    next_step = f"ask for {tag}, or for the {real[0].kind} by an alias of another name: 'hub-{asked} = {asked}'"
    raise DamoverError(_ambiguous(where, found, next_step))


def _refuse_two_refs(asked: str, listed: Sequence[RevisionInfo], where: str) -> None:
    """A tag and a branch may share a name only when they are the same commit."""
    commits = {info.commit for info in listed if info.name == asked}
    if len(commits) > 1:
        shown = ", ".join(f"{info.kind} {info.commit}" for info in listed if info.name == asked)
        raise DamoverError(_ambiguous(where, f"the hub has two revisions called {asked!r}: {shown}", "ask by commit"))


def _known_as(name: str, listed: Sequence[RevisionInfo]) -> list[RevisionInfo]:
    return [info for info in listed if info.name == name]


def _tags(listed: Sequence[RevisionInfo]) -> list[str]:
    return [info.name for info in listed if info.kind == "tag"]


def _ambiguous(where: str, found: str, next_step: str) -> Fault:
    return Fault(Code.REVISION_NAME, where, found, "a word that means one revision", next_step)


def _no_current(where: str) -> Fault:
    found = "'current' means nothing yet: there is no ledger of promotions and no alias 'current'"
    next_step = 'say which: damover_aliases = ["current = v1.0.0"]'
    return Fault(Code.REVISION_UNKNOWN, where, found, "a revision or an alias", next_step)
