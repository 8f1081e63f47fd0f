"""The filter's program, run here by a small interpreter, so that both architectures are tested on one."""

import sys

import pytest

if sys.platform != "linux":
    pytest.skip("the filter is Linux's", allow_module_level=True)

from pytest_damover.confine import _seccomp, _syscalls
from pytest_damover.confine._denied import ALWAYS, NOT_THERE, conditions

ALLOW, EPERM, ENOSYS, KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
ME = 4711
MOST_INSTRUCTIONS = 4096


def verdict(program, architecture, number, *arguments):
    """What the kernel would answer."""
    data = {0: number, 4: architecture.audit}
    for place, argument in enumerate((*arguments, *[0] * (6 - len(arguments)))):
        data[16 + 8 * place], data[20 + 8 * place] = argument & 0xFFFFFFFF, argument >> 32
    value = at = 0
    while True:
        code, if_true, if_false, operand = program[at]
        at += 1
        if code == 0x20:
            value = data[operand]
        elif code == 0x54:
            value &= operand
        elif code == 0x06:
            return operand
        else:
            at += if_true if (value == operand if code == 0x15 else value > operand) else if_false


@pytest.fixture(params=_seccomp.ARCHITECTURES)
def ask(request):
    """Asks about a call by name, under the conditions that are named."""
    architecture = _seccomp.ARCHITECTURES[request.param]

    def run(name, *arguments, gpu=False, scopes=True, truncation=True):
        if name not in architecture.numbers:
            pytest.skip(f"{request.param} has no {name}")
        program = _seccomp.program(architecture, tuple(conditions(gpu, scopes, truncation, ME)))
        return verdict(program, architecture, architecture.numbers[name], *arguments)

    return run


REFUSED = """
    ptrace process_vm_readv process_vm_writev process_madvise pidfd_getfd kcmp perf_event_open userfaultfd setpriority
    rt_sigqueueinfo rt_tgsigqueueinfo setsid setpgid shmget shmat msgget semget mq_open keyctl add_key request_key
    connect io_uring_setup io_uring_enter io_uring_register mount umount2 pivot_root chroot move_mount open_tree fsopen
    fsmount mount_setattr setns open_by_handle_at fanotify_init inotify_init inotify_init1
    chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat setxattr lsetxattr
    fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat file_setattr
    bpf kexec_load kexec_file_load init_module finit_module delete_module iopl ioperm syslog acct swapon swapoff reboot
    settimeofday clock_settime adjtimex clock_adjtime sethostname setdomainname
""".split()  # noqa: SIM905


@pytest.mark.parametrize("name", REFUSED)
def test_each_refused_call_is_refused(ask, name):
    assert ask(name) == EPERM


def test_a_call_that_no_filter_can_read_is_not_there(ask):
    assert ask("clone3") == ENOSYS


@pytest.mark.parametrize("name", [*ALWAYS, *NOT_THERE])
def test_each_name_has_a_number(name):
    assert name in _syscalls.X86_64


@pytest.mark.parametrize(
    ("name", "arguments", "answer"),
    [
        ("socket", (2, 1), EPERM),
        ("socket", (1, 1), EPERM),
        ("socketpair", (1, 1 | 0o2000000), ALLOW),
        ("socketpair", (1, 5), ALLOW),
        ("socketpair", (1, 2), EPERM),
        ("socketpair", (2, 1), EPERM),
        ("clone", (0x3D0F00,), ALLOW),
        ("clone", (0x10000000 | 17,), EPERM),
        ("unshare", (0x400,), ALLOW),
        ("unshare", (0x00020000,), EPERM),
        ("unshare", (0x80,), EPERM),
        ("prlimit64", (0,), ALLOW),
        ("sched_setaffinity", (ME,), EPERM),
        ("sched_setscheduler", (ME,), EPERM),
        ("sched_setparam", (ME,), EPERM),
        ("sched_setattr", (ME,), EPERM),
        ("migrate_pages", (ME,), EPERM),
        ("move_pages", (ME,), EPERM),
        ("prlimit64", (ME + 1,), EPERM),
        ("prctl", (1, 9), EPERM),
        ("prctl", (15,), ALLOW),
        ("fcntl", (0, 8), EPERM),
        ("fcntl", (0, 10), EPERM),
        ("fcntl", (0, 15), EPERM),
        ("fcntl", (0, 4), ALLOW),
        ("ioctl", (0, 0x5401), ALLOW),
        ("ioctl", (0, 0x5412), EPERM),
        ("ioctl", (0, 0x8901), EPERM),
        ("ioctl", (0, 0x40086602), EPERM),
        ("ioctl", (0, 0x5000940E), EPERM),
        ("ioctl", (0, 0xC020462A), ALLOW),
        ("kill", (1, 9), ALLOW),
        ("truncate", (), ALLOW),
        ("openat", (0, 0, 0o1000), ALLOW),
    ],
    ids=str,
)
def test_arguments_decide(ask, name, arguments, answer):
    assert ask(name, *arguments) == answer


@pytest.mark.parametrize(
    ("arguments", "answer"), [((1, 1), ALLOW), ((1, 5), ALLOW), ((1, 2), EPERM), ((2, 1), EPERM), ((16, 3), EPERM)]
)
def test_a_gpu_may_name_unix_sockets_and_connect_none(ask, arguments, answer):
    assert ask("socket", *arguments, gpu=True) == answer
    assert ask("connect", gpu=True) == EPERM


@pytest.mark.parametrize(
    ("name", "arguments", "answer"),
    [
        ("kill", (ME, 9), ALLOW),
        ("kill", (1, 9), EPERM),
        ("kill", (0, 9), EPERM),
        ("kill", (0xFFFFFFFFFFFFFFFF, 9), EPERM),
        ("tgkill", (ME, ME, 6), ALLOW),
        ("tgkill", (1, 1, 6), EPERM),
        ("tkill", (ME, 6), EPERM),
        ("pidfd_send_signal", (3, 9), EPERM),
    ],
)
def test_signals_where_landlock_does_not_scope_them(ask, name, arguments, answer):
    assert ask(name, *arguments, scopes=False) == answer


@pytest.mark.parametrize(
    ("flags", "answer"), [(0, ALLOW), (0o1101, ALLOW), (0o1002, ALLOW), (0o1000, EPERM), (0o2001000, EPERM)]
)
def test_truncation_where_landlock_does_not_know_it(ask, flags, answer):
    assert ask("openat", 0, 0, flags, truncation=False) == answer
    assert ask("truncate", truncation=False) == EPERM
    assert ask("openat2", truncation=False) == EPERM


@pytest.mark.parametrize("machine", _seccomp.ARCHITECTURES)
def test_other_ways_to_number_calls_are_closed(machine):
    architecture = _seccomp.ARCHITECTURES[machine]
    program = _seccomp.program(architecture, tuple(conditions(False, False, False, ME)))
    x32_socket = 0x40000000 | architecture.numbers["socket"]
    assert verdict(program, architecture, x32_socket) == ENOSYS
    assert verdict(program, architecture, _syscalls.LAST + 1) == ENOSYS
    assert verdict(program, architecture._replace(audit=0x40000003), 102) == KILL
    assert len(program) < MOST_INSTRUCTIONS
