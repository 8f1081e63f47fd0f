"""Text from outside, made fit to be read: what cannot be seen is shown as an escape, and nothing is endless."""

from __future__ import annotations

import re

MAX_TEXT_BYTES = 2048

# printable by Unicode's word, yet drawn as nothing
_DRAWN_AS_NOTHING = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]")

# a CI runner obeys lines that begin with "::" and "##[" wherever it stands
_COMMAND = re.compile(r"^(\s*)::")


class Drawn(str):
    """Text that this package itself wrote from numbers (path data, base64): it is escaped, but never cut."""

    __slots__ = ()


def visible(text: str) -> str:
    """`text` with every control, bidi, zero-width, odd space and lone surrogate character written as an escape."""
    if text.isprintable() and not _DRAWN_AS_NOTHING.search(text):
        return text
    return "".join(_shown(character) for character in text)


def fitted(text: str) -> str:
    """`visible(text)` within `MAX_TEXT_BYTES` of UTF-8; what was cut is counted."""
    if len(text) > MAX_TEXT_BYTES:
        shown = visible(text[:MAX_TEXT_BYTES])
    else:
        shown = visible(text)
        if len(shown) * 4 <= MAX_TEXT_BYTES:
            return shown
    encoded = shown.encode()
    if len(encoded) <= MAX_TEXT_BYTES and len(text) <= MAX_TEXT_BYTES:
        return shown
    kept = encoded[: MAX_TEXT_BYTES - 40].decode(errors="ignore")
    return f"{kept}… ({len(text)} characters)"


def lines_of(text: str, most: int = 40) -> list[str]:
    """The lines of a text that may have several, each fitted; at most `most` of them, the last then being '…'."""
    lines = [fitted(line) for line in text.splitlines() if line.strip()]
    return lines if len(lines) <= most else [*lines[: most - 1], "…"]


def one_line(text: str) -> str:
    """`text` on one line: line breaks and runs of blanks become one space, the rest is fitted."""
    return fitted(" ".join(text.split()))


def harmless(text: str) -> str:
    """`text` with its line breaks kept, and all else that a terminal or a CI runner would obey made visible."""
    lines = (_COMMAND.sub(r"\1\\x3a:", visible(line)).replace("##[", "## [") for line in text.split("\n"))
    return "\n".join(lines)


def _shown(character: str) -> str:
    if character.isprintable() and not _DRAWN_AS_NOTHING.match(character):
        return character
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
