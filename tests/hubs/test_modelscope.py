"""The real client against a server on loopback."""

import hashlib

import pytest

from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.domain.revision import FileEntry, manifest_digest
from pytest_damover.hubs import open_hub

MODEL = "demo/phone"


def test_tags_come_before_branches_with_commit_date_and_message(remote, loopback):
    v1, v2, master = remote.list_revisions(MODEL)
    assert (v1.kind, v2.kind, master.kind) == ("tag", "tag", "branch")
    assert (v1.name, v1.commit, v1.message) == ("v1", loopback.tags["v1"], "about v1")
    assert v1.created_at == "2025-10-09T08:53:20+00:00"


@pytest.mark.parametrize("tag", ["v1", "v2", "master"])
def test_t3_the_digest_of_what_is_fetched_is_that_of_the_asked_tag(remote, loopback, tag):
    commit = {**loopback.tags, **loopback.branches}[tag]
    content = loopback.trees[commit]
    files = [FileEntry(path, len(data), hashlib.sha256(data).hexdigest()) for path, data in content.items()]
    revision = remote.resolve(MODEL, tag)
    folder = remote.fetch(revision)
    assert revision.digest == manifest_digest(files) == folder.name
    assert {p: (folder / p).read_bytes() for p in content} == content
    assert all(f"Revision={commit}" in path for path in loopback.downloads())


def test_the_same_commit_by_its_id(remote, loopback):
    by_id = remote.resolve(MODEL, loopback.tags["v1"])
    assert by_id.digest == remote.resolve(MODEL, "v1").digest


def test_a_second_fetch_asks_nothing(remote, loopback, store, tmp_path, shelved):
    revision = remote.resolve(MODEL, "v1")
    first = remote.fetch(revision)
    loopback.close()
    assert remote.fetch(revision) == first
    assert open_hub(f"modelscope:{loopback.endpoint}", tmp_path, store).fetch(revision) == first
    assert len(loopback.downloads()) == 2
    assert shelved() == [revision.digest]


@pytest.mark.parametrize("damage", ["extra", "changed"])
def test_t5_the_client_is_not_believed_either(remote, shelved, monkeypatch, damage):
    from modelscope_hub import HubApi

    honest = HubApi.download_repo

    def lying(self, *arguments, local_dir, **options):
        honest(self, *arguments, local_dir=local_dir, **options)
        (local_dir / ("more.py" if damage == "extra" else "configuration.json")).write_bytes(b"[]")

    monkeypatch.setattr(HubApi, "download_repo", lying)
    with pytest.raises(DamoverError, match=r"more\.py|configuration\.json"):
        remote.fetch(remote.resolve(MODEL, "v1"))
    assert shelved() == []


def test_t3_a_hub_that_serves_no_commits_is_asked_by_tag_and_a_moved_tag_is_refused(remote, loopback, shelved):
    loopback.serves_commits = False
    revision = remote.resolve(MODEL, "v1")
    assert revision.commit is None
    loopback.publish("tags", "v1", {"configuration.json": b"{}", "net/weights.pt": b"weights" * 100 + b"x"})
    with pytest.raises(DamoverError, match=r"net/weights\.pt"):
        remote.fetch(revision)
    assert shelved() == []


def test_t6_c6_a_folder_changed_in_the_store_is_refused(remote):
    revision = remote.resolve(MODEL, "v1")
    folder = remote.fetch(revision)
    (folder / "configuration.json").chmod(0o644)
    (folder / "configuration.json").write_bytes(b"[]")
    with pytest.raises(DamoverError, match=r"configuration\.json has SHA-256"):
        remote.fetch(revision)


@pytest.mark.parametrize("path", ["../evil.py", "/etc/evil", "a/../../evil", "c:\\evil", "a//b"])
def test_t6_a_listed_path_that_leaves_the_folder_is_refused(remote, loopback, path):
    loopback.publish("tags", "v3", {path: b"x"})
    with pytest.raises(DamoverError, match="the hub lists a file") as refusal:
        remote.resolve(MODEL, "v3")
    assert refusal.value.faults[0].code is Code.REVISION_TREE


def test_an_unknown_commit_id_lists_what_exists(remote):
    with pytest.raises(DamoverError, match="v1, v2, master") as refusal:
        remote.resolve(MODEL, "0" * 40)
    assert refusal.value.faults[0].code is Code.REVISION_UNKNOWN
