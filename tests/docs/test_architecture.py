"""ARCHITECTURE.md names the modules that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "pytest_damover"
TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_every_module_that_is_named_is_there() -> None:
    named = {name for name in re.findall(r"\b([a-z][a-z_]*\.py)\b", TEXT) if not name.startswith("test_")}
    assert named
    assert {
        name for name in named if not any(PACKAGE.rglob(name)) and not any((ROOT / "benchmarks").glob(name))
    } == set()


@pytest.mark.parametrize("folder", ["", "domain", "hubs", "detectors", "runners", "plugin"])
def test_every_module_of_these_folders_is_named(folder: str) -> None:
    modules = sorted(path.name for path in (PACKAGE / folder).glob("[!_]*.py"))
    assert modules
    assert [name for name in modules if not re.search(rf"\b{re.escape(name)}(?!\w)", TEXT)] == []
