"""Which of two versions is the newer one, as PEP 440 orders them."""

from __future__ import annotations

import re

_VERSION = re.compile(
    r"v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)"
    r"(?P<pre>[._-]?(?:alpha|beta|preview|pre|a|b|c|rc)[._-]?\d*)?"
    r"(?P<post>-\d+|[._-]?(?:post|rev|r)[._-]?\d*)?"
    r"(?P<dev>[._-]?dev[._-]?\d*)?"
    r"(?:\+[a-z0-9._-]+)?",
    re.IGNORECASE,
)


def is_at_least(version: str, release: str) -> bool:
    """Whether `version` is `release` or newer: a release candidate or nightly build of it is not, a local build is.

    `release` is plain numbers. A version that cannot be read is none.
    """
    found = _VERSION.fullmatch(version.strip())
    if found is None:
        return False
    early = found["pre"] is not None or (found["dev"] is not None and found["post"] is None)
    return (int(found["epoch"] or 0), _numbers(found["release"]), not early) >= (0, _numbers(release), True)


def _numbers(release: str) -> tuple[int, ...]:
    numbers = [int(number) for number in release.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)
