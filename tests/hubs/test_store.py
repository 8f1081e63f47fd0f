"""The store of verified revisions: T5 (staging, then one rename), T13 (offline), T14 (one download for many)."""

import errno
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.hubs import _store, open_hub
from pytest_damover.hubs._store import Store, keep_whole_files

MODEL = "demo/phone"
MANY = 6
ROUNDS, PROCESSES = 20, 8
WORKER = """
import sys
from pathlib import Path
from pytest_damover.hubs import open_hub
for store in map(str.strip, sys.stdin):
    hub = open_hub("modelscope:" + sys.argv[1], Path(), Path(store))
    print(hub.fetch(hub.resolve("demo/phone", "many")).name, flush=True)
"""


def test_t5_the_disk_has_every_file_and_folder_before_there_is_a_name(remote, monkeypatch):
    events = []
    sync, rename = os.fsync, os.rename

    def noted_sync(descriptor):
        events.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        sync(descriptor)

    def noted_rename(source, target):
        assert all(path.stat().st_mode & 0o222 == 0 for path in source.rglob("*") if path.is_file())
        events.append("rename")
        rename(source, target)

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("no /proc here")
    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(os, "rename", noted_rename)
    remote.fetch(remote.resolve(MODEL, "v1"))
    assert sorted(events[: events.index("rename")]) == ["configuration.json", "net", "tree", "weights.pt"]
    assert events[events.index("rename") + 1 :] == ["store"]


def test_t5_nothing_but_the_revision_is_left_and_its_files_are_read_only(remote, store):
    folder = remote.fetch(remote.resolve(MODEL, "v1"))
    assert [path.name for path in store.glob(".staging-*")] == []
    assert {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()} == {0o444}


@pytest.mark.parametrize("fault", ["500", "corrupted", "truncated", "cut"])
def test_t5_what_a_failed_download_has_is_kept_and_only_the_rest_is_loaded(remote, loopback, shelved, fault):
    revision = remote.resolve(MODEL, "v1")
    loopback.faults["net/weights.pt"] = fault
    with pytest.raises(DamoverError, match=r"net/weights\.pt"):
        remote.fetch(revision)
    assert shelved() == []
    loopback.faults.clear()
    asked = len(loopback.downloads())
    assert remote.fetch(revision).name == revision.digest
    assert loopback.downloaded()[asked:] == ["net/weights.pt"]


def test_t5_whole_files_of_a_dead_process_are_hashed_again_and_all_else_is_removed(remote, loopback, store, shelved):
    revision = remote.resolve(MODEL, "v1")
    tree = store / f".staging-{revision.digest}" / "tree"
    (tree / "net").mkdir(parents=True)
    (tree / "configuration.json").write_bytes(b"{}")
    (tree / "net" / "weights.pt").write_bytes(b"weightS" * 100 + b"1")  # the right size, other bytes
    (tree / "more.py").write_text("")
    (tree / "left").mkdir()
    (tree / "etc").symlink_to("/etc", target_is_directory=True)
    (tree / "net" / "weights.pt.incomplete").symlink_to("/etc/passwd")
    remote.fetch(revision)
    assert loopback.downloaded() == ["net/weights.pt"]
    assert shelved() == [revision.digest]
    assert Path("/etc/passwd").exists()


@pytest.mark.parametrize("prefix", [b"", b"weights", b"other bytes", b"x" * 5000])
def test_t5_a_partial_file_is_continued_only_when_its_bytes_are_right(remote, store, prefix):
    revision = remote.resolve(MODEL, "v1")
    partial = store / f".staging-{revision.digest}" / "tree" / "net" / "weights.pt.incomplete"
    partial.parent.mkdir(parents=True)
    partial.write_bytes(prefix)
    assert remote.fetch(revision).name == revision.digest


def test_a_hub_says_what_it_needs_no_network_for(remote, local):
    revision = remote.resolve(MODEL, "v1")
    assert (remote.holds(revision), local.holds(revision)) == (False, True)
    remote.fetch(revision)
    assert remote.holds(revision)


@pytest.mark.parametrize("linked", ["", "tree"])
def test_t5_a_linked_staging_folder_is_not_written_through(remote, store, tmp_path, linked):
    revision = remote.resolve(MODEL, "v1")
    staging, outside = store / f".staging-{revision.digest}", tmp_path / "outside"
    outside.mkdir()
    (staging / linked).parent.mkdir(parents=True, exist_ok=True)
    (staging / linked).symlink_to(outside, target_is_directory=True)
    remote.fetch(revision)
    assert list(outside.iterdir()) == []


