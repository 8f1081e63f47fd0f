"""Versions after SemVer 2.0: their order, ranges of them, and how a list of revisions with ranges in it is split.

A tag is a version when it has the form `1.2.3-pre.1+build`, with or without a leading `v`; `1.2` and `1` are tolerated
and stand for `1.2.0` and `1.0.0`. Imports only the standard library, so that reading `--revisions` costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pytest_damover.domain.errors import Code, DamoverError, Fault

MAX_RANGE_LENGTH = 128
_NUMBER = r"(0|[1-9][0-9]*)"
_PRE_PART = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_VERSION = re.compile(
    rf"v?{_NUMBER}(?:\.{_NUMBER})?(?:\.{_NUMBER})?"
    rf"(?:-({_PRE_PART}(?:\.{_PRE_PART})*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_COMPARATOR = re.compile(r"(>=|<=|>|<|=|!=|\^|~)\s*(\S+)")
_BETWEEN_COMPARATORS = re.compile(r"\s*,\s*|(?<=[^\s<>=!^~])\s+")
_RANGE_STARTS = ("<", ">", "=", "!", "^", "~")
_CONTINUING = ("<", "!=")

_PrePart = tuple[bool, int, str]  # numbers before words; numbers by value, words by ASCII
_Edge = tuple["Version", bool]  # a point just before a version, or (True) just after it


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A point in SemVer's order of precedence: comparing two compares their precedence, build metadata left out."""

    major: int
    minor: int
    patch: int
    is_release: bool
    pre: tuple[_PrePart, ...] = ()

    @property
    def core(self) -> tuple[int, int, int]:
        """Major, minor and patch."""
        return self.major, self.minor, self.patch


@dataclass(frozen=True, slots=True)
class Comparator:
    """The versions from `low` to `high` (None: without end), or, when `inverted`, all others.

    `named_pre` is the core of the pre-release that the comparator names, for its pre-releases are wanted then.
    """

    low: _Edge | None
    high: _Edge | None
    inverted: bool = False
    named_pre: tuple[int, int, int] | None = None

    def admits(self, version: Version) -> bool:
        """Whether `version` lies on the wanted side."""
        point = (version, False)
        inside = (self.low is None or self.low <= point) and (self.high is None or point < self.high)
        return inside is not self.inverted


@dataclass(frozen=True, slots=True)
class Range:
    """Versions that every comparator admits; a pre-release only where a comparator names one of the same core."""

    comparators: tuple[Comparator, ...]

    def admits(self, version: Version) -> bool:
        """Whether `version` is in the range."""
        if not version.is_release and version.core not in {comparator.named_pre for comparator in self.comparators}:
            return False
        return all(comparator.admits(version) for comparator in self.comparators)


def parse_version(name: str) -> Version | None:
    """The version that a tag is, or None where the tag is no version."""
    match = _VERSION.fullmatch(name)
    if match is None:
        return None
    major, minor, patch, pre = match.groups()
    parts = tuple(_pre_part(part) for part in pre.split(".")) if pre else ()
    return Version(int(major), int(minor or 0), int(patch or 0), not pre, parts)


def version_key(name: str) -> tuple[bool, Version, str]:
    """Sort key of revision names: versions ascending, equal ones by name, names that are no version last."""
    version = parse_version(name)
    return version is None, version or Version(0, 0, 0, False), name


def highest(names: Iterable[str], wanted: Range | None = None) -> tuple[str, ...]:
    """The names of highest precedence among the releases, or among what `wanted` admits.

    More than one when they differ in build metadata or spelling only (`1.0`, `v1.0.0`); none when nothing fits. A bare
    number is left out: `20260131` is more likely a date than a release above `v2.0.0`.
    """
    versions = {name: version for name in names if not name.isdigit() and (version := parse_version(name)) is not None}
    fitting = {n: v for n, v in versions.items() if (v.is_release if wanted is None else wanted.admits(v))}
    top = max(fitting.values(), default=None)
    return tuple(sorted(name for name, version in fitting.items() if version == top))


