"""What a confined process may read and use beside its home: the system, this Python, the model's folder; no more."""

from __future__ import annotations

import os
import pwd
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_damover.confine import _landlock

_SYSTEM = """
/usr /lib /lib32 /lib64 /libx32 /bin /sbin /nix/store /gnu/store
/opt/amdgpu /opt/cuda /opt/intel /opt/nvidia /opt/rocm
/etc/alternatives /etc/fonts /etc/group /etc/hosts /etc/ld.so.cache /etc/ld.so.conf /etc/ld.so.conf.d
/etc/ld.so.preload /etc/locale.alias /etc/localtime /etc/mime.types /etc/nsswitch.conf /etc/os-release /etc/passwd
/etc/ssl/certs /etc/ssl/openssl.cnf /etc/timezone
/proc/cpuinfo /proc/filesystems /proc/loadavg /proc/meminfo /proc/stat /proc/version
/proc/sys/kernel/osrelease /proc/sys/kernel/pid_max /proc/sys/kernel/threads-max /proc/sys/vm
/sys/devices/system /sys/fs/cgroup /sys/kernel/mm/transparent_hugepage
/dev/random /dev/urandom
"""
_SINKS = ("/dev/null", "/dev/zero", "/dev/full")
_OF_THE_GPU = ("/etc/OpenCL", "/etc/nvidia", "/proc/devices", "/proc/driver", "/proc/modules", "/proc/mounts", "/sys")
_GPU_NODES = ("nvidia*", "dri", "kfd", "dxg")
_OF_A_PREFIX = ("bin", "etc/fonts", "include", "lib", "lib32", "lib64", "libexec", "pyvenv.cfg", "share", "ssl")
_PARTS_OF_A_TOP = 2
_OF_PACKAGES = ("site-packages", "dist-packages")


def rules(home: Path, readable: Sequence[Path], gpu: bool, process: int) -> Iterator[tuple[Path, int]]:
    """Each path with its Landlock access.

    Of `/proc` only what is not about other processes, whose command lines may hold secrets. Of a prefix only Python's
    own folders, as a virtual environment may have been made in the project itself.
    """
    yield home, _landlock.OWN
    for path in map(Path, (*_SYSTEM.split(), *(_OF_THE_GPU if gpu else ()))):
        yield path, _landlock.READ
    yield Path(f"/proc/{process}"), _landlock.READ
    for path in (*readable, *_python(), *_libraries()):
        yield path, _landlock.READ
    for name in _SINKS:
        yield Path(name), _landlock.USE
    if gpu:
        # CUDA names its threads through /proc
        yield Path(f"/proc/{process}/task"), _landlock.READ | _landlock.WRITE_FILE
        for pattern in _GPU_NODES:
            yield from ((path, _landlock.USE) for path in Path("/dev").glob(pattern))


def _python() -> Iterator[Path]:
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    folders = [os.path.join(prefix, name) for prefix in prefixes for name in _OF_A_PREFIX]  # noqa: PTH118 - see below
    folders += [entry for entry in sys.path if entry.endswith((*_OF_PACKAGES, ".zip"))]
    yield from map(Path, folders)
    yield from map(Path, _of_modules(tuple(folder + os.sep for folder in (*folders, "/usr"))))


def _of_modules(covered: tuple[str, ...]) -> set[str]:
    """The folders of loaded packages and the files of loaded modules elsewhere, where an editable install has them.

    There are thousands of modules and this is part of every start, hence the plain strings.
    """
    found = set()
    for name in [name for name in sys.modules if "." not in name]:
        facts = vars(sys.modules[name])  # asking the module itself makes lazy ones import what they put off
        file = facts.get("__file__")
        if isinstance(file, str) and file.startswith(os.sep) and not file.startswith(covered):
            found.add(os.path.dirname(file) if "__path__" in facts else file)  # noqa: PTH120
    return found


def _libraries() -> Iterator[Path]:
    """Those of `LD_LIBRARY_PATH`, but for entries that hold more than libraries: `/`, `/home`, a home."""
    try:
        home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:  # a user that has a number only, as in containers
        home = Path("/")
    for entry in os.environ.get("LD_LIBRARY_PATH", "").split(":"):
        path = Path(os.path.realpath(entry)) if entry.startswith(os.sep) else None
        if path is not None and len(path.parts) > _PARTS_OF_A_TOP and path not in (home, *home.parents):
            yield path
