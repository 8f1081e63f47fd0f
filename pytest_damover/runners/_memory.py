"""What a child holds in memory, as the kernel and the GPU's driver tell it: its own word is not asked for."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PROC = Path("/proc")


def held_by(pid: int, gpu_uuid: str, proc: Path = PROC) -> Mapping[str, int]:
    """Bytes of a process: `resident_bytes`, and `gpu_process_bytes` where it has a GPU, CUDA's own part included.

    What nobody can tell is left out: in a container NVML counts other processes than ours.
    """
    known = {"resident_bytes": _resident(pid, proc), "gpu_process_bytes": _on_gpu(pid, gpu_uuid) if gpu_uuid else None}
    return {name: size for name, size in known.items() if size is not None}


def _resident(pid: int, proc: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        lines = (proc / str(pid) / "status").read_text("utf-8", "replace").splitlines()
        return next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), None)
    return None


def _on_gpu(pid: int, gpu_uuid: str) -> int | None:
    try:
        import pynvml
    except ImportError:
        return None
    with contextlib.suppress(pynvml.NVMLError):
        pynvml.nvmlInit()
        try:
            return _of_processes(pynvml, gpu_uuid).get(pid)
        finally:
            pynvml.nvmlShutdown()
    return None


def _of_processes(nvml: Any, gpu_uuid: str) -> dict[int, int]:
    handle = nvml.nvmlDeviceGetHandleByUUID(gpu_uuid)
    processes = nvml.nvmlDeviceGetComputeRunningProcesses(handle)
    return {one.pid: one.usedGpuMemory for one in processes if type(one.usedGpuMemory) is int}
