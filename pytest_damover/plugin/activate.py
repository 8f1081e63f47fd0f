"""What happens once `--revisions` is given: options are checked, revisions resolved, the other hooks registered."""

from __future__ import annotations

import pytest

from pytest_damover import suites
from pytest_damover.domain.errors import DamoverError
from pytest_damover.plugin import (
    collect,
    fixtures,
    gather,
    goldens,
    journaling,
    judging,
    lineup,
    moved_root,
    options,
    progress,
    protocol,
    reporting,
    turns,
)
from pytest_damover.plugin.distributed.exchange import INPUT, LANE, Assignment
from pytest_damover.plugin.distributed.role import refuse_what_does_not_go, role_of
from pytest_damover.plugin.gather import Role
from pytest_damover.plugin.refusal import told

MARKERS = (
    "gpu: needs a CUDA device; left out of the plan where there is none",
    "slices(*names): the slices a test belongs to",
    "severity(level): critical, major or minor; how much it hurts when the test fails",
    "suite(name): the suite a test belongs to",
)


SHOW_INSTEAD = {
    "showfixtures": "--fixtures",
    "show_fixtures_per_test": "--fixtures-per-test",
    "markers": "--markers",
    "cacheshow": "--cache-show",
}
"""Options, by where pytest keeps them, with which it shows something, runs nothing and is green."""


def activate(config: pytest.Config) -> None:
    """Turn this pytest run into a comparison of revisions."""
    for kept_as, option in SHOW_INSTEAD.items():
        if config.getoption(kept_as, None):
            raise pytest.UsageError(f"damover: {option} does not go with --revisions; leave one of them out")
    moved_root.refuse_moved_root(config)
    chosen = options.read_options(config)
    role = role_of(config)
    refuse_what_does_not_go(config, chosen, role)
    folder = chosen.project / suites.FOLDER
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        if not folder.is_dir():
            raise pytest.UsageError(f"damover: {folder} is not there; put cases under {suites.FOLDER}/<suite>/cases/")
        config.args = [str(folder)]
        config.args_source = pytest.Config.ArgsSource.INVOCATION_DIR  # or the header would name testpaths
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    own = _begin_role(config, chosen, role)
    if chosen.update_golden:
        goldens.refuse_two_of_a_family(config.stash[gather.KEY].lineup.running)
    judges = (judging, journaling) if chosen.gate and role is not Role.WORKER else ()
    modules = (collect, fixtures, reporting, protocol, turns, *judges)
    parts: dict[str, object] = {module.__name__.rpartition(".")[2]: module for module in modules}
    for part, plugin in (parts if own is None else {**parts, role.value: own}).items():
        name = f"damover-{part}"
        if config.pluginmanager.register(plugin, name) is None:  # without one of them pytest's own green would stand
            raise pytest.UsageError(f"damover: -p no:{name} does not go with --revisions; see --damover-no-gate")
    if role is not Role.WORKER and progress.wanted(config):
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
        raise pytest.UsageError(told(error, state.options.lang)) from error


def _begin_role(config: pytest.Config, chosen: options.Options, role: Role) -> object | None:
    """Put the run's state in its place; the hooks of a controller or a worker, which only a spread run has."""
    if role is Role.ALONE:
        config.stash[gather.KEY] = gather.Gather(chosen, lineup.resolve(chosen))
        return None
    if role is Role.CONTROLLER:
        from pytest_damover.plugin.distributed.controller import Controller

        state = config.stash[gather.KEY] = gather.Gather(chosen, lineup.resolve(chosen), role=role)
        return Controller(config, state)
    from pytest_damover.plugin.distributed.worker import Worker

    assigned = Assignment.from_text(config.workerinput[INPUT], chosen)  # type: ignore[attr-defined]
    state = config.stash[gather.KEY] = gather.Gather(chosen, assigned.lineup, role=role)
    config.option.maxfail = 0  # what counts as a failure is for the controller to say
    return Worker(state, assigned.pins, config.workerinput[LANE])  # type: ignore[attr-defined]
