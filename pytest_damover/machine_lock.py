"""Locks that all runs of all users of one machine share: a GPU is one run's, and one race at a time has the processors.

A lock is a file, `damover-<name>.lock`, under `flock`: the kernel frees it when its holder dies, however
that dies. The file stays. In it stands who has it, for whoever waits: that is only shown, and believed by nobody. Any
user can keep a lock for ever, as with every lock that is shared; `timeout_s` is for that.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import getpass
import json
import os
import re
import stat
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from pytest_damover.domain.errors import Code, DamoverError, Fault

CPU = "cpu"
SHARED_FOLDERS = (Path("/run/lock"), Path("/tmp"))
LONGEST_NOTE_BYTES = 500
LONGEST_NAP_S = 0.5
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]")


class BusyError(DamoverError):
    """Somebody else has the lock, and still had it when the time was up."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Where the locks are, how long to wait for one, and who is told that we wait."""

    folder: Path
    timeout_s: float
    say: Callable[[str], None] = lambda _: None


class Held:
    """A lock that this process has until `close`, or until it dies; a child that it forks does not have it."""

    def __init__(self, file: int) -> None:
        self._file: int | None = file
        _HELD.add(self)

    def __enter__(self) -> Held:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give it back; nothing happens the second time."""
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(file, 0)
            os.close(file)

    def forget(self) -> None:
        """In a forked child: let go of the copy, which would keep the lock when the parent has died."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)


_HELD: weakref.WeakSet[Held] = weakref.WeakSet()


def _forget_all() -> None:
    for held in list(_HELD):
        held.forget()


os.register_at_fork(after_in_child=_forget_all)


def shared_folder(folders: tuple[Path, ...] = SHARED_FOLDERS) -> Path:
    """The first folder where everybody may make files and nobody may take away another's; `DamoverError` for none."""
    for folder in folders:
        with contextlib.suppress(OSError):
            if folder.stat().st_mode & 0o1777 == 0o1777 and os.access(folder, os.W_OK):  # not mounted read-only
                return folder
    allowed = "a folder with mode 1777 that all runs of this machine see"
    raise DamoverError(Fault(Code.DEVICE, "locks", f"none of {_list(folders)}", allowed, "set damover_lock_folder"))


def hold(name: str, patience: Patience) -> Held:
    """Wait for the lock of that name and take it.

    Raises `BusyError`, which says who has it and since when, once `timeout_s` seconds are over; `DamoverError` where
    the file is not one that can be trusted: a link, a pipe, a file with two names, a folder that others may rearrange.
    """
    until, nap_s, has_said = time.monotonic() + patience.timeout_s, LONGEST_NAP_S / 16, False
    path = _checked(patience.folder) / f"damover-{_NO_NAME.sub('_', name)}.lock"
    while True:
        file = _opened(path)
        if _taken(file) and _is_still(path, file):
            _sign(file)
            return Held(file)
        holder = _holder(file)
        os.close(file)
        if not time.monotonic() < until:
            found = f"in use by another run ({holder}) and still after {patience.timeout_s:g} s"
            raise BusyError(Fault(Code.DEVICE, name, found, "one run at a time", "wait, or --damover-lock-timeout"))
        if not has_said:
            patience.say(f"waiting for {name}: in use by another run ({holder}); at most {patience.timeout_s:g} s")
            has_said = True
        time.sleep(min(nap_s, max(0.0, until - time.monotonic())))
        nap_s = min(LONGEST_NAP_S, 2 * nap_s)


@contextlib.contextmanager
def attempt(path: Path) -> Iterator[bool]:
    """True while this process has the lock of an existing file, False where somebody else has it."""
    with path.open("rb") as file:
        yield _taken(file.fileno())


def _checked(folder: Path) -> Path:
    """The folder, if nobody but its owner and the system may put other files in the place of ours."""
    try:
        found = folder.stat()
    except OSError as error:
        raise _refusal(folder, str(error)) from error
    if not stat.S_ISDIR(found.st_mode):
        raise _refusal(folder, "not a folder")
    if found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX:
        raise _refusal(folder, f"mode {stat.S_IMODE(found.st_mode):o}: others may rename files of ours")
    return folder


def _opened(path: Path) -> int:
    """The file, made if it is not there. Never through a link, and never waiting for a pipe's other end.

    It is created only when it is absent, for Linux refuses O_CREAT on a file of another user in a folder like /tmp.
    """
    safely = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    for _ in range(3):  # somebody else may create or remove it between two of these
        with contextlib.suppress(FileExistsError):
            file = _open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | safely)
            os.fchmod(file, 0o666)  # whatever the umask: the next one is another user
            return file
        for access in (os.O_RDWR, os.O_RDONLY):
            with contextlib.suppress(FileNotFoundError, PermissionError):
                file = _open(path, access | safely)
                found = os.fstat(file)
                if stat.S_ISREG(found.st_mode) and found.st_nlink <= 1:
                    return file
                os.close(file)
                raise _refusal(path, "not a plain file with one name")
    raise _refusal(path, "it may not be read")


def _open(path: Path, flags: int) -> int:
    try:
        return os.open(path, flags, 0o666)
    except (FileExistsError, FileNotFoundError):
        raise
    except PermissionError:
        if flags & os.O_CREAT:
            raise _refusal(path, "no file can be made there") from None
        raise
    except OSError as error:
        what = "a link" if error.errno == errno.ELOOP else str(error)
        raise _refusal(path, what) from error


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_still(path: Path, file: int) -> bool:
    """False when the file was removed while we waited: a lock on it keeps nobody out."""
    with contextlib.suppress(OSError):
        return os.path.samestat(path.lstat(), os.fstat(file))
    return False


def _sign(file: int) -> None:
    """Write down who has it; where the file is another user's and closed to us, nobody is told."""
    note = {"pid": os.getpid(), "user": _user(), "since": datetime.now(timezone.utc).isoformat(timespec="seconds")}
    with contextlib.suppress(OSError):
        os.ftruncate(file, 0)
        os.pwrite(file, f"{json.dumps(note)}\n".encode(), 0)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())


def _holder(file: int) -> str:
    """Who has it, as the file says: any user may have written that, so no more of it is shown than what it must be."""
    try:
        note = json.loads(os.pread(file, LONGEST_NOTE_BYTES, 0))
        pid, since = int(note["pid"]), datetime.fromisoformat(note["since"])
        user = _NO_NAME.sub("?", str(note["user"]))[:32]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return "it does not say which"
    return f"pid {pid} of {user}, since {since:%Y-%m-%d %H:%M:%S} UTC"


def _list(paths: tuple[Path, ...]) -> str:
    return ", ".join(map(str, paths)) or "no folder"


def _refusal(path: Path, found: str) -> DamoverError:
    allowed = "a folder for locks where nobody can replace what is another's, such as one with mode 1777"
    return DamoverError(Fault(Code.DEVICE, str(path), found, allowed, "remove it, or set damover_lock_folder"))
