"""What a file is, by its bytes first and its name second, as far as it matters for what loading it may run."""

from __future__ import annotations

import ast
import codecs
import re
import tarfile
from typing import Any

from pytest_damover.anatomy.opcodes import BrokenPickleError, operations
from pytest_damover.anatomy.window import OutOfBytesError, Window

CODE_SUFFIXES = {
    "py": "a Python file", "pyw": "a Python file", "pyx": "a Python file", "pyc": "compiled Python",
    "pyo": "compiled Python", "pyd": "a native library", "so": "a native library", "dll": "a native library",
    "dylib": "a native library", "a": "a native library", "exe": "a program", "sh": "a shell script",
    "bash": "a shell script", "zsh": "a shell script", "bat": "a shell script", "cmd": "a shell script",
    "ps1": "a shell script", "pb": "a TensorFlow graph, which is a program", "mlmodel": "a model that is a program",
    "engine": "a TensorRT engine, which is a program", "plan": "a TensorRT engine, which is a program",
}  # fmt: skip
_CODE_MAGIC = {
    b"\x7fELF": "a native program or library", b"MZ\x90\x00": "a native program or library", b"#!": "a script",
    b"\xfe\xed\xfa": "a native program or library", b"\xcf\xfa\xed\xfe": "a native program or library",
    b"\xca\xfe\xba\xbe": "a native program or library",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file, which may hold Keras layers made of code",
}  # fmt: skip
_PACKED_MAGIC = (
    b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"7z\xbc\xaf\x27\x1c", b"Rar!",
)  # fmt: skip
_DATA_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"%PDF-")
PICKLE_SUFFIXES = frozenset(
    {"pkl", "pickle", "pk", "p", "pt", "pth", "bin", "ckpt", "joblib", "dill", "pdparams", "model", "weights", "t7"}
)
_IMPORTS = frozenset({"GLOBAL", "STACK_GLOBAL", "INST", "EXT1", "EXT2", "EXT4"})
_CALLS = frozenset({"REDUCE", "OBJ", "NEWOBJ", "NEWOBJ_EX", "BUILD", "STOP"})
_PLAIN_DTYPE = re.compile(r"[<>|=]?[biufcSUVmM?]\d*(\[\w+\])?")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_YAML_TAG = re.compile(rb"(?:^|[\s\[{,\-])!|^%TAG", re.MULTILINE)
TEXT_CHUNK_BYTES = 1 << 20
TAR_BLOCK_BYTES = 512


def suffix_of(name: str) -> str:
    """The last suffix of a file name, lower case, without its dot."""
    base = name.rsplit("/", 1)[-1]
    return base.rsplit(".", 1)[-1].lower() if "." in base else ""


def code_by_magic(window: Window) -> str | None:
    """What kind of code the first bytes announce; None when they announce none."""
    head = window.head(16)
    return next((kind for magic, kind in _CODE_MAGIC.items() if head.startswith(magic)), None)


def is_packed(window: Window) -> bool:
    """True for archives and compressed files that are not opened here: gzip, bzip2, xz, zstd, 7z, RAR, tar."""
    return window.head(8).startswith(_PACKED_MAGIC) or _is_tar(window.head(TAR_BLOCK_BYTES))


def is_picture(window: Window) -> bool:
    """True for PNG, JPEG, GIF, WebP, PDF and MP4."""
    head = window.head(16)
    return head.startswith(_DATA_MAGIC) or head[4:8] == b"ftyp" or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def is_text(window: Window) -> bool:
    """True when all of it is UTF-8 without control characters."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(window.start, window.end, TEXT_CHUNK_BYTES):
            chunk = window.data[start : min(start + TEXT_CHUNK_BYTES, window.end)]
            decoder.decode(chunk)
            if _CONTROLS.search(chunk):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def has_yaml_tags(window: Window) -> bool:
    """True when YAML may ask for objects beyond plain data."""
    return _YAML_TAG.search(window.data, window.start, window.end) is not None


def would_import(window: Window) -> bool:
    """True when unpickling from the first byte would import a name and then call something or come to an end."""
    imports = marked = False
    try:
        for name, _, _ in operations(window, window.start):
            if (imports and name in _CALLS) or (marked and name == "INST"):
                return True
            imports = imports or name in _IMPORTS
            marked = marked or name == "MARK"
    except (BrokenPickleError, OutOfBytesError):
        return False
    return False


def numpy_objects(window: Window) -> str | None:
    """Why a .npy file is more than numbers; None when it is not. For windows that begin with its magic."""
    head = window.head(1 << 16)
    wide = len(head) > 12 and head[6] >= 2
    size = int.from_bytes(head[8 : 12 if wide else 10], "little")
    start = 12 if wide else 10
    try:
        header = ast.literal_eval(head[start : start + size].decode("latin-1").strip())
        plain = _plain_dtype(header["descr"])
    except (ValueError, SyntaxError, KeyError, TypeError, RecursionError, MemoryError):
        return "a NumPy file whose header cannot be read"
    return None if plain else "a NumPy file of Python objects, which are unpickled"


def _plain_dtype(described: Any, depth: int = 0) -> bool:
    if isinstance(described, str):
        return _PLAIN_DTYPE.fullmatch(described) is not None
    if not isinstance(described, list) or depth > 8:
        return False
    return all(isinstance(field, tuple) and len(field) > 1 and _plain_dtype(field[1], depth + 1) for field in described)


def _is_tar(block: bytes) -> bool:
    """True when Python's tarfile would take the block for the first of an archive, the oldest form included."""
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return False
    return True
