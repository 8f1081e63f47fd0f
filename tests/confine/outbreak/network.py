"""Attempts to open a connection."""

from __future__ import annotations

import ctypes
import socket

from world import Proof, World, canary, checked, libc


def arrived_by(name: str) -> Proof:
    def proof(world: World) -> bool:
        listening = getattr(world, name)
        try:
            return bool(listening.accept() if listening.type == socket.SOCK_STREAM else listening.recv(64))
        except BlockingIOError:
            return False

    return proof


@canary("network", arrived_by("tcp"))
def tcp(world: World) -> None:
    socket.create_connection(world.tcp.getsockname(), timeout=2)


@canary("network", arrived_by("udp"))
def dns_query(world: World) -> None:
    query = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x06secret\x04evil\x00\x00\x01\x00\x01"
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(query, world.udp.getsockname())


@canary("network", arrived_by("stream"))
def service_on_a_path(world: World) -> None:
    socket.socket(socket.AF_UNIX).connect(world.stream.getsockname())


@canary("network", arrived_by("datagram"))
def datagram_to_a_path(world: World) -> None:
    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"x", world.datagram.getsockname())


@canary("network", arrived_by("datagram"))
def datagram_through_a_pair(world: World) -> None:
    own, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    own.sendto(b"x", world.datagram.getsockname())


@canary("network", arrived_by("abstract"))
def service_on_an_abstract_name(world: World) -> None:
    socket.socket(socket.AF_UNIX).connect(world.abstract.getsockname())


@canary("network")
def listening(_world: World) -> None:
    socket.create_server(("127.0.0.1", 0))


@canary("network")
def netlink(_world: World) -> None:
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)


@canary("network")
def io_uring(_world: World) -> None:
    checked(libc.syscall(425, 1, ctypes.byref(ctypes.create_string_buffer(120))))
