import dataclasses
import errno
import hashlib
import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_damover import store
from pytest_damover.domain.damage import TORN
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.domain.journal import Finished, ItemOutcome, Journal, Resumed
from pytest_damover.store import _journal

needs_proc = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="no /proc to learn a file's name from")  # noqa: PTH112


@pytest.fixture
def clock(monkeypatch):
    """The journal's clock, which stands still until it is set."""
    fake = SimpleNamespace(now=100.0)
    monkeypatch.setattr(_journal.time, "monotonic", lambda: fake.now)
    return fake


@pytest.fixture
def folder(tmp_path):
    return store.create_run_folder(tmp_path / "reports", "run-1")


def refusal(action, *arguments):
    with pytest.raises(DamoverError) as raised:
        action(*arguments)
    assert raised.value.faults[0].code is Code.STORE
    return str(raised.value)


def full(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_what_is_written_replaces_what_was_there_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "a.json"
    store.write_text(path, "old")
    store.write_text(path, "new 新\n")
    assert path.read_bytes() == "new 新\n".encode()
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("call", ["fsync", "replace", "chmod"])
def test_a_write_that_fails_leaves_the_old_bytes_alone(tmp_path, monkeypatch, call):
    path = tmp_path / "a.json"
    store.write_text(path, "old")
    monkeypatch.setattr(os, call, full)
    assert "a.json: cannot be written: No space left" in refusal(store.write_text, path, "new")
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_place_that_is_not_there_is_named(tmp_path):
    assert "none/a.json" in refusal(store.write_text, tmp_path / "none/a.json", "x")


def test_a_run_folder_is_never_used_twice(folder):
    assert "cannot be made: File exists" in refusal(store.create_run_folder, folder.path.parent, "run-1")


def test_a_file_where_the_reports_should_be_is_named(tmp_path):
    (tmp_path / "reports").write_text("")
    assert "reports/run-1" in refusal(store.create_run_folder, tmp_path / "reports", "run-1")


def test_latest_names_the_newest_run(folder):
    latest = folder.path.parent / "latest"
    for name in ("run-1", "run-2"):
        store.point_latest(store.RunFolder(folder.path.parent / name))
        assert str(latest.readlink()) == name
    assert sorted(entry.name for entry in folder.path.parent.iterdir()) == ["latest", "run-1"]


def test_where_links_cannot_be_made_latest_is_a_file_with_the_name(folder, monkeypatch):
    monkeypatch.setattr(type(folder.path), "symlink_to", full)
    store.point_latest(folder)
    latest = folder.path.parent / "latest"
    assert latest.read_text() == "run-1\n"
    assert store.open_run_folder(latest).path == folder.path


@pytest.mark.parametrize("content", [(), ("precious.txt",)], ids=("empty", "not empty"))
def test_a_folder_that_someone_made_as_latest_is_left_alone_and_named(folder, content):
    latest = folder.path.parent / "latest"
    latest.mkdir()
    for name in content:
        (latest / name).write_text("mine")
    text = refusal(store.point_latest, folder)
    assert "a folder that is no run of ours is in the way" in text
    assert "move it away" in text
    assert sorted(entry.name for entry in latest.iterdir()) == sorted(content)


@pytest.mark.parametrize("name", [".", "none", "plan.json"])
def test_a_folder_that_is_no_run_says_what_one_is(tmp_path, name):
    (tmp_path / "plan.json").write_text("{}")
    with pytest.raises(DamoverError, match=r"reports/latest|reports/<run-id>") as raised:
        store.open_run_folder(tmp_path / name).read()
    assert raised.value.faults[0].code is Code.RUN_FOLDER


@pytest.fixture
def journal(folder):
    writer = store.JournalWriter(folder.journal)
    writer.begin("run-1", "0" * 64, {"device": "cpu"})
    return writer


def finish(item):
    return Finished(item, ItemOutcome.PASSED, device="cpu")


def read(folder):
    return Journal.from_text(folder.journal.read_text())


def test_a_record_can_be_read_the_moment_it_is_written(folder, journal):
    journal.start("a")
    assert read(folder).started == ("a",)
    journal.finish(finish("a"))
    assert [one.item for one in read(folder).finished] == ["a"]
    journal.end("finished")
    assert (read(folder).ended, read(folder).damage) == ("finished", ())


def test_a_journal_is_never_continued_by_another_writer(folder, journal):
    assert "File exists" in refusal(store.JournalWriter, folder.journal)
    journal.end("finished")


def test_names_with_every_kind_of_character_survive(folder, journal):
    name = '夜间 "quoted"\n\t\\ \x00 \u2028 \N{MOBILE PHONE}'
    journal.start(name)
    journal.finish(finish(name))
    journal.end("finished")
    assert read(folder).started == (read(folder).finished[0].item,) == (name,)
    assert folder.journal.read_bytes().count(b"\n") == 4


def test_half_a_character_becomes_its_json_escape_and_comes_back(folder, journal, tmp_path):
    journal.start("caf\udce9")
    journal.end("finished")
    assert read(folder).started == ("caf\udce9",)
    text = json.dumps(["caf\udce9"], ensure_ascii=False)
    store.write_text(tmp_path / "a.json", text)
    assert json.loads((tmp_path / "a.json").read_bytes()) == ["caf\udce9"]
    assert store.text_digest(text) == hashlib.sha256((tmp_path / "a.json").read_bytes()).hexdigest()


def test_ctrl_c_between_a_record_and_its_count_does_no_damage(folder, journal, monkeypatch):
    write = os.write

    def interrupted(descriptor, line):
        write(descriptor, line)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            journal.start("a")
    journal.end("interrupted")
    assert read(folder).damage == ()
    assert json.loads(folder.journal.read_text().splitlines()[-1])["counts"] == {"started": 1, "finished": 0}


def test_a_record_that_does_not_fit_is_taken_back_and_the_journal_ends_as_stopped(folder, journal, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        assert "journal.jsonl: cannot be written: No space left" in refusal(journal.start, "a")
    assert "No space left" in refusal(journal.start, "b"), "nothing may follow what was lost"
    journal.end("finished")
    assert read(folder).damage == ()
    assert read(folder).ended == "stopped: cannot be written: No space left on device"
    assert read(folder).started == ()


@pytest.mark.parametrize("room", [9, 0])
def test_half_a_record_is_said_and_taken_back(folder, journal, monkeypatch, room):
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda descriptor, line: write(descriptor, line[:room]))
        assert "half a record" in refusal(journal.start, "a")
    assert read(folder).damage == ()
    journal.end("finished")
    assert read(folder).ended == "stopped: the disk took half a record"


def test_half_a_record_that_cannot_be_taken_back_is_torn(folder, journal, monkeypatch):
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda descriptor, line: write(descriptor, line[:9]))
        patch.setattr(os, "ftruncate", full)
        assert "half a record" in refusal(journal.start, "a")
        assert read(folder).damage == (TORN,)
        assert "cannot be written" in refusal(journal.end, "finished")
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.close(journal._descriptor)


