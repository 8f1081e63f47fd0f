"""Attempts to leave a trace."""

from __future__ import annotations

import fcntl
import os
import subprocess
import tempfile
from pathlib import Path

from world import SECRET, Proof, World, canary, checked, libc

CLONE_NEWUSER_AND_MOUNTS = 0x10020000
FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_NODUMP = 0x80086601, 0x40086602, 0x40  # linux/fs.h


def exists(name: str) -> Proof:
    return lambda world: (world.outside / name).exists()


def victim_is(text: str) -> Proof:
    return lambda world: world.victim.read_text() == text


@canary("writing", exists("marker"))
def marker_in_the_project(world: World) -> None:
    (world.outside / "marker").write_text("x")


@canary("writing", exists("marker"))
def marker_by_a_program(world: World) -> None:
    subprocess.run(["/bin/sh", "-c", f"echo x > {world.outside}/marker"], stderr=subprocess.DEVNULL, check=True)


@canary("writing", lambda world: (world.model / "marker").exists())
def marker_in_the_model(world: World) -> None:
    (world.model / "marker").write_text("x")


@canary("writing")
def temporary_file(_world: World) -> None:
    fd, name = tempfile.mkstemp(dir="/tmp")
    Path(name).unlink()
    os.close(fd)


@canary("writing")
def shared_memory(_world: World) -> None:
    fd, name = tempfile.mkstemp(dir="/dev/shm")
    Path(name).unlink()
    os.close(fd)


@canary("writing", victim_is("y" + SECRET[1:]))
def byte_in_a_file(world: World) -> None:
    with world.victim.open("r+b") as file:
        file.write(b"y")


@canary("writing", victim_is(""))
def truncation(world: World) -> None:
    os.truncate(world.victim, 0)


@canary("writing", victim_is(""))
def truncation_while_reading(world: World) -> None:
    os.close(os.open(world.victim, os.O_RDONLY | os.O_TRUNC))


@canary("writing", lambda world: world.victim.stat().st_mode & 0o777 == 0o600)
def mode_of_a_file(world: World) -> None:
    world.victim.chmod(0o600)


@canary("writing", lambda world: (world.model / "weights.pt").stat().st_mode & 0o777 == 0o600)
def mode_of_an_open_file(world: World) -> None:
    with (world.model / "weights.pt").open() as file:
        os.fchmod(file.fileno(), 0o600)


@canary("writing")
def owner_of_a_file(world: World) -> None:
    os.chown(world.victim, os.getuid(), os.getgid())


@canary("writing", lambda world: world.victim.stat().st_mtime == 1.0)
def times_of_a_file(world: World) -> None:
    os.utime(world.victim, (1.0, 1.0))


@canary("writing")
def extended_attribute(world: World) -> None:
    os.setxattr(world.victim, "user.damover", b"x")


@canary("writing")
def flag_of_a_file(world: World) -> None:
    with (world.model / "weights.pt").open() as file:
        flags = bytearray(fcntl.ioctl(file, FS_IOC_GETFLAGS, bytes(8)))
        flags[0] |= FS_NODUMP
        fcntl.ioctl(file, FS_IOC_SETFLAGS, bytes(flags))


@canary("writing", lambda world: not world.victim.exists())
def removal(world: World) -> None:
    world.victim.unlink()


@canary("writing", exists("own"))
def hard_link_out(world: World) -> None:
    (world.home / "own").write_text("x")
    (world.outside / "own").hardlink_to(world.home / "own")


@canary("writing", exists("own"))
def rename_out(world: World) -> None:
    (world.home / "own").write_text("x")
    (world.home / "own").rename(world.outside / "own")


@canary("writing", lambda world: (world.home / "in").exists())
def rename_in(world: World) -> None:
    world.victim.rename(world.home / "in")


@canary("writing", exists("folder"))
def folder(world: World) -> None:
    (world.outside / "folder").mkdir()


@canary("writing", lambda world: (world.outside / "symbolic").is_symlink())
def symbolic_link(world: World) -> None:
    (world.outside / "symbolic").symlink_to("/")


@canary("writing", exists("pipe"))
def named_pipe(world: World) -> None:
    os.mkfifo(world.outside / "pipe")


@canary("writing", only_root=True)
def setting_of_the_kernel(_world: World) -> None:
    path = Path("/proc/sys/kernel/core_pattern")
    path.write_text(path.read_text())


@canary("writing")
def new_view_of_the_files(_world: World) -> None:
    checked(libc.unshare(CLONE_NEWUSER_AND_MOUNTS))


@canary("writing", only_root=True)
def mount(world: World) -> None:
    checked(libc.unshare(0x00020000))
    checked(libc.mount(b"none", os.fsencode(world.outside), b"tmpfs", 0, None))
