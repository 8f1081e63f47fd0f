"""Where a case stands in the page: an address that is the same in every report, so that a link to it can be kept."""

from __future__ import annotations

import hashlib
import re

_MOST_LETTERS = 60
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_.-]+")


def case_address(prefix: str, suite: str, case: str) -> str:
    """The id of a case: ASCII; what cannot stand there is replaced, and then the start of its SHA-256 tells it apart.

    >>> case_address("", "phone", "night_041"), case_address("c2-", "phone", "夜间 041")
    ('case-phone:night_041', 'c2-case-phone:-041-1f4b9306')
    """
    return f"{prefix}case-{_plain(suite)}:{_plain(case)}"


def _plain(name: str) -> str:
    plain = _NOT_PLAIN.sub("-", name)[:_MOST_LETTERS]
    if plain == name:
        return name
    return f"{plain}-{hashlib.sha256(name.encode(errors='surrogatepass')).hexdigest()[:8]}"
