import json

import pytest

from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.domain.revision import FileEntry, Revision
from pytest_damover.lock import check_locked, differences, read_lock, write_lock

A, B, C = ("a" * 64, "b" * 64, "c" * 64)


def revision(tag="v1", model="demo/phone", weights=A, name=None, extra=()):
    files = (FileEntry("configuration.json", 2, C), FileEntry("weights.pt", 700, weights), *extra)
    return Revision(name or tag, tag, model, "local", "f" * 40, files)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "revisions.lock"


def test_what_is_written_is_read(path):
    both = [revision("v2", weights=B), revision("v1")]
    write_lock(path, both)
    assert read_lock(path) == {("demo/phone", "v2"): both[0], ("demo/phone", "v1"): both[1]}


def test_the_text_does_not_depend_on_the_order_and_a_changed_file_is_two_changed_lines(path):
    write_lock(path, [revision("v1"), revision("v2")])
    first = path.read_text()
    write_lock(path, [revision("v2"), revision("v1")])
    assert path.read_text() == first
    write_lock(path, [revision("v2"), revision("v1", weights=B)])
    changed = [line for line in path.read_text().splitlines() if line not in first.splitlines()]
    assert len(changed) == 2


def test_an_unchanged_revision_passes_under_any_alias(path):
    write_lock(path, [revision("v1")])
    check_locked(path, [revision("v1", name="current")])


def test_a_moved_tag_is_refused_with_each_file_named(path):
    write_lock(path, [revision("v1")])
    moved = revision("v1", weights=B, extra=(FileEntry("evil.py", 1, B),))
    with pytest.raises(DamoverError, match="damover lock") as refusal:
        check_locked(path, [moved])
    assert [fault.code for fault in refusal.value.faults] == [Code.LOCK] * 2
    text = str(refusal.value)
    assert "evil.py is new" in text
    assert "weights.pt was 700 bytes with SHA-256 aaaaaaaaaaaa and is 700 bytes with SHA-256 bbbbbbbbbbbb" in text


@pytest.mark.parametrize("other", [revision("v2"), revision("v1", model="demo/tablet")])
def test_a_revision_that_is_not_locked_is_refused(path, other):
    write_lock(path, [revision("v1")])
    with pytest.raises(DamoverError, match=f"{other.model} {other.tag} is not locked"):
        check_locked(path, [revision("v1"), other])


def test_a_file_that_is_gone_is_named():
    assert differences(revision().files, revision().files[:1]) == ("weights.pt is gone",)


def test_a_missing_lock_is_refused(path):
    with pytest.raises(DamoverError) as refusal:
        read_lock(path)
    assert refusal.value.faults[0].code is Code.LOCK


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 2, "models": {}}', '{"schema": 1, "models": {"m": []}}'])
def test_another_file_is_no_lock(path, text):
    path.write_text(text)
    with pytest.raises(DamoverError) as refusal:
        read_lock(path)
    assert refusal.value.faults[0].code is Code.LOCK


def test_a_lock_edited_by_hand_contradicts_itself(path):
    write_lock(path, [revision("v1")])
    data = json.loads(path.read_text())
    data["models"]["demo/phone"]["v1"]["files"]["weights.pt"]["sha256"] = B
    path.write_text(json.dumps(data))
    with pytest.raises(DamoverError, match="its digest is not that of its files"):
        read_lock(path)
