"""Attempts on other processes."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import resource
import signal
import socket
import subprocess
from pathlib import Path

from world import SECRET, World, canary, checked, libc, want

F_SETSIG = 10  # linux/fcntl.h


def is_dead(world: World) -> bool:
    return Path(f"/proc/{world.bystander}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


@canary("processes", is_dead)
def signal_to_a_process(world: World) -> None:
    os.kill(world.bystander, signal.SIGKILL)


@canary("processes", is_dead)
def signal_by_a_program(world: World) -> None:
    subprocess.run(["/bin/sh", "-c", f"kill -9 {world.bystander}"], stderr=subprocess.DEVNULL, check=True)


@canary("processes")
def signal_to_the_parent(_world: World) -> None:
    os.kill(os.getppid(), 0)


@canary("processes", is_dead)
def signal_by_an_open_file(world: World) -> None:
    own, other = socket.socketpair()
    fcntl.fcntl(own, fcntl.F_SETOWN, world.bystander)
    fcntl.fcntl(own, F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(own, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    other.send(b"x")


@canary("processes")
def outliving_the_parent(_world: World) -> None:
    checked(libc.prctl(1, 0, 0, 0, 0))  # PR_SET_PDEATHSIG


@canary("processes")
def ptrace(world: World) -> None:
    checked(libc.ptrace(16, world.bystander, None, None))  # PTRACE_ATTACH


@canary("processes")
def memory_by_a_call(world: World) -> None:
    own = (ctypes.c_size_t * 2)(ctypes.addressof(ctypes.create_string_buffer(8)), 8)
    try:
        checked(libc.process_vm_readv(world.bystander, own, 1, (ctypes.c_size_t * 2)(8, 8), 1, 0))
    except OSError as error:
        want(error.errno == errno.EFAULT)  # it was let in, and there is nothing at address 8


@canary("processes")
def memory_by_a_file(world: World) -> None:
    os.close(os.open(f"/proc/{world.bystander}/mem", os.O_RDONLY))


@canary("processes")
def variables_of_a_process(world: World) -> None:
    want(SECRET.encode() in Path(f"/proc/{world.bystander}/environ").read_bytes())


@canary("processes")
def variables_of_the_parent(_world: World) -> None:
    want(SECRET.encode() in Path(f"/proc/{os.getppid()}/environ").read_bytes())


@canary("processes")
def limits_of_a_process(world: World) -> None:
    resource.prlimit(world.bystander, resource.RLIMIT_CPU, (1, 1))


@canary("processes")
def priority_of_a_process(world: World) -> None:
    os.setpriority(os.PRIO_PROCESS, world.bystander, 19)


@canary("processes")
def processors_of_a_process(world: World) -> None:
    os.sched_setaffinity(world.bystander, os.sched_getaffinity(0))


@canary("processes")
def open_file_of_a_process(world: World) -> None:
    checked(libc.syscall(438, os.pidfd_open(world.bystander), 0, 0))  # pidfd_getfd


@canary("processes")
def grandchild_that_leaves_the_group(_world: World) -> None:
    child = os.fork()
    if child == 0:
        try:
            os.setsid()
        except OSError:
            os._exit(1)
        os._exit(0)
    want(os.waitpid(child, 0)[1] == 0)


@canary("processes")
def memory_shared_by_number(_world: World) -> None:
    libc.shmctl(checked(libc.shmget(0, 4096, 0o1600)), 0, None)
