"""The entry point: every pytest run imports it, so it does and imports nothing until `--revisions` is given."""

from __future__ import annotations

import os
from typing import Any

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
    # read when numpy is first imported: its products are small here, and two threads that wait for each other on a busy
    # machine take four times as long as one
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from pytest_damover.plugin import activate

    activate.activate(config)


@pytest.hookimpl(optionalhook=True)
def pytest_benchmark_compare_machine_info(
    config: pytest.Config, machine_info: dict[str, Any], compared_benchmark: dict[str, Any]
) -> None:
    if config.getoption("--revisions") is not None:
        from pytest_damover.plugin import benchmarks

        benchmarks.refuse_another_machine(machine_info, compared_benchmark)