def is_range(asked: str) -> bool:
    """Whether `asked` can only be a range: it begins with a comparator, which no name of a revision does."""
    return asked.startswith(_RANGE_STARTS)


def parse_range(text: str, where: str = "revision") -> Range:
    """The range that `text` writes, such as `>=2,<3`, `>=2 <3`, `^1.2`, `~1.2`, `=1.2.0`, `!=1.3.0`.

    Leaving out the minor or patch number means all of them: `=1.2` is 1.2.0 and 1.2.7, `>1` begins with 2.0.0.
    `DamoverError` (REVISION_NAME) where it is none.
    """
    parts = _BETWEEN_COMPARATORS.split(text.strip())
    found = [_comparator(part) for part in parts] if len(text) <= MAX_RANGE_LENGTH else [None]
    comparators = tuple(comparator for comparator in found if comparator is not None)
    if len(comparators) == len(found):
        return Range(comparators)
    allowed = f"up to {MAX_RANGE_LENGTH} characters like '>=2,<3', '>=2 <3', '^1.2', '~1.2', '=1.2.0', '!=1.3.0'"
    next_step = "write a version after each comparator, and a comma or space between two"
    raise DamoverError(Fault(Code.REVISION_NAME, where, f"{text!r} is not a range of versions", allowed, next_step))


def split_revisions(text: str) -> tuple[str, ...]:
    """The revisions that `--revisions` lists: `v1.0.0,>=2,<3` are `v1.0.0` and `>=2,<3`.

    A part that begins with `<` or `!=` continues a range before it. Empty parts stay, for the caller to refuse.
    """
    parts: list[str] = []
    for part in (piece.strip() for piece in text.split(",")):
        if parts and is_range(parts[-1]) and part.startswith(_CONTINUING):
            parts[-1] += f",{part}"
        else:
            parts.append(part)
    return tuple(parts)


def _pre_part(part: str) -> _PrePart:
    return (False, int(part), "") if part.isdigit() else (True, 0, part)


def _comparator(text: str) -> Comparator | None:
    match = _COMPARATOR.fullmatch(text)
    version = parse_version(match[2]) if match else None
    if match is None or version is None:
        return None
    operator, count = match[1], _numbers_given(match[2])
    if not version.is_release and count < 3:
        return None
    before, after = (version, False), _after(version, count)
    named = None if version.is_release or operator == "!=" else version.core
    if operator == "<" and count < 3:
        before = (_before_pre_releases(version.core), False)
    ends: dict[str, tuple[_Edge | None, _Edge | None]] = {
        ">=": (before, None),
        ">": (after, None),
        "<": (None, before),
        "<=": (None, after),
        "=": (before, after),
        "!=": (before, after),
        "~": (before, _after(version, min(count, 2))),
        "^": (before, _after(Version(*version.core, True), _kept_by_caret(version, count))),
    }
    low, high = ends[operator]
    return Comparator(low, high, operator == "!=", named)


def _numbers_given(text: str) -> int:
    match = _VERSION.fullmatch(text)
    return sum(number is not None for number in match.groups()[:3]) if match else 0


def _after(version: Version, count: int) -> _Edge:
    """Just after the version; where fewer than three of its numbers count, just before the next one's pre-releases."""
    if count == 3:
        return version, True
    core = (version.major + 1, 0, 0) if count == 1 else (version.major, version.minor + 1, 0)
    return _before_pre_releases(core), False


def _before_pre_releases(core: tuple[int, int, int]) -> Version:
    return Version(*core, is_release=False)


def _kept_by_caret(version: Version, count: int) -> int:
    """How many leading numbers `^` keeps: up to the first that is not zero, as far as given."""
    leading = next((index for index, number in enumerate(version.core, 1) if number), 3)
    return min(leading, count)
