"""The project's own tests need pytester; the suites are tests only when revisions are named."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if config.getoption("--revisions") is None and collection_path == config.rootpath / "suites":
        return True
    return None
