import filelock
import pytest

from pytest_damover.doctor._versions import is_at_least


@pytest.mark.parametrize(
    ("name", "version", "good"),
    [
        ("pillow", "12.3", True),
        ("pillow", "12.3.0", True),
        ("pillow", "12.2.9", False),
        ("pillow", "12.3.0rc1", False),
        ("pillow", "9.9", False),
        ("pillow", None, False),
        ("torch", "2.10.0+cu130", True),
        ("torch", "2.10.0a0+git1234567", False),
        ("torch", "2.10.0.dev20251101+cu130", False),
        ("torch", "2.9.1+cpu", False),
        ("modelscope-hub", "0.5.1", True),
        ("modelscope-hub", "0.5.1.post1", True),
        ("modelscope-hub", "0.5.0", False),
        ("modelscope-hub", "0.5.1rc2", False),
    ],
)
def test_t16_a_package_that_is_missing_or_unsafe_has_advice(examine, name, version, good):
    check = examine({name: version}, damover_detector="modelscope")[name]
    assert check.good is good
    assert check.advice


@pytest.mark.parametrize(
    ("version", "release", "enough"),
    [
        ("1", "1.0.0", True),
        ("1.0", "1", True),
        ("2.10", "2.9", True),
        ("2.9", "2.10", False),
        ("v2.10", "2.10", True),
        ("1!0.1", "2.10", True),
        ("2.10-1", "2.10", True),
        ("2.10.post1.dev2", "2.10", True),
        ("2.10b1.post1", "2.10", False),
        ("2.10C1", "2.10", False),
        ("2.11.0.dev0", "2.10", True),
        ("nonsense", "2.10", False),
        ("", "2.10", False),
        ("2.10.unknown", "2.10", False),
    ],
)
def test_versions_are_ordered_as_pep_440_has_it(version, release, enough):
    assert is_at_least(version, release) is enough


def test_t16_soft_locks_are_named(examine, monkeypatch):
    assert examine()["locks"].good
    monkeypatch.setattr(filelock, "FileLock", filelock.SoftFileLock)
    check = examine()["locks"]
    assert not check.good
    assert "soft" in check.found
    assert "XDG_CACHE_HOME" in check.advice


def test_t16_a_lock_that_turns_soft_when_it_is_taken_is_named(examine, monkeypatch):
    class Falls(filelock.SoftFileLock):
        """filelock changes a lock's class like this where the file system has no locks."""

    class Lock(filelock.FileLock):
        def _acquire(self):
            self.__class__ = Falls
            self._acquire()

    monkeypatch.setattr(filelock, "FileLock", Lock)
    assert not examine()["locks"].good


def test_a_file_system_without_locks_is_named(examine, monkeypatch):
    class Lock(filelock.FileLock):
        def _acquire(self):
            raise NotImplementedError("no flock")

    monkeypatch.setattr(filelock, "FileLock", Lock)
    check = examine()["locks"]
    assert not check.good
    assert "no flock" in check.found


@pytest.mark.parametrize("value", ["1", "0", ""])
def test_t16_full_pickles_are_named_however_they_are_set(examine, monkeypatch, value):
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", value)
    check = examine(damover_detector="modelscope")["weights only"]
    assert not check.good
    assert check.advice.startswith("unset TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD")
