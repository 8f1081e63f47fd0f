"""Which system calls a confined process is refused, for whatever reason; all others are let through.

Starting programs and threads is allowed, for torch's compiler does both, and what is started is confined likewise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_NEW_NAMESPACES = 0x7E020080  # linux/sched.h: CLONE_NEW*
_AF_UNIX, _SOCK_STREAM, _SOCK_SEQPACKET = 1, 1, 5
_SOCKET_TYPES = 0xF  # linux/net.h: SOCK_TYPE_MASK
_ACCESS_MODE, _TRUNCATE = 0o3, 0o1000  # asm-generic/fcntl.h
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_SIGNALS_BY_A_FILE = (8, 10, 15)  # linux/fcntl.h: F_SETOWN, F_SETSIG, F_SETOWN_EX
_SIGNALS_BY_A_SOCKET = (0x8901, 0x8902)  # asm-generic/sockios.h: FIOSETOWN, SIOCSPGRP
_TYPING_ON_A_TERMINAL = (0x5412, 0x541C)  # asm-generic/ioctls.h: TIOCSTI, TIOCLINUX
_FAMILY = 0xFF00  # asm-generic/ioctl.h: _IOC_TYPE
# flags, labels and subvolumes, which a file that is open for reading is enough for: linux/fs.h, linux/btrfs.h
_OF_FILE_SYSTEMS = tuple(ord(letter) << 8 for letter in "fvX\x94")
_ALL = 0xFFFFFFFF

_ALWAYS = """
    ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp pidfd_getfd perf_event_open
    userfaultfd setpriority ioprio_set rt_sigqueueinfo rt_tgsigqueueinfo
    setsid setpgid
    shmget shmat msgget semget mq_open mq_unlink keyctl add_key request_key
    connect io_uring_setup io_uring_enter io_uring_register
    mount umount2 pivot_root chroot move_mount open_tree open_tree_attr fsopen fsconfig fsmount fspick mount_setattr
    setns open_by_handle_at fanotify_init inotify_init inotify_init1 quotactl quotactl_fd
    chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat setxattr lsetxattr
    fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat file_setattr
    bpf kexec_load kexec_file_load init_module finit_module delete_module iopl ioperm modify_ldt uselib syslog acct
    swapon swapoff reboot settimeofday clock_settime adjtimex clock_adjtime sethostname setdomainname vhangup
"""
ALWAYS = tuple(_ALWAYS.split())
"""Looking into and slowing other processes; leaving the group that is ended as one; what is shared by name; opening
connections; other ways to files than by their path, and their attributes, of which Landlock knows nothing; the
machine itself."""

NOT_THERE = ("clone3",)
"""Its flags lie in memory, where no filter can read them; libc takes the older call when it is told there is none."""


@dataclass(frozen=True, slots=True)
class Only:
    """The argument at `index`, cut to `mask`, must be one of `values`; where there is none, the call is refused."""

    index: int
    values: tuple[int, ...]
    mask: int = _ALL


@dataclass(frozen=True, slots=True)
class Never:
    """The argument at `index`, cut to `mask`, must be none of `values`."""

    index: int
    values: tuple[int, ...]
    mask: int = _ALL


Condition = tuple[str, Only | Never]


def conditions(gpu: bool, landlock_scopes: bool, landlock_truncation: bool, process: int) -> Iterator[Condition]:
    """Each condition under which a call is let through; those on one call are neighbours.

    With a GPU, unix sockets can be made, because CUDA names one for itself when it starts; they cannot be connected.
    Datagram pairs are refused, as they can be sent to any name without being connected.
    """
    if gpu:
        yield "socket", Only(0, (_AF_UNIX,))
        yield "socket", Only(1, (_SOCK_STREAM, _SOCK_SEQPACKET), _SOCKET_TYPES)
    else:
        yield "socket", Only(0, ())
    yield "socketpair", Only(0, (_AF_UNIX,))
    yield "socketpair", Only(1, (_SOCK_STREAM, _SOCK_SEQPACKET), _SOCKET_TYPES)
    yield "clone", Only(0, (0,), _NEW_NAMESPACES)
    yield "unshare", Only(0, (0,), _NEW_NAMESPACES)
    yield from ((name, Only(0, (0,))) for name in _ON_ITSELF)
    yield "prctl", Never(0, (_PR_SET_PDEATHSIG,))
    yield "fcntl", Never(1, _SIGNALS_BY_A_FILE)
    yield "ioctl", Never(1, (*_SIGNALS_BY_A_SOCKET, *_TYPING_ON_A_TERMINAL))
    yield "ioctl", Never(1, _OF_FILE_SYSTEMS, _FAMILY)
    if not landlock_scopes:
        yield from (("kill", Only(0, (process,))), ("tgkill", Only(0, (process,))))
        yield from (("tkill", Only(0, ())), ("pidfd_send_signal", Only(0, ())))
    if not landlock_truncation:
        yield from _truncation()


_ON_ITSELF = (
    "prlimit64",
    "sched_setaffinity",
    "sched_setscheduler",
    "sched_setparam",
    "sched_setattr",
    "migrate_pages",
    "move_pages",
)


def _truncation() -> Iterator[Condition]:
    """What empties a file without opening it for writing."""
    yield "truncate", Only(0, ())
    yield "openat2", Only(0, ())
    for name, index in (("open", 1), ("openat", 2)):
        yield name, Never(index, (_TRUNCATE,), _ACCESS_MODE | _TRUNCATE)  # and reading, which is 0
