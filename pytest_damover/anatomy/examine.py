"""One revision's folder, read: what loading it may run, what it is set to, which tensors it holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from pytest_damover.anatomy.checkpoints import Checkpoint, checkpoint_in
from pytest_damover.anatomy.classmaps import class_map_in, class_names
from pytest_damover.anatomy.configs import DATA_FILE, MAIN_FILE, SOURCE_FILE, flat, json_object
from pytest_damover.anatomy.formats import suffix_of
from pytest_damover.anatomy.literalcode import Computed
from pytest_damover.anatomy.safety import safety_in
from pytest_damover.anatomy.sources import read_literal, read_source
from pytest_damover.anatomy.tensors import Tensor
from pytest_damover.anatomy.window import Window, open_window
from pytest_damover.domain.errors import DamoverError
from pytest_damover.domain.revision import FileEntry
from pytest_damover.domain.safety import Safety

MAX_TEXT_BYTES = 5_000_000
_THRESHOLD = re.compile(r"(^|_)(thr|thre|thresh|threshold|thrs|thresholds)($|_)|(conf|score|iou|nms)_?thr", re.I)
_INPUT_SIZE = re.compile(
    r"size_divisib|^(input|image|img|infer|test|eval|network)_?(size|shape|height|width|scale)s?$|^imgsz$", re.I
)
_WEIGHT_SUFFIXES = ("safetensors", "pt", "pth", "ckpt", "bin")


class Role(str, Enum):
    """What a file is to the loader."""

    CONFIG = "config"
    MAIN = "main"
    STRUCTURE = "structure"
    CLASSES = "classes"
    WEIGHTS = "weights"


# where the configuration names the files of three of the roles
POINTERS = {
    Role.WEIGHTS: ("model", "name"),
    Role.CLASSES: ("model", "class_map"),
    Role.STRUCTURE: ("model", "backbone", "structure_file"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Anatomy:
    """What a folder holds.

    `config` is dotted key to the value's text, `classes` class number to name, `tensors` name to tensor with its
    numbers unread; `skeleton` is what the configuration's source does beside assigning; `leftovers` is what the
    checkpoint holds beside tensors; `unread` says what could not be read, and why.
    """

    files: tuple[FileEntry, ...]
    safety: Safety
    roles: Mapping[Role, str]
    config: Mapping[str, str]
    classes: Mapping[str, str]
    tensors: Mapping[str, Tensor]
    skeleton: str
    leftovers: tuple[str, ...]
    unread: tuple[str, ...]

    @property
    def thresholds(self) -> dict[str, str]:
        """The part of `config` that decides which detections are kept."""
        return {key: text for key, text in self.config.items() if is_threshold(key)}

    @property
    def input_size(self) -> dict[str, str]:
        """The part of `config` that decides in which size an image reaches the model."""
        return {key: text for key, text in self.config.items() if is_input_size(key)}


def is_threshold(key: str) -> bool:
    """True for a dotted key whose last part names a threshold."""
    return _THRESHOLD.search(key.rsplit(".", 1)[-1]) is not None


def is_input_size(key: str) -> bool:
    """True for a dotted key whose last part names an input size or what it must be a multiple of."""
    return _INPUT_SIZE.search(key.rsplit(".", 1)[-1]) is not None


def examine(folder: Path, files: Iterable[FileEntry]) -> Anatomy:
    """Read the listed files of a folder; nothing in them is run, imported or unpickled.

    `DamoverError` only when a listed file cannot be opened; what is in it and cannot be read is told in `unread`.
    """
    listed = tuple(files)
    reader = _Reader(folder, {entry.path: open_window(folder / entry.path, entry.path) for entry in listed})
    reader.read()
    return Anatomy(
        files=listed,
        safety=safety_in(reader.windows),
        roles=reader.roles,
        config=reader.config,
        classes=reader.classes,
        tensors=reader.tensors,
        skeleton=reader.skeleton,
        leftovers=reader.leftovers,
        unread=tuple(reader.unread),
    )


def safety_of(folder: Path, files: Iterable[FileEntry]) -> Safety:
    """What loading the listed files may run; half the work of `examine`."""
    return safety_in({entry.path: open_window(folder / entry.path, entry.path) for entry in files})


class _Reader:
    def __init__(self, folder: Path, windows: Mapping[str, Window]) -> None:
        self.folder, self.windows = folder, windows
        self.roles: dict[Role, str] = {}
        self.config: dict[str, str] = {}
        self.classes: dict[str, str] = {}
        self.tensors: dict[str, Tensor] = {}
        self.skeleton = ""
        self.leftovers: tuple[str, ...] = ()
        self.unread: list[str] = []

    def read(self) -> None:
        values: dict[str, Any] = {}
        if SOURCE_FILE in self.windows:
            values = self.try_role(Role.CONFIG, SOURCE_FILE, self.source) or {}
        elif DATA_FILE in self.windows:
            values = self.try_role(Role.CONFIG, DATA_FILE, lambda: json_object(self.text(DATA_FILE), DATA_FILE)) or {}
        self.config.update(flat(values))
        if MAIN_FILE in self.windows:
            main = self.try_role(Role.MAIN, MAIN_FILE, lambda: json_object(self.text(MAIN_FILE), MAIN_FILE))
            self.config.update(flat(main or {}, "configuration"))
        for role, read in _PARTS.items():
            path = self.find(role, values)
            if path is not None:
                self.try_role(role, path, lambda read=read, path=path: read(self, path))

    def try_role(self, role: Role, path: str, read: Any) -> Any:
        self.roles[role] = path
        try:
            return read()
        except DamoverError as error:
            self.unread += [f"{fault.where}: {fault.found}" for fault in error.faults[:3]]
            return None

    def find(self, role: Role, values: dict[str, Any]) -> str | None:
        """The file that the configuration names for a role, else the only one that has a name for it."""
        named: Any = values
        for step in POINTERS[role]:
            named = named.get(step) if isinstance(named, dict) else None
        if isinstance(named, str) and named in self.windows:
            return named
        if isinstance(named, str) and self.roles.get(Role.CONFIG) == SOURCE_FILE:
            self.unread.append(f"{SOURCE_FILE}: {'.'.join(POINTERS[role])} names {named!a}, which is not in the folder")
            return None
        if isinstance(named, Computed):
            self.unread.append(f"{SOURCE_FILE}: {'.'.join(POINTERS[role])} is computed, so its file is a guess")
        fitting = [path for path in sorted(self.windows) if _fits(role, path)]
        if role is Role.WEIGHTS and len(fitting) > 1:
            self.unread.append(f"weights: nothing says which of {', '.join(fitting[:5])} is meant")
        return fitting[0] if len(fitting) == 1 else None

    def source(self) -> dict[str, Any]:
        source = read_source(self.text(SOURCE_FILE), SOURCE_FILE)
        self.skeleton = source.skeleton
        return source.values

    def structure(self, path: str) -> None:
        self.config.update(flat(read_literal(self.text(path), path), "structure"))

    def class_map(self, path: str) -> None:
        self.classes.update(class_names(class_map_in(self.windows[path], path)))

    def weights(self, path: str) -> None:
        found = checkpoint_in(self.windows[path], path)
        self.tensors.update(_as_loaded(found))
        self.leftovers = found.leftovers

    def text(self, path: str) -> bytes:
        return self.windows[path].head(MAX_TEXT_BYTES + 1)


_PARTS = {
    Role.STRUCTURE: _Reader.structure,
    Role.CLASSES: _Reader.class_map,
    Role.WEIGHTS: _Reader.weights,
}


def _fits(role: Role, path: str) -> bool:
    if role is Role.WEIGHTS:
        return suffix_of(path) in _WEIGHT_SUFFIXES
    if role is Role.CLASSES:
        return path in ("class_map.json", "class_map.pkl")
    return path == "structure.txt"


def _as_loaded(checkpoint: Checkpoint) -> Mapping[str, Tensor]:
    """The tensors under the names that DAMO-YOLO's loader gives them: without `module.`."""
    renamed = {name.replace("module.", ""): tensor for name, tensor in checkpoint.tensors.items()}
    return renamed if len(renamed) == len(checkpoint.tensors) else checkpoint.tensors
