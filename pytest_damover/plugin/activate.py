"""What happens once `--revisions` is given: options are checked, revisions resolved, the other hooks registered."""

from __future__ import annotations

import pytest

from pytest_damover import suites
from pytest_damover.domain.errors import DamoverError
from pytest_damover.plugin import (
    collect,
    fixtures,
    gather,
    journaling,
    judging,
    lineup,
    options,
    progress,
    protocol,
    reporting,
)
from pytest_damover.plugin.refusal import told

MARKERS = (
    "gpu: needs a CUDA device; left out of the plan where there is none",
    "slices(*names): the slices a test belongs to",
    "severity(level): critical, major or minor; how much it hurts when the test fails",
    "suite(name): the suite a test belongs to",
)


def activate(config: pytest.Config) -> None:
    """Turn this pytest run into a comparison of revisions."""
    chosen = options.read_options(config)
    _refuse_xdist(config)
    folder = chosen.project / suites.FOLDER
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        if not folder.is_dir():
            raise pytest.UsageError(f"damover: {folder} is not there; put cases under {suites.FOLDER}/<suite>/cases/")
        config.args = [str(folder)]
        config.args_source = pytest.Config.ArgsSource.INVOCATION_DIR  # or the header would name testpaths
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    config.stash[gather.KEY] = gather.Gather(chosen, lineup.resolve(chosen))
    parts = (collect, fixtures, reporting, protocol, *((judging, journaling) if chosen.gate else ()))
    for module in parts:
        name = f"damover-{module.__name__.rpartition('.')[2]}"
        if config.pluginmanager.register(module, name) is None:  # without one of them pytest's own green would stand
            raise pytest.UsageError(f"damover: -p no:{name} does not go with --revisions; see --damover-no-gate")
    if progress.wanted(config):
        config.pluginmanager.register(progress.Progress(config), progress.NAME)
    if not config.pluginmanager.hasplugin("benchmark"):
        config.pluginmanager.register(fixtures.WithoutBenchmark(), "damover-without-benchmark")
    if not config.option.collectonly:
        _begin(config.stash[gather.KEY])
    if chosen.gate:
        config.option.continue_on_collection_errors = True


def _begin(state: gather.Gather) -> None:
    """Let the runner import what it needs while the suites are collected."""
    try:
        _ = state.models.runner
    except DamoverError as error:
        raise pytest.UsageError(told(error)) from error


def _refuse_xdist(config: pytest.Config) -> None:
    if config.getoption("numprocesses", None) or config.getoption("dist", "no") != "no":
        raise pytest.UsageError("damover: -n and --dist do not go with --revisions yet; run without them, or with -n 0")
