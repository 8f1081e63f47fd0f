import os
from pathlib import Path

import pytest

from pytest_damover.doctor import _store

KEYS = {"damover_hub": "modelscope:http://127.0.0.1:9", "damover_offline": "true"}


@pytest.fixture
def store(tmp_path):
    """A store with one revision of 3 MiB and a download of 1 MiB that was killed."""
    root = tmp_path / "cache/pytest-damover/models"
    for name, size in (("a" * 64, 3 << 20), (".staging-" + "b" * 64, 1 << 20)):
        (root / name).mkdir(parents=True)
        (root / name / "weights.pt").write_bytes(bytes(size))
    return root


def test_the_store_is_told(examine, store):
    checks = examine(**KEYS)
    assert f"{store}: 1 revision, 3.0 MiB" in checks["store"].found
    assert checks["store"].good
    assert checks["leftovers"].good
    assert "1 download not ended, 1.0 MiB" in checks["leftovers"].found


def test_a_store_that_is_not_there_yet_is_fine(examine, store):
    store.rename(store.with_name("moved"))
    check = examine(**KEYS)["store"]
    assert check.good
    assert "not there yet" in check.found


def test_a_store_without_room_or_leave_is_named(examine, store, monkeypatch):
    monkeypatch.setattr(_store, "LEAST_FREE_BYTES", 2**60)
    assert not examine(**KEYS)["store"].good
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(store.parents[1]))
    monkeypatch.setattr(_store.os, "access", lambda path, mode: mode == os.R_OK or Path(path) != store)
    check = _store._room(store, store, 0, 0)
    assert not check.good
    assert "may not be written" in check.found
