"""Folders of files made by hand, and pickles put together operation by operation."""

from __future__ import annotations

import hashlib
import struct
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_damover.anatomy import Anatomy, examine
from pytest_damover.anatomy.looking import Look, look_at
from pytest_damover.anatomy.window import window_of
from pytest_damover.domain.revision import FileEntry

SOURCE = b"""from easydict import EasyDict

model = EasyDict({
    "name": "weights.pt",
    "class_map": "class_map.pkl",
    "backbone": {"structure_file": "structure.txt", "with_spp": True},
    "head": {"num_classes": 1, "nms_conf_thre": 0.05, "nms_iou_thre": 0.6},
})
dataset = EasyDict({"size_divisibility": 32})
"""


def text(value: str) -> bytes:
    """One BINUNICODE operation."""
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def imported(module: str, name: str) -> bytes:
    """One GLOBAL operation."""
    return f"c{module}\n{name}\n".encode()


def look(data: bytes, name: str = "file.pkl") -> Look:
    """What loading those bytes may run."""
    return look_at(window_of(data), name)


def write_folder(folder: Path, files: Mapping[str, bytes]) -> tuple[FileEntry, ...]:
    """Those files on disk, and their manifest."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return tuple(FileEntry(path, len(data), hashlib.sha256(data).hexdigest()) for path, data in sorted(files.items()))


def examined(folder: Path, files: Mapping[str, bytes]) -> Anatomy:
    """The anatomy of a folder of those files alone."""
    return examine(folder, write_folder(folder, files))


@pytest.fixture(scope="session")
def made() -> Any:
    """This file's builders."""
    return sys.modules[__name__]
