"""Everything outside of a confined child that it might reach, and the list of the attempts to."""

from __future__ import annotations

import ctypes
import dataclasses
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

SECRET = "MARKER-5f3c"
MEMORY_BYTES = 512 << 20
libc = ctypes.CDLL(None, use_errno=True)


@dataclasses.dataclass
class World:
    """Everything outside of a confined child that it might reach."""

    home: Path
    model: Path
    outside: Path
    bystander: int
    tcp: socket.socket
    udp: socket.socket
    stream: socket.socket
    datagram: socket.socket
    abstract: socket.socket

    @property
    def victim(self) -> Path:
        return self.outside / "victim.txt"


def make_world(root: Path) -> World:
    for name in ("home", "model", "project"):
        (root / name).mkdir()
    (root / "model/weights.pt").write_text("weights")
    (root / "project/victim.txt").write_text(SECRET)
    (root / "project/id_ed25519").write_text(SECRET)
    bystander = subprocess.Popen(["/bin/sleep", "60"], env={"TOKEN": SECRET})
    while not Path(f"/proc/{bystander.pid}/environ").read_bytes():  # it is there before its variables are
        time.sleep(0.001)
    sockets = [socket.socket(socket.AF_INET, kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)]
    sockets += [socket.socket(socket.AF_UNIX, kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)]
    sockets.append(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
    addresses = (
        ("127.0.0.1", 0),
        ("127.0.0.1", 0),
        str(root / "project/service.sock"),
        str(root / "project/log.sock"),
        f"\0damover-{root.name}",
    )
    for one, address in zip(sockets, addresses, strict=True):
        one.bind(address)
        one.setblocking(False)
        if one.type == socket.SOCK_STREAM:
            one.listen(8)
    return World(root / "home", root / "model", root / "project", bystander.pid, *sockets)


def end_world(world: World) -> None:
    os.kill(world.bystander, signal.SIGKILL)
    os.waitpid(world.bystander, 0)
    for one in (world.tcp, world.udp, world.stream, world.datagram, world.abstract):
        one.close()


Attempt = Callable[[World], object]
Proof = Callable[[World], bool]


@dataclasses.dataclass(frozen=True)
class Canary:
    guard: str
    attempt: Attempt
    proof: Proof | None
    only_root: bool


CANARIES: dict[str, Canary] = {}


def canary(guard: str, proof: Proof | None = None, only_root: bool = False) -> Callable[[Attempt], Attempt]:
    def register(attempt: Attempt) -> Attempt:
        CANARIES[attempt.__name__] = Canary(guard, attempt, proof, only_root)
        return attempt

    return register


def checked(answer: int) -> int:
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer


def want(true: bool) -> None:
    if not true:
        raise OSError(f"{SECRET[:6]} was not reached")
