"""The order in which revisions are listed: versions ascending, a pre-release before its release, other names last."""

from __future__ import annotations

import re

_VERSION = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")

_Key = tuple[bool, int, int, int, bool, tuple[tuple[bool, int, str], ...], str]


def version_key(name: str) -> _Key:
    """Sort key of a revision name, after SemVer 2.0 section 11 where the name is a version."""
    match = _VERSION.fullmatch(name)
    if match is None:
        return True, 0, 0, 0, True, (), name
    major, minor, patch, pre = match.groups()
    parts = tuple(_part(part) for part in pre.split(".")) if pre else ()
    return False, int(major), int(minor or 0), int(patch or 0), pre is None, parts, name


def _part(part: str) -> tuple[bool, int, str]:
    return (False, int(part), "") if part.isdecimal() else (True, 0, part)
