"""The file that a case means by `image_path`, and nothing outside its suite."""

from __future__ import annotations

import os
import stat
from functools import lru_cache
from pathlib import Path, PurePosixPath

from pytest_damover.domain.errors import Code, DamoverError, Fault


def resolve_reference(root: Path, image_path: str) -> Path:
    """The file that a case means: `image_path` below `root`, an existing regular file, no way out of `root`.

    Raises `DamoverError` (case-image) for URLs, absolute paths, `..`, links that leave `root`, pipes and devices.
    """
    if not _is_plain_relative(image_path):
        raise _reference_refusal(image_path, "not a plain relative path")
    folder, _, _ = image_path.rpartition("/")
    root_text = os.fspath(root)
    if not _stays_inside(root_text, folder):
        raise _reference_refusal(image_path, "its folder leads out of the suite through a link")
    target = f"{root_text}/{image_path}"
    try:
        mode = os.lstat(target).st_mode
        if stat.S_ISLNK(mode):
            _require_inside(root_text, target, image_path)
            mode = os.stat(target).st_mode  # noqa: PTH116 - a Path costs more than the call
    except OSError as error:
        raise _reference_refusal(image_path, f"cannot be read ({error.strerror})") from error
    if not stat.S_ISREG(mode):
        raise _reference_refusal(image_path, "not a regular file")
    return Path(target)


def _is_plain_relative(image_path: str) -> bool:
    if not image_path or image_path[0] == "/" or "\\" in image_path or ":" in image_path or "\0" in image_path:
        return False
    return ".." not in image_path or ".." not in PurePosixPath(image_path).parts


@lru_cache(maxsize=4096)
def _stays_inside(root: str, folder: str) -> bool:
    real_root = os.path.realpath(root)
    real_folder = os.path.realpath(os.path.join(root, folder))  # noqa: PTH118
    return real_folder == real_root or real_folder.startswith(real_root + os.sep)


def _require_inside(root: str, target: str, image_path: str) -> None:
    if not os.path.realpath(target).startswith(os.path.realpath(root) + os.sep):
        raise _reference_refusal(image_path, "a link that leads out of the suite")


def _reference_refusal(image_path: str, found: str) -> DamoverError:
    allowed = "a regular file below the suite's folder, as a relative path with forward slashes and without '..'"
    return DamoverError(Fault(Code.CASE_IMAGE, f"image_path {image_path!r}", found, allowed, "correct the case"))
