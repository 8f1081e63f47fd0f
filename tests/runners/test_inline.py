import pytest

from pytest_damover.runners import inline
from pytest_damover.runners.inline import InlineRunner


class Spy:
    """A detector that notes what becomes of it."""

    def __init__(self, folder):
        self.folder, self.closed = folder, False

    def close(self):
        self.closed = True


@pytest.fixture
def runner(monkeypatch):
    monkeypatch.setattr(inline, "load_detector", lambda _name, folder, *_: Spy(folder))
    return InlineRunner("replay", "cpu")


def test_one_revision_at_a_time(runner, tmp_path):
    v1 = runner.load("v1", tmp_path / "1")
    assert runner.load("v1", tmp_path / "1") is v1
    v2 = runner.load("v2", tmp_path / "2")
    assert (v1.closed, v2.closed, runner.loaded) == (True, False, ("v2",))


def test_two_only_when_asked_for(runner, tmp_path):
    v1 = runner.load("v1", tmp_path / "1")
    v2 = runner.load("v2", tmp_path / "2", beside=True)
    assert (v1.closed, v2.closed, runner.loaded) == (False, False, ("v1", "v2"))
    assert runner.load("v1", tmp_path / "1") is v1
    assert (v2.closed, runner.loaded) == (True, ("v1",))


def test_one_name_with_another_folder_is_loaded_anew(runner, tmp_path):
    old = runner.load("v1", tmp_path / "1")
    new = runner.load("v1", tmp_path / "other")
    assert (old.closed, new.folder) == (True, tmp_path / "other")


def test_close_frees_all(runner, tmp_path):
    loaded = [runner.load(name, tmp_path / name, beside=True) for name in ("v1", "v2")]
    runner.close()
    assert [detector.closed for detector in loaded] == [True, True]
    assert runner.loaded == ()
