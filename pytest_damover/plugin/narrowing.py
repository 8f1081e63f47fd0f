"""Why pytest may not have seen all that is in the suites; cases are read from the folder, so none of them is missed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from pytest_damover.plugin.gather import Gather
from pytest_damover.suites import CASES, FOLDER, POLICY

DECIDE_WHAT_IS_A_TEST = (
    "collect_imported_tests",
    "norecursedirs",
    "python_classes",
    "python_files",
    "python_functions",
)
FIND_TESTS = ("python", "unittest")


def asked_paths(config: pytest.Config) -> tuple[Path, ...]:
    """What the command line asks for, as absolute paths without `..`."""
    return tuple(_absolute(config, argument.partition("::")[0]) for argument in config.args)


def reasons(state: Gather, config: pytest.Config) -> Iterator[str]:
    """In words, everything that makes the selection smaller than the suites; with one of them there is no PASS."""
    yield from out_of_view(state, config)
    if state.options.update_golden:
        yield "--damover-update-golden was given: goldens that are written are compared with nothing"


def out_of_view(state: Gather, config: pytest.Config) -> Iterator[str]:
    """In words, everything that may have kept tests of the suites from being collected."""
    asked = asked_paths(config)
    for suite in state.suites.values():
        if not any(suite.root.is_relative_to(path) for path in asked):
            yield f"only a part of {suite.source(suite.root)} was asked for"
    yield from _suites_left_out(state, asked)
    yield from state.collection_skips
    yield from _errors_in_no_suite(state)
    yield from _options(state, config)


def passed_over(path: Path, project: Path, config: pytest.Config) -> str:
    """Why a path that pytest passes over narrows the run, in words; empty when it is no test in one of the suites."""
    place = path.relative_to(project / FOLDER).parts if path.is_relative_to(project / FOLDER) else ()
    if len(place) <= 1 or _is_left_behind(place) or not _holds_tests(path, config):
        return ""
    return f"{FOLDER}/{'/'.join(place)} was not collected: --ignore, norecursedirs or a conftest.py keeps it out"


def _is_left_behind(parts: Sequence[str]) -> bool:
    """True for what editors and Python leave behind, and what is hidden."""
    return any(part.startswith((".", "__pycache__")) for part in parts)


def _holds_tests(path: Path, config: pytest.Config) -> bool:
    """True for a file of Python tests, or a folder with one in it."""
    patterns = config.getini("python_files")
    for found in path.rglob("*.py") if path.is_dir() else (path,):
        inside = found.relative_to(path).parts
        if found.suffix == ".py" and not _is_left_behind(inside) and any(map(found.match, patterns)):
            return True
    return False


def _suites_left_out(state: Gather, asked: Sequence[Path]) -> Iterator[str]:
    """Folders that are suites, were asked for, and that pytest never looked into."""
    for folder in sorted((state.options.project / FOLDER).glob("[!.]*")):
        is_suite = (folder / POLICY).is_file() or (folder / CASES).is_dir()
        if is_suite and folder.name not in state.suites and any(folder.is_relative_to(path) for path in asked):
            yield f"{FOLDER}/{folder.name} was not collected: --ignore, norecursedirs or a conftest.py keeps it out"


def _errors_in_no_suite(state: Gather) -> Iterator[str]:
    roots = tuple(f"{suite.source(suite.root)}/" for suite in state.suites.values())
    for node, text in state.collection_errors:
        if not f"{node}/".startswith(roots):
            yield f"{node} was not collected: {text.strip().splitlines()[-1]}"


def _options(state: Gather, config: pytest.Config) -> Iterator[str]:
    for option in ("lf", "ignore_glob", "stepwise"):
        if config.getoption(option, None):
            yield f"--{option.replace('_', '-')} was given"
    roots = [suite.root for suite in state.suites.values()]
    for path in (_absolute(config, given) for given in config.getoption("ignore", None) or ()):
        if any(path.is_relative_to(root) or root.is_relative_to(path) for root in roots):
            yield "--ignore was given"
            break
    for name in (line.partition("=")[0].strip() for line in config.getoption("override_ini", None) or ()):
        if name in DECIDE_WHAT_IS_A_TEST:
            yield f"-o {name} was given"
    for name in FIND_TESTS:
        if not config.pluginmanager.hasplugin(name):
            yield f"-p no:{name} was given"


def _absolute(config: pytest.Config, path: str) -> Path:
    return Path(os.path.normpath(config.invocation_params.dir / path))
