"""What a child holds in memory, as the kernel and NVML tell it; both made up here, and the kernel's own at the end."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from pytest_damover import runners
from pytest_damover.runners._memory import held_by

STATUS = "Name:\tpython\nVmPeak:\t  9000 kB\nVmRSS:\t  1234 kB\nThreads:\t1\n"


class NvmlError(Exception):
    pass


@pytest.fixture
def proc(tmp_path):
    (tmp_path / "7").mkdir()
    (tmp_path / "7/status").write_text(STATUS)
    return tmp_path


@pytest.fixture
def nvml(monkeypatch):
    """A made-up NVML with one GPU, whose processes are `processes`; it counts how often it is open."""

    def handle(uuid):
        if uuid != "GPU-aa":
            raise NvmlError
        return uuid

    told = SimpleNamespace(
        NVMLError=NvmlError,
        open=0,
        processes=[SimpleNamespace(pid=6, usedGpuMemory=1), SimpleNamespace(pid=7, usedGpuMemory=500_000_000)],
        nvmlInit=lambda: setattr(told, "open", told.open + 1),
        nvmlShutdown=lambda: setattr(told, "open", told.open - 1),
        nvmlDeviceGetHandleByUUID=handle,
        nvmlDeviceGetComputeRunningProcesses=lambda _: told.processes,
    )
    monkeypatch.setitem(sys.modules, "pynvml", told)
    return told


def test_resident_memory_and_that_on_the_gpu_are_of_the_one_process(proc, nvml):
    assert held_by(7, "GPU-aa", proc) == {"resident_bytes": 1234 * 1024, "gpu_process_bytes": 500_000_000}
    assert nvml.open == 0


def test_without_a_gpu_nvml_is_not_asked(proc, nvml):
    nvml.nvmlInit = lambda: pytest.fail("asked")
    assert held_by(7, "", proc) == {"resident_bytes": 1234 * 1024}


def test_what_nobody_can_tell_is_left_out(proc, nvml, monkeypatch):
    assert held_by(8, "GPU-bb", proc) == {}
    assert nvml.open == 0
    nvml.processes = [SimpleNamespace(pid=7, usedGpuMemory=None)]  # as on Windows, and with too few rights
    assert held_by(7, "GPU-aa", proc) == {"resident_bytes": 1234 * 1024}
    (proc / "7/status").write_text("Name:\tkthreadd\n")
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert held_by(7, "GPU-aa", proc) == {}


@pytest.mark.skipif(sys.platform != "linux", reason="children are confined on Linux only")
def test_a_real_child_holds_what_the_kernel_says(tmp_path):
    (tmp_path / "detections.json").write_text('{"detections": {}}')
    runner = runners.open_runner("process", "replay", "cpu")
    try:
        child = runner.load("v1", tmp_path)
        assert 5_000_000 < child.held["resident_bytes"] < 2_000_000_000
        child.close()
        assert child.held == {}
    finally:
        runner.close()
