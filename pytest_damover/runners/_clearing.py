"""Removing a folder that a stranger's code could write in, however deep it nested and whatever it forbade."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

_ALL_OF_IT = 0o700


def clear_away(folder: Path) -> None:
    """Remove `folder` and all below it, following no link; what cannot be removed is left, nothing is raised.

    `shutil.rmtree` descends by recursion and with a file open for each level, so a few thousand folders in one another
    make it fail, and so does a folder made without leave to read it. Here every folder is first brought up to the top.
    """
    if folder.is_symlink():
        return
    waiting, emptied = [os.fspath(folder)], []
    unforeseen = os.path.join(folder, f".{secrets.token_hex(8)}-")  # noqa: PTH118
    while waiting:
        one = waiting.pop()
        emptied.append(one)
        with contextlib.suppress(OSError):
            os.chmod(one, _ALL_OF_IT)  # noqa: PTH101 - thousands of Paths would be made
        for path, is_folder in _entries(one):
            if not is_folder:
                with contextlib.suppress(OSError):
                    os.unlink(path)  # noqa: PTH108
                continue
            up = f"{unforeseen}{len(emptied)}-{len(waiting)}"
            with contextlib.suppress(OSError):
                os.chmod(path, _ALL_OF_IT)  # noqa: PTH101 - to rename a folder, its `..` must be writable
                os.rename(path, up)  # noqa: PTH104
                path = up
            waiting.append(path)
    for one in reversed(emptied):
        with contextlib.suppress(OSError):
            os.rmdir(one)  # noqa: PTH106


def _entries(folder: str) -> list[tuple[str, bool]]:
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        return [(entry.path, entry.is_dir(follow_symlinks=False)) for entry in found]
    return []
