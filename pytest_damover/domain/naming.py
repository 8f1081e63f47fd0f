"""The name of a case in pytest's ids: ASCII, for shells, CI logs and files that hold nothing else."""

from __future__ import annotations

import hashlib
import re
import unicodedata

READABLE = 40
DIGEST = 8
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_.+]+")


def slug(name: str) -> str:
    """The name itself where it is ASCII; else what can be read of it, and the start of its SHA-256 (of its NFC form).

    >>> slug("night_041"), slug("夜间_041"), slug("café")
    ('night_041', '041-0c6eaaf0', 'cafe-850f7dc4')
    """
    if name.isascii():
        return name
    readable = "".join(part for part in unicodedata.normalize("NFKD", name) if not unicodedata.combining(part))
    plain = _NOT_PLAIN.sub("-", readable)[:READABLE].strip("-_.+")
    digest = hashlib.sha256(unicodedata.normalize("NFC", name).encode(errors="surrogatepass")).hexdigest()[:DIGEST]
    return f"{plain or 'case'}-{digest}"
