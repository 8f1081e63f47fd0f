"""The GPU and its driver, as the driver's own program tells; torch is not asked, for it takes seconds to import."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib import metadata

from pytest_damover.detectors._device import count_visible
from pytest_damover.doctor._check import Check
from pytest_damover.settings import Settings

PROGRAM = "nvidia-smi"
SECONDS = 10.0
_QUERY = ("--query-gpu=name,driver_version,memory.total,uuid", "--format=csv,noheader")
_UUID = re.compile(r"(.*), (GPU-[0-9a-f-]+)")
VISIBLE = "CUDA_VISIBLE_DEVICES"
_CUDA = re.compile(r"cuda(?::(\d+))?")


def check(settings: Settings) -> Check:
    """Good without a GPU, unless `damover_device` asks for one; never good with a driver that does not answer."""
    asked = settings.get("device")
    wanted = _CUDA.fullmatch(asked)
    needed = int(wanted[1] or 0) + 1 if wanted else 0
    program = shutil.which(PROGRAM)
    if program is None:
        advice = f"damover_device = {asked!r}: run where there is a GPU, or set auto"
        return Check("gpu", not needed, f"none: {PROGRAM} is not there", advice)
    try:
        done = subprocess.run([program, *_QUERY], capture_output=True, text=True, timeout=SECONDS, check=True)
    except subprocess.CalledProcessError as error:
        return _silent((error.stdout + error.stderr).strip() or f"exit code {error.returncode}")
    except subprocess.TimeoutExpired:
        return _silent(f"no answer within {SECONDS:g} s")
    except OSError as error:
        return _silent(str(error))
    gpus = [" ".join(line.split()) for line in done.stdout.splitlines() if line.strip()]
    return _found(gpus, asked, needed)


def _found(gpus: list[str], asked: str, needed: int) -> Check:
    parted = [_UUID.fullmatch(gpu) for gpu in gpus]
    told = "; ".join(gpu if part is None else part[1] for gpu, part in zip(gpus, parted, strict=True)) or "none"
    setting = os.environ.get(VISIBLE)
    seen = count_visible(setting, ["" if part is None else part[2] for part in parted])
    if setting is not None:
        told += f"; {VISIBLE}={setting} shows {seen}"
    if seen < needed <= len(gpus):
        return Check(
            "gpu", False, told, f"damover_device = {asked!r}: {VISIBLE} hides it; set it otherwise, or unset it"
        )
    if len(gpus) < needed:
        return Check("gpu", False, told, f"damover_device = {asked!r}: there are {len(gpus)}; name one that is there")
    if needed and _is_cpu_build():
        return Check("gpu", False, f"{told}; but torch is built for the CPU only", "install a CUDA build of torch")
    return Check("gpu", True, told)


def _silent(why: str) -> Check:
    return Check("gpu", False, f"{PROGRAM} fails: {why.splitlines()[0]}", "repair or reload the driver, or remove it")


def _is_cpu_build() -> bool:
    try:
        return metadata.version("torch").endswith("+cpu")
    except metadata.PackageNotFoundError:
        return False