@pytest.mark.parametrize("when", ["before", "half", "after"])
def test_ctrl_c_anywhere_in_a_record_leaves_it_whole_or_not_there(folder, journal, monkeypatch, when):
    write = os.write

    def interrupted(descriptor, line):
        write(descriptor, line[: {"before": 0, "half": 9, "after": len(line)}[when]])
        raise KeyboardInterrupt

    journal.start("a")
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            journal.finish(finish("a"))
    journal.end("interrupted by SIGINT")
    assert read(folder).damage == ()
    assert len(read(folder).finished) == (when == "after")
    assert read(folder).ended == "interrupted by SIGINT"


def test_a_record_that_is_not_synced_is_said(folder, journal, monkeypatch):
    monkeypatch.setattr(_journal, "SYNC_INTERVAL_S", 0)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert "cannot be synced: No space left" in refusal(journal.start, "a")
    journal.end("finished")
    assert read(folder).ended == "stopped: cannot be synced: No space left on device"


def synced(monkeypatch):
    """Paths in the order in which they were synced."""
    paths, fsync = [], os.fsync

    def noted(descriptor):
        paths.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    return paths


@needs_proc
def test_new_names_are_synced_with_the_folder_they_are_in(tmp_path, monkeypatch):
    paths = synced(monkeypatch)
    folder = store.create_run_folder(tmp_path / "deep/reports", "run-1")
    assert {folder.path.parent, tmp_path / "deep", tmp_path} <= set(paths)
    for action in (
        lambda: store.write_text(folder.plan, "{}"),
        lambda: store.JournalWriter(folder.journal),
    ):
        paths.clear()
        action()
        assert paths[-1] == folder.path
    paths.clear()
    store.point_latest(folder)
    assert paths == [folder.path.parent]


@needs_proc
def test_the_first_record_what_was_taken_over_and_the_last_are_synced_and_others_after_a_while(
    folder, monkeypatch, clock
):
    paths = synced(monkeypatch)
    writer = store.JournalWriter(folder.journal)

    def has_synced(action, *arguments):
        paths.clear()
        action(*arguments)
        return folder.journal in paths

    assert has_synced(writer.begin, "run-1", "0" * 64, {})
    assert has_synced(writer.resume, [], [], [finish("z")])
    assert not has_synced(writer.start, "a")
    clock.now += store.SYNC_INTERVAL_S + 0.1
    assert has_synced(writer.finish, finish("a"))
    assert not has_synced(writer.start, "b")
    assert has_synced(writer.end, "finished")


def test_what_was_taken_over_says_from_where_and_is_counted(folder, journal):
    old = Resumed("run-0", "1" * 64, "2" * 64, {"python": "3.11"}, 1)
    taken = dataclasses.replace(finish("a"), taken_from="run-0", crashed=True)
    journal.resume([old], [("v1", {"threads": 1})], [taken])
    journal.start("b")
    journal.finish(finish("b"))
    journal.end("finished")
    found = read(folder)
    assert (found.damage, found.started) == ((), ("a", "b"))
    assert (found.resumed, found.loads, found.finished) == ((old,), (("v1", {"threads": 1}),), (taken, finish("b")))


def test_a_journal_torn_anywhere_can_be_read(folder, journal):
    store.write_text(folder.plan, "{}\n")
    journal.start("夜间")
    journal.finish(finish("夜间"))
    whole = folder.journal.read_bytes()
    first = whole.index(b"\n") + 1
    for length in range(first, len(whole)):
        folder.journal.write_bytes(whole[:length])
        torn = Journal.from_text(folder.texts()[1])
        assert torn.ended is None
        assert torn.damage == (() if whole[:length].endswith(b"\n") else (TORN,))
        assert torn.finished == ()
    journal.end("finished")
