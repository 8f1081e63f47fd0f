"""What the run ran on, for the journal: names and numbers that a reader of the report may ask for."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
from pathlib import Path

COMPONENTS = (
    "pytest-damover",
    "pytest",
    "numpy",
    "pillow",
    "torch",
    "torchvision",
    "modelscope",
    "modelscope-hub",
)


def describe(device: str, deterministic: bool = False) -> dict[str, str]:
    """Machine, interpreter and versions; nothing is imported to learn a version."""
    found = {
        "device": device,
        **({"deterministic": "on"} if deterministic else {}),
        "machine": machine(),
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
    }
    for name in COMPONENTS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def machine(id_file: Path = Path("/etc/machine-id"), node: str | None = None) -> str:
    """Which machine this is, as a digest that names nobody: of its id and its name, for images share the one."""
    try:
        written = id_file.read_text("utf-8").strip()
    except OSError:
        written = ""
    name = platform.node() if node is None else node
    return hashlib.sha256(f"{written}\n{name}".encode()).hexdigest()[:16]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
