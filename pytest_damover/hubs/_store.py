"""Verified revisions on this machine: `<root>/<digest>/`, filled through a staging folder and one rename.

<root>/<digest>/             whole, verified, its files read-only; never written again
<root>/.staging-<digest>/    what a download has so far; a killed one is continued by whoever has the lock next
<root>/.<digest>.lock        held while a download runs, by the operating system, so a kill frees it
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.revision import FileEntry, Revision
from pytest_damover.hubs._hashing import OddFileError, size_and_sha256
from pytest_damover.hubs._tree import check_manifest, is_link, verify

LOCK_TIMEOUT_S = 3600.0
LOCK_POLL_S = 0.05
PARTIAL_SUFFIX = ".incomplete"
_FULL = (errno.ENOSPC, errno.EDQUOT)

Download = Callable[[Path, Path, frozenset[str]], None]


class Store:
    """Folders of revisions below `root`, which is made when it is first needed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def holds(self, revision: Revision) -> bool:
        """Whether there is a folder of that digest; `fetch` says whether it is sound."""
        return (self.root / revision.digest).is_dir()

    def fetch(self, revision: Revision, download: Download) -> Path:
        """The folder of `revision`, verified just now; `download` is called only when it is not there yet.

        `download(tree, scratch, whole)` puts the files that are not `whole` yet below `tree`, may leave notes in
        `scratch`, and may continue partial files called `<path>.incomplete`. Many may ask at once: one downloads.
        """
        where = f"{revision.model} {revision.tag}"
        check_manifest(revision.files, where)
        home = self.root / revision.digest
        if not os.path.lexists(home):
            with _writing(self.root):
                self.root.mkdir(parents=True, exist_ok=True)
                with self._alone(home, where) as is_first:
                    if is_first:
                        self._install(revision, home, where, download)
        return verify(home, revision.files, where)

    @contextlib.contextmanager
    def _alone(self, home: Path, where: str) -> Iterator[bool]:
        """True with others kept out, or False once another process or thread has made `home`."""
        from filelock import FileLock, Timeout

        lock = FileLock(self.root / f".{home.name}.lock")
        deadline_s = time.monotonic() + LOCK_TIMEOUT_S
        while not os.path.lexists(home):
            try:
                lock.acquire(timeout=LOCK_POLL_S)
                break
            except Timeout:
                if time.monotonic() > deadline_s:
                    found = f"another process has been fetching {where} for {LOCK_TIMEOUT_S:.0f} s"
                    raise DamoverError(self._fault(found, "end it, try again")) from None
            except NotImplementedError:
                next_step = "move the store to a local disk: XDG_CACHE_HOME"
                raise DamoverError(self._fault("its file system has no locks", next_step)) from None
        try:
            yield not os.path.lexists(home)
        finally:
            lock.release()

    def _install(self, revision: Revision, home: Path, where: str, download: Download) -> None:
        """Fill the staging folder, verify it and give it its name; it is kept when the download fails half way."""
        staging = self.root / f".staging-{revision.digest}"
        tree = staging / "tree"
        if is_link(staging) or is_link(tree):
            staging.unlink() if is_link(staging) else tree.unlink()
        tree.mkdir(parents=True, exist_ok=True)
        whole = keep_whole_files(tree, revision.files)
        self._check_room(revision, tree, where)
        download(tree, staging / "client", whole)
        try:
            verify(tree, revision.files, where)
        except DamoverError:
            shutil.rmtree(staging)
            raise
        _seal(tree)
        os.rename(tree, home)  # noqa: PTH104 - the one step that gives a folder its name
        _sync(self.root)
        shutil.rmtree(staging, ignore_errors=True)

    def _check_room(self, revision: Revision, tree: Path, where: str) -> None:
        there = sum(path.lstat().st_size for path in tree.rglob("*") if path.is_file())
        needed, free = revision.size_bytes - there, shutil.disk_usage(self.root).free
        if needed > free:
            found = f"{where} needs {needed:,} more bytes and the disk has {free:,} free"
            raise DamoverError(self._fault(found, _MAKE_ROOM))

    def _fault(self, found: str, next_step: str) -> Fault:
        return Fault(Code.STORE, str(self.root), found, next_step=next_step)


_MAKE_ROOM = "free some room there, or move the store: XDG_CACHE_HOME"


@contextlib.contextmanager
def _writing(root: Path) -> Iterator[None]:
    """Say in a `DamoverError` (STORE) why the store cannot be written."""
    try:
        yield
    except OSError as error:
        raise DamoverError(store_fault(root, error)) from error


def store_fault(root: Path, error: OSError) -> Fault:
    """The fault of a store that is full or may not be written."""
    next_step = (
        _MAKE_ROOM if error.errno in _FULL else "make it a folder that you may write, or move it: XDG_CACHE_HOME"
    )
    return Fault(Code.STORE, str(root), f"cannot be written: {error.strerror or error}", next_step=next_step)


def keep_whole_files(tree: Path, files: tuple[FileEntry, ...]) -> frozenset[str]:
    """Paths of the files below `tree` that are whole; partial ones stay for the download, all else is removed."""
    wanted = {entry.path: entry for entry in files}
    partial = {path + PARTIAL_SUFFIX for path in wanted} - wanted.keys()
    whole = set()
    for folder, folders, names in os.walk(tree):
        for name in [*names, *(name for name in folders if is_link(Path(folder, name)))]:
            path = Path(folder, name)
            relative = path.relative_to(tree).as_posix()
            if relative in wanted and _is_whole(tree, wanted[relative]):
                whole.add(relative)
            elif relative not in partial or not _is_plain(tree, relative):
                path.unlink()
    for folder, _, _ in os.walk(tree, topdown=False):
        if Path(folder) != tree and not any(Path(folder).iterdir()):
            Path(folder).rmdir()
    return frozenset(whole)


def _is_whole(tree: Path, entry: FileEntry) -> bool:
    with contextlib.suppress(OddFileError, OSError):
        return size_and_sha256(tree, entry.path, entry.size_bytes) == (entry.size_bytes, entry.sha256)
    return False


def _is_plain(tree: Path, path: str) -> bool:
    with contextlib.suppress(OddFileError, OSError):
        size_and_sha256(tree, path, -1)  # looks, and reads nothing: no file has -1 bytes
        return True
    return False


def _seal(tree: Path) -> None:
    """Bring files and folders to the disk and make the files read-only; they get their name only after that."""
    for folder, _, names in os.walk(tree):
        for name in names:
            path = Path(folder, name)
            path.chmod(0o444)
            _sync(path)
        _sync(Path(folder))


def _sync(path: Path) -> None:
    """Bring a file, or a folder where the system has that, to the disk."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
