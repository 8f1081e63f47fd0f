"""The settings: their names and defaults for both faces, and for the command what pytest's own ini-file sets.

This module is imported in every pytest run, for the defaults; whatever reads files is imported late.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEFAULTS: Mapping[str, str] = {
    "model": "",
    "hub": "modelscope",
    "detector": "modelscope",
    "device": "auto",
    "policy": "",
    "reports": "reports",
    "runner": "auto",
    "lock_timeout": "3600",
    "lock_folder": "",
    "lang": "en",
}
"""What an option is when neither the command line nor the ini-file says otherwise; the ini key is `damover_<name>`."""

_YES, _NO = ("y", "yes", "t", "true", "on", "1"), ("n", "no", "f", "false", "off", "0")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the project is, and what its ini-file sets; a key that it does not set has its default."""

    project: Path
    keys: Mapping[str, Any]

    def get(self, name: str, default: str | None = None) -> str:
        """The ini key `damover_<name>` as text."""
        return str(self.keys.get(f"damover_{name}", DEFAULTS[name] if default is None else default))

    def flag(self, name: str) -> bool:
        """The ini key `damover_<name>` as yes or no, in the words that pytest knows; no where it is not set."""
        text = self.get(name, "false").strip().lower()
        if text in _YES or text in _NO:
            return text in _YES
        from pytest_damover.domain.errors import Code, DamoverError, Fault

        raise DamoverError(Fault(Code.OPTION, f"damover_{name}", f"{text!r}", "true, false"))

    @property
    def aliases(self) -> dict[str, str]:
        """Other names of revisions."""
        given = self.keys.get("damover_aliases", ())
        lines = given.splitlines() if isinstance(given, str) else map(str, given)
        pairs = (line.partition("=") for line in lines if line.strip())
        return {alias.strip(): revision.strip() for alias, _, revision in pairs}


def read_settings(start: Path) -> Settings:
    """Read the ini-file that pytest would choose when called in `start`; its folder is the project.

    At `start`, then in each folder above it: the first file of pytest's list that speaks of pytest. Where there is
    none, the project is where the nearest pyproject.toml is, else the nearest setup.py, else `start`, and nothing is
    set. `DamoverError` names a file that cannot be read as what it is.
    """
    nearest_pyproject: Path | None = None
    folders = (start, *start.parents)
    for folder in folders:
        for name, keys_of in _FILES:
            path = folder / name
            if not path.is_file():
                continue
            keys = keys_of(path)
            if keys is not None:
                return Settings(folder, keys)
            if name == "pyproject.toml" and nearest_pyproject is None:
                nearest_pyproject = folder
    with_setup = next((folder for folder in folders if (folder / "setup.py").is_file()), start)
    return Settings(nearest_pyproject or with_setup, {})


def _pytest_toml(path: Path) -> Mapping[str, Any] | None:
    return _table(_toml(path), "pytest")


def _pyproject(path: Path) -> Mapping[str, Any] | None:
    given = _table(_table(_toml(path), "tool"), "pytest")
    native = {key: value for key, value in given.items() if key != "ini_options"}
    return native or (_table(given, "ini_options") if "ini_options" in given else None)


def _pytest_ini(path: Path) -> Mapping[str, Any] | None:
    return _section(path, "pytest") or {}


def _tox_ini(path: Path) -> Mapping[str, Any] | None:
    return _section(path, "pytest")


def _setup_cfg(path: Path) -> Mapping[str, Any] | None:
    return _section(path, "tool:pytest")


_FILES: tuple[tuple[str, Callable[[Path], Mapping[str, Any] | None]], ...] = (
    ("pytest.toml", _pytest_toml),
    (".pytest.toml", _pytest_toml),
    ("pytest.ini", _pytest_ini),
    (".pytest.ini", _pytest_ini),
    ("pyproject.toml", _pyproject),
    ("tox.ini", _tox_ini),
    ("setup.cfg", _setup_cfg),
)
"""pytest's list, in pytest's order; those named after pytest count even when they set nothing."""


def _toml(path: Path) -> Mapping[str, Any]:
    from pytest_damover import documents
    from pytest_damover.domain.errors import Code

    text = documents.read_bytes(path, str(path), Code.DOCUMENT)
    return documents.parse_toml(text, str(path), Code.DOCUMENT, ours=False)


def _table(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def _section(path: Path, name: str) -> Mapping[str, str] | None:
    """The keys of one section of an ini-file, None when it has no such section."""
    from configparser import Error, RawConfigParser

    from pytest_damover import documents
    from pytest_damover.domain.errors import Code, DamoverError, Fault

    parser = RawConfigParser(default_section="", empty_lines_in_values=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(documents.read_bytes(path, str(path), Code.DOCUMENT).decode("utf-8"), str(path))
    except (Error, UnicodeDecodeError) as error:
        found = " ".join(str(error).split())
        raise DamoverError(Fault(Code.DOCUMENT, str(path), found, "sections of 'key = value', UTF-8")) from error
    return dict(parser.items(name)) if parser.has_section(name) else None
