"""The variables that a model's code may see: an allow-list by whole name, for a prefix lets secrets in.

`NVIDIA_API_KEY` and whatever ssh forwards as `LC_*` are why no name here is a pattern. `LD_LIBRARY_PATH` is kept, as
without it a CUDA library outside the system's folders is not found; `LD_PRELOAD` and `PYTHONPATH` are not, for they
choose which code runs before the confinement does. Proxies are not needed where there is no network, and
threads are not to be bound to processors where the filter refuses that.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

_KEPT = """
    PATH LD_LIBRARY_PATH TZ LANG LANGUAGE LC_ALL LC_COLLATE LC_CTYPE LC_MESSAGES LC_MONETARY LC_NUMERIC LC_TIME
    CUDA_VISIBLE_DEVICES CUDA_DEVICE_ORDER CUDA_HOME CUDA_PATH CUDA_LAUNCH_BLOCKING CUDA_MODULE_LOADING
    CUBLAS_WORKSPACE_CONFIG NVIDIA_VISIBLE_DEVICES NVIDIA_DRIVER_CAPABILITIES NVIDIA_TF32_OVERRIDE
    PYTORCH_CUDA_ALLOC_CONF PYTORCH_ALLOC_CONF
    OMP_NUM_THREADS OMP_WAIT_POLICY MKL_NUM_THREADS MKL_DYNAMIC OPENBLAS_NUM_THREADS NUMEXPR_NUM_THREADS
    VECLIB_MAXIMUM_THREADS KMP_BLOCKTIME KMP_DUPLICATE_LIB_OK
    JE_ARROW_MALLOC_CONF
    PYTHONHASHSEED PYTHONUTF8 PYTHONIOENCODING PYTHONDONTWRITEBYTECODE PYTHONUNBUFFERED PYTHONUSERBASE
    MODELSCOPE_LOG_LEVEL
    SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE
"""
KEPT = frozenset(_KEPT.split())
_HOMES = ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP")
_BELOW_HOME = {
    "XDG_CACHE_HOME": ".cache",
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
    "APPDATA": ".config",
    "LOCALAPPDATA": ".cache",
    "MODELSCOPE_CACHE": ".cache/modelscope",
    "TORCH_HOME": ".cache/torch",
    "TORCHINDUCTOR_CACHE_DIR": ".cache/inductor",
    "TRITON_CACHE_DIR": ".cache/triton",
    "HF_HOME": ".cache/huggingface",
    "MPLCONFIGDIR": ".cache/matplotlib",
    "NUMBA_CACHE_DIR": ".cache/numba",
    "CUDA_CACHE_PATH": ".cache/cuda",
}
KNOWN = KEPT | {*_HOMES, *_BELOW_HOME}


def scrubbed(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    """The variables of `environ` that may be kept, and every home, cache and temporary folder in `home`."""
    kept = {name: value for name, value in environ.items() if name in KEPT}
    packages = _packages_of_the_user(environ)
    if packages is not None:
        kept.setdefault("PYTHONUSERBASE", str(packages))
    kept.update(dict.fromkeys(_HOMES, str(home)))
    kept.update({name: str(home / folder) for name, folder in _BELOW_HOME.items()})
    return kept


def unknown(names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` that `scrubbed` would not have let through, sorted."""
    return tuple(sorted(set(names) - KNOWN))


def _packages_of_the_user(environ: Mapping[str, str]) -> Path | None:
    """Where `pip install --user` puts packages, which Python would look for in the new home."""
    folder = Path(environ.get("HOME", "")) / ".local"
    return folder if folder.is_absolute() and os.access(folder / "lib", os.R_OK) else None
