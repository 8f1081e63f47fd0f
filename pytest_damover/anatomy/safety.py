"""The class of a whole revision: every file of it, and what its configuration makes ModelScope import or install."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pytest_damover.anatomy.configs import MAIN_FILE, SOURCE_FILE, json_object
from pytest_damover.anatomy.looking import look_at
from pytest_damover.anatomy.sources import MAX_BYTES, read_source
from pytest_damover.anatomy.window import Window
from pytest_damover.domain.errors import DamoverError
from pytest_damover.domain.safety import Reason, Safety, SafetyClass

MAX_REASONS = 200
MAX_CONFIG_BYTES = 5_000_000
# modelscope.pipelines.builder and models.base: these install packages, or import every Python file of the folder
CODE_KEYS = frozenset(
    {"allow_remote", "plugins", "trust_remote_code", "auto_map", "custom_imports", "custom_pipelines"}
)
CODE_FILES = {".modelscope_plugins": "names modules that ModelScope imports"}
CONFIG_FILES = frozenset(
    {MAIN_FILE, "config.json", "tokenizer_config.json", "preprocessor_config.json", "model_index.json"}
)
# whatever else a configuration may name, nobody has read what loading it runs
KNOWN_TYPES = {
    "pipeline": {"tinynas-detection"},
    "model": {"tinynas-damoyolo"},
    "preprocessor": {"object-detection-tinynas-preprocessor"},
}
MOST_STATEMENTS = 5


def safety_in(windows: Mapping[str, Window]) -> Safety:
    """The class of the files at hand, by path, with the reason for each file that puts the revision there."""
    findings: list[Reason] = []
    pickles: list[Reason] = []
    for path, window in sorted(windows.items()):
        look = look_at(window, path)
        found = [*look.findings, *_by_name(path, window, windows)]
        findings += [Reason(path, what) for what in dict.fromkeys(found)]
        if look.pickled:
            pickles.append(Reason(path, "a pickle of tensors and plain containers"))
    if findings:
        return Safety(SafetyClass.EXECUTES_CODE, _within(findings))
    return Safety(SafetyClass.WEIGHTS_ONLY, _within(pickles)) if pickles else Safety(SafetyClass.SAFETENSORS)


def _by_name(path: str, window: Window, windows: Mapping[str, Window]) -> Iterable[str]:
    name = path.rsplit("/", 1)[-1].lower()
    if name in CODE_FILES:
        return (CODE_FILES[name],)
    if path == SOURCE_FILE:
        return _statements(window)
    return _switches(window, name, windows) if name in CONFIG_FILES else ()


def _statements(window: Window) -> Iterator[str]:
    try:
        other = read_source(window.head(MAX_BYTES + 1), SOURCE_FILE).other
    except DamoverError as error:
        yield from (fault.found for fault in error.faults)
        return
    yield from (f"runs {statement}" for statement in other[:MOST_STATEMENTS])
    if len(other) > MOST_STATEMENTS:
        yield f"runs {len(other) - MOST_STATEMENTS} more statements"


def _switches(window: Window, name: str, windows: Mapping[str, Window]) -> Iterator[str]:
    try:
        if window.size_bytes > MAX_CONFIG_BYTES:
            raise ValueError("too large")
        data = json_object(window.head(MAX_CONFIG_BYTES), name)
    except (DamoverError, ValueError):
        yield "a configuration that is not strict JSON: what a lax reader finds in it is not known"
        return
    for key, value in _pairs(data):
        if key.lower() in CODE_KEYS and value:
            yield f"`{key}` has ModelScope import or install code"
            if key.lower() == "allow_remote":
                yield from (f"has {path} installed" for path in windows if path.endswith("requirements.txt"))
    if name == MAIN_FILE:
        yield from _types(data)


def _types(data: Mapping[str, Any]) -> Iterator[str]:
    for part, known in KNOWN_TYPES.items():
        for key, value in _pairs({part: data.get(part)}):
            odd = value if isinstance(value, str) else ascii(value)
            if key in ("type", "model_type") and odd not in known:
                yield f"loads as {part} `{odd[:80]}`, and what that runs is not known here"


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield from ((str(key), part) for key, part in one.items())
        if isinstance(one, dict | list):
            waiting.extend(one.values() if isinstance(one, dict) else one)


def _within(reasons: list[Reason]) -> tuple[Reason, ...]:
    if len(reasons) <= MAX_REASONS:
        return tuple(reasons)
    return (*reasons[: MAX_REASONS - 1], Reason("…", f"{len(reasons) - MAX_REASONS + 1} more reasons"))
