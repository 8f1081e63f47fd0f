"""Attempts to use up the machine, or to reach its devices."""

from __future__ import annotations

import mmap
import os
import resource

from world import MEMORY_BYTES, World, canary, want

MANY_FILES = 5000


@canary("limits")
def memory_bomb(_world: World) -> None:
    want(len(bytearray(MEMORY_BYTES)) > 0)


@canary("limits")
def mapping_bomb(_world: World) -> None:
    mmap.mmap(-1, MEMORY_BYTES)


@canary("limits")
def file_bomb(world: World) -> None:
    with (world.home / "bomb").open("wb") as file:
        file.truncate(2 << 30)


@canary("limits")
def open_files(_world: World) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    for _ in range(MANY_FILES):
        os.dup(1)


@canary("limits")
def core_dump(world: World) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
    child = os.fork()
    if child == 0:
        os.chdir(world.home)
        os.abort()
    want(os.WCOREDUMP(os.waitpid(child, 0)[1]))


@canary("limits")
def higher_limits(_world: World) -> None:
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    want(limit == resource.RLIM_INFINITY)


@canary("driver")
def device_node(_world: World) -> None:
    nodes = ("/dev/nvidiactl", "/dev/dri/renderD128", "/dev/kvm", "/dev/fuse", "/dev/ptmx")
    os.close(os.open(next(node for node in nodes if os.access(node, os.R_OK | os.W_OK)), os.O_RDWR))
