"""Which errors end a child, and what is said of them."""

import resource

import pytest

from pytest_damover.runners import _fatal
from pytest_damover.runners._fatal import fatal

CPU = "[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory: you tried to allocate 80 bytes."
CUDA = "CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has 139 GiB of which 3.81 GiB is free."


class OutOfMemoryError(RuntimeError):
    """As torch calls it."""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "out of memory: "),
        (RuntimeError(CPU), "80 bytes wanted"),
        (OutOfMemoryError(CUDA), "20.00 GiB wanted"),
        (OutOfMemoryError(CUDA), "3.81 GiB is free"),
        (RuntimeError("CUDA error: out of memory"), "out of memory: "),
        (RuntimeError("CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"), "out of memory: "),
        (OSError(12, "Cannot allocate memory"), "out of memory: "),
        (RuntimeError("CUDA error: an illegal memory access was encountered"), "the GPU is lost"),
        (RuntimeError("CUDA error: unspecified launch failure"), "the GPU is lost"),
        (RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"), "the GPU is lost"),
        (RuntimeError("CUDA error: misaligned address"), "the GPU is lost"),
    ],
)
def test_what_ends_a_process(error, said):
    assert said in fatal(error)


@pytest.mark.parametrize("error", [ValueError("no"), KeyError("cuda"), RuntimeError("shape mismatch"), SystemExit(1)])
def test_what_does_not(error):
    assert fatal(error) is None


def test_what_an_error_was_raised_from_counts():
    outer = ValueError("it did not work")
    outer.__cause__ = RuntimeError("in between")
    outer.__cause__.__context__ = MemoryError("7")
    assert "MemoryError: 7" in fatal(outer)
    ring = ValueError("a")
    ring.__cause__ = KeyError("b")
    ring.__cause__.__cause__ = ring
    assert fatal(ring) is None


def test_what_is_free_is_said_where_there_is_a_limit(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1 << 50, 1 << 50))
    assert f" bytes free of {1 << 50}" in fatal(MemoryError())
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1, 1))
    assert "0 bytes free of 1;" in fatal(MemoryError())
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY,) * 2)
    assert "free" not in fatal(MemoryError())
    monkeypatch.setattr(_fatal, "Path", None)
    assert fatal(MemoryError()) is not None
