"""The project's settings for the command line: the same ini keys that pytest reads, from `pyproject.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_damover import documents
from pytest_damover.domain.errors import Code


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the project is, and what it sets; a key that it does not set has the plugin's default."""

    project: Path
    keys: Mapping[str, Any]

    def get(self, name: str, default: str) -> str:
        """The ini key `damover_<name>` as text."""
        return str(self.keys.get(f"damover_{name}", default))

    @property
    def aliases(self) -> dict[str, str]:
        """Other names of revisions."""
        given = self.keys.get("damover_aliases", ())
        lines = given.splitlines() if isinstance(given, str) else map(str, given)
        pairs = (line.partition("=") for line in lines if line.strip())
        return {alias.strip(): revision.strip() for alias, _, revision in pairs}


def read_settings(start: Path) -> Settings:
    """Read the nearest `pyproject.toml` at or above `start`; without one, `start` is the project and nothing is set."""
    for folder in (start, *start.parents):
        path = folder / "pyproject.toml"
        if path.is_file():
            text = documents.read_bytes(path, str(path), Code.DOCUMENT)
            data = documents.parse_toml(text, str(path), Code.DOCUMENT, ours=False)
            pytest_table = _table(_table(data, "tool"), "pytest")
            return Settings(folder, {**pytest_table, **_table(pytest_table, "ini_options")})
    return Settings(start, {})


def _table(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}
