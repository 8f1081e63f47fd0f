"""pytest looks for its root before it knows our options, and takes what stands after a space for a path of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from pytest_damover import settings

OURS = ("--damover-", "--revisions", "--baseline")


def refuse_moved_root(config: pytest.Config) -> None:
    """Usage error where the value of one of our options has chosen pytest's root, and with it another ini-file.

    `pytest --damover-policy /elsewhere/gate.toml` has its root in `/elsewhere` and reads none of the project's
    settings; with `=` the value belongs to the option.
    """
    by_hand = config.option.inifilename or hasattr(config, "workerinput")
    taken = [] if by_hand else list(_taken_for_paths(config))
    if not taken:
        return
    expected = settings.read_settings(_start(config))
    found = config.inipath.parent if config.inipath is not None else config.rootpath
    if found != expected.project and (expected.keys or not config.option.rootdir):
        rather = " ".join(f"{option}={value}" for option, value in taken)
        raise pytest.UsageError(
            f"damover: pytest takes a path after a space for one of its own, and went from {expected.project} to "
            f"{found} for its settings; write it with an equals sign: {rather}"
        )


def _taken_for_paths(config: pytest.Config) -> Iterator[tuple[str, str]]:
    """Each of our options whose value is the next word, when that is a path that there is."""
    words = [str(word) for word in config.invocation_params.args]
    for option, value in pairwise(words):
        is_its_value = option.startswith(OURS) and config.getoption(option, None) == value
        if is_its_value and (config.invocation_params.dir / value).exists():
            yield option, value


def _start(config: pytest.Config) -> Path:
    """Where pytest would have begun to look: what its own paths have in common, else where it was called."""
    here = config.invocation_params.dir
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        return here
    paths = [path for word in config.args if (path := here / word.partition("::")[0]).exists()]
    folders = [path if path.is_dir() else path.parent for path in paths]
    return Path(os.path.commonpath(folders)) if folders else here
