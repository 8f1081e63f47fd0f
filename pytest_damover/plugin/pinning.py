"""What the run rests on, by SHA-256, before anything runs: images, goldens, the suites' Python files, our own code."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest_damover
from pytest_damover import images
from pytest_damover.domain.case import Case
from pytest_damover.domain.errors import DamoverError
from pytest_damover.domain.run import SuitePlan
from pytest_damover.plugin.goldens import files_of
from pytest_damover.references import resolve_reference
from pytest_damover.suites import CASES, Suite

WORTH_THREADS = 64
"""Fewer files than this are hashed sooner than threads are started."""


def image_digests(suite: Suite, cases: Sequence[Case]) -> dict[str, str]:
    """SHA-256 by `image_path`: as the author gave it, else of what lies there now; missing where nothing can be read.

    An image that is not pinned by its author is read once for it; its digest is remembered for when it is decoded.
    """
    paths = dict.fromkeys(case.image_path for case in cases)
    given = {case.image_path: case.image_sha256 for case in reversed(cases) if case.image_sha256 is not None}
    unpinned = [path for path in paths if path not in given]
    if len(unpinned) < WORTH_THREADS:
        hashed = [_image_digest(suite.root, path) for path in unpinned]
    else:
        with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
            hashed = list(pool.map(_image_digest, [suite.root] * len(unpinned), unpinned, chunksize=16))
    found = {path: digest for path, digest in zip(unpinned, hashed, strict=True) if digest is not None} | given
    return {path: found[path] for path in paths if path in found}


def not_pinned_by_their_authors(suite: SuitePlan) -> str:
    """How many cases do not say which image they were written for, in a sentence; empty when all do."""
    count = sum(case.image_sha256 is None for case in suite.cases)
    if not count:
        return ""
    what = "have no image_sha256: this run holds on to the images that it found"
    return f"suite {suite.name}: {count} of {len(suite.cases)} cases {what}"


def golden_digests(folder: Path) -> dict[str, str]:
    """SHA-256 of everything in a suite's folder of goldens by path below it; empty when there is no folder."""
    return _digests_of([folder / name for name in files_of(folder)], folder)


def test_digests(suite: Suite) -> dict[str, str]:
    """SHA-256 of every Python file of the suite and of the conftest.py files above it, by path in the project."""
    above = [suite.project / "conftest.py", suite.root.parent / "conftest.py"]
    return _digests_of([*above, *sorted(_python_files(suite))], suite.project)


@cache
def code() -> str:
    """`<version>+sha256.<digest>` of this package: the digest is over the names and bytes of its Python files."""
    root = Path(pytest_damover.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(
            f"{path.relative_to(root).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
        )
    return f"{pytest_damover.__version__}+sha256.{digest.hexdigest()}"


def _image_digest(root: Path, image_path: str) -> str | None:
    try:
        return images.file_sha256(resolve_reference(root, image_path))
    except DamoverError:
        return None  # the case says what is wrong with it when it runs


def _digests_of(paths: Sequence[Path], root: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in paths:
        try:
            found[path.relative_to(root).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError:
            continue  # not there, or not to be read: then it is not what judges either
    return found


def _python_files(suite: Suite) -> Iterator[Path]:
    for folder, names, files in os.walk(suite.root):
        if folder == str(suite.root):
            names[:] = [name for name in names if name != CASES]
        names[:] = [name for name in names if not name.startswith((".", "__pycache__"))]
        yield from (Path(folder, name) for name in files if name.endswith(".py"))
