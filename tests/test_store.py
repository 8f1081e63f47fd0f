import errno
import hashlib
import json
import os

import pytest

from pytest_damover import store
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.domain.journal import TORN, Finished, ItemOutcome, Journal


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


def test_a_full_disk_is_said_and_the_journal_is_damaged_not_whole(folder, journal, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        assert "journal.jsonl: cannot be written: No space left" in refusal(journal.start, "a")
    journal.end("finished")
    assert read(folder).damage != ()


def test_half_a_record_is_said_and_torn(folder, journal, monkeypatch):
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda descriptor, line: write(descriptor, line[:9]))
        assert "half a record" in refusal(journal.start, "a")
    assert read(folder).damage == (TORN,)
    os.close(journal._descriptor)