def test_hard_linked_files_in_staging_are_not_believed(tmp_path, remote):
    files = remote.resolve(MODEL, "v1").files
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "configuration.json").write_bytes(b"{}")
    os.link(tree / "configuration.json", tmp_path / "another-name")
    assert keep_whole_files(tree, files) == frozenset()
    assert list(tree.iterdir()) == []


def test_t13_what_is_in_the_store_needs_no_socket_and_no_client(remote, loopback, store, tmp_path, monkeypatch):
    import socket

    revision = remote.resolve(MODEL, "v1")
    folder = remote.fetch(revision)

    def refuse(*_, **__):
        raise AssertionError("a socket was asked for")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    monkeypatch.setitem(sys.modules, "modelscope_hub", None)
    hub = open_hub(f"modelscope:{loopback.endpoint}", tmp_path, store)
    assert hub.fetch(revision) == folder
    with pytest.raises(DamoverError, match="the ModelScope client cannot be imported"):
        hub.fetch(replace(revision, files=revision.files[:1]))


@pytest.mark.slow
def test_t14_many_processes_that_ask_at_once_cause_one_download(many_files, remote, tmp_path):
    digest = remote.resolve(MODEL, "many").digest
    command = [sys.executable, "-c", WORKER, many_files.endpoint]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen(command, **pipes) for _ in range(PROCESSES)]
    try:
        for number in range(ROUNDS):
            before = len(many_files.downloads())
            for worker in workers:
                worker.stdin.write(f"{tmp_path / str(number)}\n")
                worker.stdin.flush()
            assert {worker.stdout.readline().strip() for worker in workers} == {digest}
            assert len(many_files.downloads()) - before == MANY
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()


def test_t14_many_threads_that_ask_at_once_cause_one_download(remote, loopback):
    revision = remote.resolve(MODEL, "v1")
    threads = [threading.Thread(target=remote.fetch, args=(revision,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loopback.downloads()) == 2


def test_a_store_that_cannot_be_made_is_a_clear_fault(loopback, tmp_path):
    (tmp_path / "file").write_text("")
    hub = open_hub(f"modelscope:{loopback.endpoint}", tmp_path, tmp_path / "file" / "store")
    with pytest.raises(DamoverError, match="cannot be written: Not a directory") as refusal:
        hub.fetch(hub.resolve(MODEL, "v1"))
    assert refusal.value.faults[0].code is Code.STORE


def test_a_revision_that_does_not_fit_is_refused_before_it_is_downloaded(remote, loopback, monkeypatch):
    revision = remote.resolve(MODEL, "v1")
    monkeypatch.setattr(_store.shutil, "disk_usage", lambda _: Usage())
    with pytest.raises(DamoverError, match="needs 703 more bytes and the disk has 100 free") as refusal:
        remote.fetch(revision)
    assert refusal.value.faults[0].code is Code.STORE
    assert loopback.downloads() == []


class Usage:
    """A disk with a hundred bytes of room."""

    free = 100


@pytest.mark.parametrize("reason", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_a_disk_that_is_full_or_refuses_while_the_client_writes_is_the_stores_fault(remote, monkeypatch, reason):
    from modelscope_hub import _download

    def refuse(*_, **__):
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(_download, "_finish_download", refuse)
    with pytest.raises(DamoverError, match=os.strerror(reason)) as refusal:
        remote.fetch(remote.resolve(MODEL, "v1"))
    assert refusal.value.faults[0].code is Code.STORE
    assert "XDG_CACHE_HOME" in refusal.value.faults[0].next_step


def test_a_fetch_that_never_gets_its_turn_says_who_has_it(remote, store, monkeypatch):
    from filelock import FileLock

    revision = remote.resolve(MODEL, "v1")
    monkeypatch.setattr(_store, "LOCK_TIMEOUT_S", 0.1)
    store.mkdir(exist_ok=True)
    began = time.monotonic()
    with FileLock(store / f".{revision.digest}.lock"), pytest.raises(DamoverError, match="another process") as refusal:
        Store(store).fetch(revision, lambda *_: None)
    assert time.monotonic() - began < 5
    assert refusal.value.faults[0].code is Code.STORE
