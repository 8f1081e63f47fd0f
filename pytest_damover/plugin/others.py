"""Which other plugins had a hand in how a Python test ran."""

from __future__ import annotations

import pytest

OWN = ("_pytest.", "pytest_damover.")


def wrap_tests(config: pytest.Config) -> tuple[str, ...]:
    """The plugins, by the names they are installed under, that run a test in pytest's place, or around it."""
    distributions = {
        id(plugin): found.metadata["name"] for plugin, found in config.pluginmanager.list_plugin_distinfo()
    }
    named = {
        distributions.get(id(hook.plugin), hook.plugin_name)
        for hook in config.hook.pytest_runtest_protocol.get_hookimpls()
        if not hook.function.__module__.startswith(OWN)
    }
    return tuple(sorted(named))
