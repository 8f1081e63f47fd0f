"""The entry point: every pytest run imports it, so it does and imports nothing until `--revisions` is given."""

from __future__ import annotations

import pytest

from pytest_damover.plugin import options


def pytest_addoption(parser: pytest.Parser) -> None:
    options.add_options(parser)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--revisions") is None:
        return
    from pytest_damover.plugin import activate

    activate.activate(config)
