"""What is timed is run in the controller after all workers have ended: beside them it would measure them too."""

from __future__ import annotations

import pytest

from pytest_damover.plugin.items import FACTS
from pytest_damover.plugin.racing import LatencyItem

TIMED = frozenset(("latency", "benchmark"))


def is_solo(item: pytest.Item) -> bool:
    """True for a race, and for a suite's Python test that asks for `latency` or `benchmark`."""
    if isinstance(item, LatencyItem):
        return True
    return FACTS in item.stash and not TIMED.isdisjoint(getattr(item, "fixturenames", ()))


def enable_benchmarks(config: pytest.Config) -> None:
    """Take back that pytest-benchmark measures nothing beside xdist: here nothing runs beside it."""
    session = getattr(config, "_benchmarksession", None)
    if session is not None and getattr(session, "xdist_warning", False):
        session.disabled = session.xdist_warning = False


def silence_benchmarks(config: pytest.Config) -> None:
    """Keep a worker from saying that it measures nothing: the controller does."""
    session = getattr(config, "_benchmarksession", None)
    if session is not None:
        session.xdist_warning = False


def refuse_disabled_benchmark(item: pytest.Item) -> None:
    """Skip a test whose benchmark would call once and measure nothing because of xdist, and be green for it."""
    session = getattr(item.config, "_benchmarksession", None)
    if "benchmark" not in getattr(item, "fixturenames", ()) or session is None or not session.disabled:
        return
    if not item.config.getoption("benchmark_disable", False):
        pytest.skip("pytest-benchmark does not measure while -n is on; run this test without -n")


def refuse_beside_others(fixture: str, node: pytest.Item) -> None:
    """Skip a suite's test that asks for a timing fixture too late to be seen: it is in a worker, beside others."""
    if fixture in TIMED and FACTS in node.stash:
        pytest.skip(f"{fixture} does not measure beside other workers: ask for it as an argument, or run without -n")
