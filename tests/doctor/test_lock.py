import pytest

from pytest_damover import hubs, lock


@pytest.fixture
def locked(tmp_path, examine):
    """Locks v1, with a consent for other bytes."""
    del examine  # which makes the hub
    revision = hubs.open_hub("local", tmp_path).resolve("acme/phones", "v1")
    consent = lock.Consent("c" * 64, "me", "2026-01-01T00:00:00+00:00")
    path = tmp_path / lock.FILE_NAME
    lock.write_lock(path, lock.Lock({(revision.model, "v1"): revision}, {consent.digest: consent}))
    return path


def test_a_lock_is_told_with_its_consents(examine, locked):
    check = examine()["lock"]
    assert check.good
    assert check.found == "1 revision, 1 consent, 1 of them for bytes that are not locked"
    assert locked.exists()


@pytest.mark.parametrize(
    ("keys", "ci", "good"),
    [
        ({}, "", True),
        ({}, "true", False),
        ({"damover_locked": "true"}, "", False),
        ({"damover_locked": "no"}, "true", True),
    ],
)
def test_a_lock_that_is_not_there_matters_where_runs_are_locked(examine, monkeypatch, keys, ci, good):
    monkeypatch.setenv("CI", ci)
    check = examine(**keys)["lock"]
    assert check.good is good
    assert "damover lock" in check.advice


def test_a_lock_that_cannot_be_read_is_named(examine, locked):
    locked.write_text("{}")
    assert not examine()["lock"].good


@pytest.mark.usefixtures("locked")
def test_a_name_that_no_longer_means_the_locked_bytes_is_named(examine, tmp_path):
    (tmp_path / "hub/acme/phones/v1/weights.pt").write_text("others")
    checks = examine()
    assert checks["lock"].good
    assert not checks["locked bytes"].good
    assert "weights.pt" in checks["locked bytes"].found
    (tmp_path / "hub/acme/phones/v1").rename(tmp_path / "hub/acme/phones/v2")
    assert "v1" in examine()["locked bytes"].found
