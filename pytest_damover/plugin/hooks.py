"""The entry point: every pytest run imports it, so it does and imports nothing until `--revisions` is given."""

from __future__ import annotations

import pytest

from pytest_damover.plugin import options


def pytest_addoption(parser: pytest.Parser) -> None:
    options.add_options(parser)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--revisions") is None:
        if config.getoption("--baseline") is not None:  # else plain pytest would be green, and taken for a PASS
            raise pytest.UsageError("damover: --baseline goes with --revisions; nothing is compared without them")
        return
    from pytest_damover.plugin import activate

    activate.activate(config)
