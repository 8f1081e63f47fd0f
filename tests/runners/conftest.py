"""A real revision whose code misbehaves on command: the red of an image's first pixel says how."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from pytest_damover import runners
from pytest_damover.images import open_image

DEMO = Path(__file__).parents[2] / "hub/demo/damoyolo_phone/v1.0.0"
MISBEHAVING = """
import ctypes as _c, os as _o, stat as _m, signal as _s, sys as _y, time as _t
import numpy as _n
from modelscope.pipelines.cv.tinynas_detection_pipeline import TinynasDetectionPipeline as _P

def _raise(error):
    raise error

def _nonsense():
    for fd in range(3, 64):
        try:
            _o.write(fd, b"\\xff" * 64)
        except OSError:
            pass

def _deeds():
    return {
        11: lambda: _native(),
        12: lambda: _raise(RuntimeError("CUDA error: device-side assert triggered")),
        13: lambda: _n.zeros(1 << 50, dtype=_n.uint8),
        14: lambda: _torch().zeros(1 << 50, dtype=_torch().uint8),
        15: lambda: _wrapped(),
        16: lambda: _leave_another_behind(),
        17: lambda: _stretch(),
        18: lambda: _talk_ahead(),
        19: lambda: _dig(3000),
        1: lambda: _o._exit(0),
        2: lambda: _o.kill(_o.getpid(), _s.SIGKILL),
        3: lambda: _t.sleep(1000),
        4: lambda: _y.exit("enough"),
        5: lambda: _raise(MemoryError("7 bytes")),
        6: _nonsense,
        7: lambda: _c.string_at(0),
        8: lambda: (print("the last words"), _o.abort()),
        9: lambda: (_s.pthread_sigmask(_s.SIG_BLOCK, range(1, 32)), _t.sleep(1000)),
        10: lambda: _o.close(_o.dup(0)) or [_o.close(fd) for fd in range(3, 64) if _is_open(fd)] or _t.sleep(1000),
    }

def _leave_another_behind():
    print("left", _o.fork() or _stay(), flush=True)
    _o._exit(3)

def _stay():
    _o.closerange(0, 64)
    _t.sleep(1000)

def _talk_ahead():
    said = b'{"labels":[],"ns":1000}'
    for fd in range(3, 64):
        if _is_open(fd) and _is_socket(fd):
            _o.write(fd, len(said).to_bytes(8, "little") + said)

def _stretch():
    for fd in range(3, 64):
        try:
            _o.ftruncate(fd, 1 << 29)
        except OSError:
            pass

def _is_socket(fd):
    return _m.S_ISSOCK(_o.fstat(fd).st_mode)

def _dig(depth):
    home = _o.getcwd()
    for _ in range(depth):
        _o.mkdir("d")
        _o.chdir("d")
    _o.chdir(home)

def _native():  # a call into C that keeps the interpreter's lock
    _c.PyDLL(None).sleep(1000)

def _torch():
    import torch
    return torch

def _wrapped():
    try:
        _raise(RuntimeError("CUBLAS_STATUS_INTERNAL_ERROR when calling cublasSgemm"))
    except RuntimeError as error:
        raise ValueError("it did not work") from error

def _is_open(fd):
    try:
        return bool(_o.fstat(fd))
    except OSError:
        return False

_before = _P.preprocess

def _preprocess(self, image):
    _deeds().get(int(image[0, 0, 2]), lambda: None)()
    return _before(self, image)

_P.preprocess = _preprocess
"""


def plant(target: Path, code: str) -> Path:
    """A copy of the demo's first revision whose damoyolo.py runs `code` too."""
    shutil.copytree(DEMO, target)
    with (target / "damoyolo.py").open("a") as file:
        file.write(code)
    return target


@pytest.fixture(scope="session")
def demo():
    """The folder of the demo's first revision."""
    return DEMO


@pytest.fixture(scope="session")
def picture():
    """Makes a small picture whose first pixel asks for a deed."""

    def make(deed=0):
        pixels = np.full((96, 128, 3), 90, dtype=np.uint8)
        pixels[0, 0, 0] = deed
        return open_image(pixels)

    return make


HANGS = """
import ctypes, signal, time
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
ctypes.PyDLL(None).sleep(1000)
"""


@pytest.fixture(scope="session")
def hanging(tmp_path_factory):
    """A revision that hangs while it is loaded, in C, with the interpreter's lock, deaf to signals."""
    return plant(tmp_path_factory.mktemp("planted") / "hanging", HANGS)


@pytest.fixture(scope="session")
def misbehaving(tmp_path_factory):
    return plant(tmp_path_factory.mktemp("planted") / "misbehaving", MISBEHAVING)


@pytest.fixture(scope="module")
def process_runner():
    pytest.importorskip("modelscope")
    runner = runners.open_runner("process", "modelscope", "cpu")
    yield runner
    runner.close()
