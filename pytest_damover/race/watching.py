"""What the machine is like at one moment of a race: how busy it is, how fast it runs, who else is on its GPU."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_damover.domain.timing.race_conditions import RaceConditions

CLOCK_SHARE = 0.05
"""A clock that is further than that from where it was has moved."""
CPUS = Path("/sys/devices/system/cpu")
THROTTLED = 0x8 | 0x20 | 0x40 | 0x80
"""NVML's reasons that are no choice of the driver's: hardware slow-down, software and hardware heat, power brake."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at the machine; None where it cannot be read."""

    load: float | None = None
    clock_mhz: float | None = None
    governor: str = ""
    temperature_c: float | None = None
    throttled: bool = False
    others: int | None = None


def is_steady(before: Sample, after: Sample) -> bool:
    """Did the clock stand where it was, unthrottled? Where nobody can read it there is nothing to say against it."""
    if before.throttled or after.throttled:
        return False
    clocks = [clock for clock in (before.clock_mhz, after.clock_mhz) if clock is not None]
    return len(clocks) < 2 or max(clocks) - min(clocks) <= CLOCK_SHARE * max(clocks)


def watcher(device: str, gpu_uuid: str, ours: Callable[[], Collection[int]], cpus: Path = CPUS) -> Callable[[], Sample]:
    """What looks at the machine that `device` is of; `ours` are the processes that may be on the GPU."""
    if device.startswith("cuda"):
        return lambda: gpu_sample(gpu_uuid, ours())
    return lambda: cpu_sample(cpus)


def cpu_sample(cpus: Path = CPUS) -> Sample:
    """Load average for each core, and the clock of the fastest core, which is the one at work."""
    clocks = [int(text) / 1000 for text in _texts(cpus, "scaling_cur_freq") if text.isdecimal()]
    governors = sorted(set(_texts(cpus, "scaling_governor")))
    return Sample(_load(), max(clocks, default=None), ", ".join(governors))


def gpu_sample(uuid: str, ours: Collection[int]) -> Sample:
    """What NVML says of the GPU with that UUID; without nvidia-ml-py, or a driver, only the load."""
    try:
        import pynvml
    except ImportError:
        return Sample(_load())
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return Sample(_load())
    try:
        return _nvml_sample(pynvml, pynvml.nvmlDeviceGetHandleByUUID(uuid), ours)
    except pynvml.NVMLError:
        return Sample(_load())
    finally:
        pynvml.nvmlShutdown()


def _nvml_sample(nvml: Any, handle: Any, ours: Collection[int]) -> Sample:
    pids = [process.pid for process in nvml.nvmlDeviceGetComputeRunningProcesses(handle)]
    known = sum(pid in ours for pid in pids)
    # in a container NVML tells other numbers than ours, and then how many there are is all that can be held against it
    others = len(pids) - known if known else max(0, len(pids) - len(ours))
    clock_mhz = temperature_c = None
    throttled = False
    with contextlib.suppress(nvml.NVMLError):
        clock_mhz = float(nvml.nvmlDeviceGetClockInfo(handle, nvml.NVML_CLOCK_SM))
        temperature_c = float(nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU))
        throttled = bool(nvml.nvmlDeviceGetCurrentClocksThrottleReasons(handle) & THROTTLED)
    return Sample(_load(), clock_mhz, "", temperature_c, throttled, others)


def conditions(samples: Sequence[Sample], heats: int, thrown_away: int) -> RaceConditions:
    """What all that was seen comes to."""
    return RaceConditions(
        heats=heats,
        thrown_away=thrown_away,
        load=_range([sample.load for sample in samples]),
        clock_mhz=_range([sample.clock_mhz for sample in samples]),
        governor=next((sample.governor for sample in samples), ""),
        temperature_c=max((one.temperature_c for one in samples if one.temperature_c is not None), default=None),
        others=max((one.others for one in samples if one.others is not None), default=None),
    )


def _range(values: Sequence[float | None]) -> tuple[float, float] | None:
    known = [value for value in values if value is not None]
    return (round(min(known), 3), round(max(known), 3)) if known else None


def _load() -> float | None:
    try:
        return os.getloadavg()[0] / (os.cpu_count() or 1)
    except OSError:
        return None


def _texts(cpus: Path, name: str) -> list[str]:
    found = []
    for path in sorted(cpus.glob(f"cpu[0-9]*/cpufreq/{name}")):
        with contextlib.suppress(OSError):
            found.append(path.read_text().strip())
    return found
