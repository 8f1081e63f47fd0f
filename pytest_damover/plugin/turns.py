"""Whose turn it is: a run has its GPUs to itself, and while something is timed on the CPU no other run times there.

The locks are the machine's (`machine_lock.py`). Those of GPUs are held from before the plan to the end of the run, by
the process that plans: with `-n` for the workers too, of which each has a GPU of its own.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest

from pytest_damover.domain.errors import DamoverError
from pytest_damover.domain.journal import Finished, ItemOutcome
from pytest_damover.domain.verdict import Answer
from pytest_damover.plugin import gather
from pytest_damover.plugin.distributed.solo import is_solo
from pytest_damover.plugin.gather import Gather, Role
from pytest_damover.plugin.items import DamoverItem
from pytest_damover.plugin.refusal import told

if sys.platform != "win32":
    from pytest_damover import machine_lock


def devices_of(state: Gather, workers: int) -> tuple[str, ...]:
    """The device of each worker that has work: one GPU each, as far as they go; none of them where it is the CPU.

    Who asked for one GPU by its number gets that one, and one worker on it. Without workers it is the run's own device.
    """
    device = state.models.device
    if not device.startswith("cuda"):
        return ()
    if workers < 2 or ":" in state.options.device:
        return (device,)
    return tuple(f"cuda:{index}" for index in range(min(workers, len(state.models.gpus))))


def take_gpus(state: Gather, config: pytest.Config, workers: int = 1) -> str:
    """The run's device, every GPU of the run being ours from now on.

    Raises `DamoverError` for a device that is not there, or that another run kept for longer than we wait.
    """
    device, gpus = state.models.device, state.models.gpus
    wanted = {gpus[int(one.partition(":")[2])] for one in devices_of(state, workers)}
    with contextlib.ExitStack() as taken:
        for uuid in sorted(wanted):  # in one order, or two runs would wait for each other
            taken.enter_context(_held(uuid, state, config))
        config.add_cleanup(taken.pop_all().close)
    return device


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Without the gate there is no plan to take them for, and nobody to say INCONCLUSIVE: the run just ends."""
    state = gather.of(session.config)
    if state.options.gate or state.role is Role.WORKER or session.config.option.collectonly:
        return
    try:
        take_gpus(state, session.config, state.workers)
    except DamoverError as error:
        if _is_busy(error):  # a device that is not there, each test says itself
            pytest.exit(told(error, state.options.lang), returncode=Answer.INCONCLUSIVE.exit_code)


def run_in_turn(item: DamoverItem, state: Gather) -> Finished:
    """Run an item of ours, a race when the processors are free of others; one that never got them is skipped."""
    if not is_solo(item):
        return _on_its_device(item.execute(), state)
    assert item.plan_item is not None
    key, device = item.plan_item.key, ""
    with contextlib.ExitStack() as turn:
        try:
            device = state.models.device
            turn.enter_context(_processors(device, state, item.config))
        except DamoverError as error:
            is_busy = _is_busy(error)
            return Finished(key, ItemOutcome.SKIPPED if is_busy else ItemOutcome.ERROR, str(error), device)
        return _on_its_device(item.execute(), state)


def _on_its_device(finished: Finished, state: Gather) -> Finished:
    """An end has its device also when it came before anything ran there."""
    if finished.device:
        return finished
    try:
        return replace(finished, device=state.models.device)
    except DamoverError:
        return finished


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A Python test that times something does so when no other run does."""
    state = gather.of(item.config)
    with contextlib.ExitStack() as turn:
        if is_solo(item) and state.role is not Role.WORKER:
            try:
                turn.enter_context(_processors(state.models.device, state, item.config))
            except DamoverError as error:
                if _is_busy(error):
                    pytest.skip(str(error))
                raise
        return (yield)


def _processors(device: str, state: Gather, config: pytest.Config) -> AbstractContextManager[object]:
    """On a GPU the run has its lock already."""
    return contextlib.nullcontext() if device.startswith("cuda") else _held("cpu", state, config)


def _held(name: str, state: Gather, config: pytest.Config) -> AbstractContextManager[object]:
    if sys.platform == "win32":  # no flock: nobody else is kept out
        return contextlib.nullcontext()
    folder = state.options.lock_folder or machine_lock.shared_folder()
    return machine_lock.hold(name, machine_lock.Patience(folder, state.options.lock_timeout_s, _teller(config)))


def _is_busy(error: DamoverError) -> bool:
    return sys.platform != "win32" and isinstance(error, machine_lock.BusyError)


def _teller(config: pytest.Config) -> Callable[[str], None]:
    """Says a line on the terminal, whatever is captured."""

    def tell(text: str) -> None:
        with _shown(config):
            print(f"\ndamover: {text}", file=sys.stderr, flush=True)

    return tell


@contextlib.contextmanager
def _shown(config: pytest.Config) -> Iterator[None]:
    capture = config.pluginmanager.getplugin("capturemanager")
    with contextlib.nullcontext() if capture is None else capture.global_and_fixture_disabled():
        yield
