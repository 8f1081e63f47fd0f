"""What loading one file may run, found in its bytes: the whole of it, and of every archive in it, is looked at."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_damover.anatomy import formats
from pytest_damover.anatomy.machine import read_pickle
from pytest_damover.anatomy.safetensor import NoSafetensorsError, safetensors_in
from pytest_damover.anatomy.torchfile import from_stream, from_zip, root_of
from pytest_damover.anatomy.window import Window
from pytest_damover.anatomy.zips import LOCAL_MAGIC, MAX_INFLATED_BYTES, Entry, OddZipError, entries_of, is_zip_behind

MAX_STREAMS = 16
MAX_DEPTH = 3
_TORCH_EXTRAS = ("version", "byteorder", ".format_version", ".storage_alignment", ".data/serialization_id")


@dataclass(frozen=True, slots=True)
class Look:
    """`findings` say what would or might run; `pickled` is True when the file has to be unpickled."""

    findings: tuple[str, ...] = ()
    pickled: bool = False


class Budget:
    """How many bytes may still be inflated for one file, all archives in it together."""

    def __init__(self) -> None:
        self.left_bytes = MAX_INFLATED_BYTES

    def spend(self, entry: Entry) -> Window:
        """The entry's content; `OddZipError` when there is too much of it all."""
        if not entry.stored:
            self.left_bytes -= entry.size_bytes
        if self.left_bytes < 0:
            raise OddZipError("a zip archive that inflates to more than is looked through")
        return entry.content()


def look_at(window: Window, name: str) -> Look:
    """What loading that file may run; unknown binary files are taken for the worst."""
    return _look(window, name, Budget(), 0)


def _look(window: Window, name: str, budget: Budget, depth: int) -> Look:
    suffix = formats.suffix_of(name)
    code = formats.CODE_SUFFIXES.get(suffix) or formats.code_by_magic(window)
    if code is not None:
        return Look((code,))
    if not window.size_bytes:
        return Look()
    if window.head(4) == LOCAL_MAGIC:
        return _archive(window, budget, depth)
    if is_zip_behind(window):
        return Look(("a zip archive with other bytes before it",))
    if formats.is_packed(window):
        return Look(("a packed file, which is not opened here",))
    if window.head(6) == b"\x93NUMPY":
        objects = formats.numpy_objects(window)
        return _data(window) if objects is None else Look((objects, *read_pickles(window).findings))
    return _flat(window, suffix)


def _flat(window: Window, suffix: str) -> Look:
    if suffix == "safetensors":
        return _safetensors(window)
    text = formats.is_text(window)
    if text and suffix in ("yaml", "yml") and formats.has_yaml_tags(window):
        return Look(("YAML with tags, which may build Python objects",))
    if suffix in formats.PICKLE_SUFFIXES:
        return read_pickles(window)
    if text or formats.is_picture(window) or (suffix == "onnx" and _is_plain_onnx(window)):
        return _data(window)
    try:
        safetensors_in(window)
        return _data(window)
    except NoSafetensorsError:
        look = read_pickles(window)
    if look.findings:
        return Look(("a binary file of unknown kind, which a loader might unpickle", *_imports(look.findings)))
    return look


def read_pickles(window: Window) -> Look:
    """A file as the pickles that it must wholly consist of, or as an older checkpoint of torch."""
    checkpoint = from_stream(window)
    if checkpoint is not None:
        return Look(checkpoint.findings, pickled=True)
    position, streams = window.start, 0
    while position < window.end:
        reading = read_pickle(window, position)
        streams += 1
        if reading.findings:
            behind = ("data behind the end of a pickle",) if streams > 1 else ()
            return Look((*behind, *reading.findings), pickled=True)
        if streams == MAX_STREAMS:
            return Look((f"more than {MAX_STREAMS} pickles in one file",), pickled=True)
        position = reading.end
    return Look(pickled=True)


def _data(window: Window) -> Look:
    """Data by its kind; yet whoever unpickles it all the same must not find a program."""
    return read_pickles(window) if formats.would_import(window) else Look()


def _safetensors(window: Window) -> Look:
    try:
        safetensors_in(window)
    except NoSafetensorsError as error:
        return Look((f"named safetensors, and it is not ({error})", *_imports(read_pickles(window).findings)))
    return _data(window)


def _archive(window: Window, budget: Budget, depth: int) -> Look:
    if depth == MAX_DEPTH:
        return Look((f"archives in archives, more than {MAX_DEPTH} deep",))
    try:
        entries = entries_of(window)
        root = root_of(entries)
        found: dict[str, None] = {}
        pickled = root is not None
        if root is not None:
            found.update(dict.fromkeys(from_zip(entries, root).findings))
        for entry in entries:
            if root is None or not _is_torch_part(entry.name, root):
                look = _entry(entry, budget, depth, root)
                pickled = pickled or look.pickled
                found.update(dict.fromkeys(look.findings))
    except OddZipError as error:
        return Look((str(error),))
    return Look(tuple(found), pickled)


def _entry(entry: Entry, budget: Budget, depth: int, root: str | None) -> Look:
    if root is not None and entry.name.startswith((f"{root}/code/", f"{root}/constants")):
        return Look(("a TorchScript archive, which is a program",))
    if entry.name.endswith("/"):
        return Look()
    look = _look(budget.spend(entry), entry.name, budget, depth + 1)
    return Look(tuple(f"{finding} (in {entry.name!a})" for finding in look.findings), look.pickled)


def _is_torch_part(name: str, root: str) -> bool:
    """Parts of a checkpoint that torch never unpickles, and the pickle that was read already."""
    inner = name.removeprefix(f"{root}/")
    return inner == "data.pkl" or inner in _TORCH_EXTRAS or (inner.startswith("data/") and inner[5:].isdecimal())


def _is_plain_onnx(window: Window) -> bool:
    return window.head(1) == b"\x08" and window.data.find(b"ai.onnx.contrib", window.start, window.end) < 0


def _imports(findings: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(finding for finding in findings if finding.startswith(("imports", "calls")))
