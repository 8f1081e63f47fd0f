"""What a download shows: one line with files and bytes on a terminal, nothing anywhere else."""

import io
from types import SimpleNamespace

import pytest

from pytest_damover.hubs import _progress

MODEL = "demo/phone"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setattr(_progress, "INTERVAL_S", 0)
    stream = Terminal()
    monkeypatch.setattr(_progress, "sys", SimpleNamespace(stderr=stream))
    return stream


def lines(terminal):
    return terminal.getvalue().lstrip("\r").rstrip("\n").split("\r")


def test_a_download_is_silent_without_a_terminal(remote, capfd):
    remote.fetch(remote.resolve(MODEL, "v1"))
    assert capfd.readouterr() == ("", "")


def test_a_terminal_sees_files_and_bytes_in_one_line(many_files, remote, terminal):
    remote.fetch(remote.resolve(MODEL, "many"))
    seen = lines(terminal)
    assert seen[0] == "demo/phone many: 0 of 6 files, 0.0 of 0.3 MiB"
    assert seen[-1] == "demo/phone many: 6 of 6 files, 0.3 of 0.3 MiB"
    assert "Downloading" not in terminal.getvalue()
    assert many_files.downloads()


def test_a_continued_download_begins_where_it_was(loopback, remote, terminal):
    loopback.faults["net/weights.pt"] = "500"
    revision = remote.resolve(MODEL, "v1")
    with pytest.raises(Exception, match="weights"):
        remote.fetch(revision)
    assert lines(terminal)[-1].startswith("demo/phone v1: 1 of 2 files")
    loopback.faults.clear()
    terminal.seek(0)
    terminal.truncate()
    remote.fetch(revision)
    assert lines(terminal)[0].startswith("demo/phone v1: 1 of 2 files")
    assert lines(terminal)[-1].startswith("demo/phone v1: 2 of 2 files")


def test_what_is_in_the_store_shows_nothing(remote, terminal):
    revision = remote.resolve(MODEL, "v1")
    remote.fetch(revision)
    shown = terminal.getvalue()
    remote.fetch(revision)
    assert terminal.getvalue() == shown
