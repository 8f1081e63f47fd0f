"""The real client against a server on loopback."""

import hashlib
import threading

import pytest

from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.domain.revision import FileEntry, manifest_digest
from pytest_damover.hubs import open_hub
from pytest_damover.hubs.modelscope import DEFAULT_ENDPOINT, check_endpoint, default_store

MODEL = "demo/phone"


def test_tags_come_before_branches_with_commit_date_and_message(remote, loopback):
    v1, v2, master = remote.list_revisions(MODEL)
    assert (v1.kind, v2.kind, master.kind) == ("tag", "tag", "branch")
    assert (v1.name, v1.commit, v1.message) == ("v1", loopback.tags["v1"], "about v1")
    assert v1.created_at == "2025-10-09T08:53:20+00:00"


@pytest.mark.parametrize("tag", ["v1", "v2", "master"])
def test_the_digest_of_what_is_fetched_is_that_of_the_asked_tag(remote, loopback, tag):
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


def test_eight_fetches_at_once_load_each_file_once(remote, loopback):
    revision = remote.resolve(MODEL, "v1")
    threads = [threading.Thread(target=remote.fetch, args=(revision,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loopback.downloads()) == 2


@pytest.mark.parametrize("fault", ["truncated", "corrupted", "500"])
def test_a_bad_file_is_refused_by_name_and_leaves_no_folder(remote, loopback, shelved, fault):
    revision = remote.resolve(MODEL, "v1")
    loopback.faults["net/weights.pt"] = fault
    with pytest.raises(DamoverError, match=r"net/weights\.pt") as refusal:
        remote.fetch(revision)
    assert refusal.value.faults[0].code is Code.HUB
    assert shelved() == []
    loopback.faults.clear()
    assert remote.fetch(revision).name == revision.digest


@pytest.mark.parametrize("damage", ["extra", "changed"])
def test_the_client_is_not_believed_either(remote, shelved, monkeypatch, damage):
    from modelscope_hub import HubApi

    honest = HubApi.download_repo

    def lying(self, *arguments, local_dir, **options):
        honest(self, *arguments, local_dir=local_dir, **options)
        (local_dir / ("more.py" if damage == "extra" else "configuration.json")).write_bytes(b"[]")

    monkeypatch.setattr(HubApi, "download_repo", lying)
    with pytest.raises(DamoverError, match=r"more\.py|configuration\.json"):
        remote.fetch(remote.resolve(MODEL, "v1"))
    assert shelved() == []


def test_a_download_is_silent_without_a_terminal(remote, capfd):
    remote.fetch(remote.resolve(MODEL, "v1"))
    assert capfd.readouterr() == ("", "")


def test_a_tag_that_moves_after_it_was_resolved_changes_nothing(remote, loopback):
    revision = remote.resolve(MODEL, "v1")
    loopback.publish("tags", "v1", {"configuration.json": b"{}", "net/weights.pt": b"other"})
    assert (remote.fetch(revision) / "net" / "weights.pt").read_bytes().endswith(b"1")
    assert remote.resolve(MODEL, "v1").digest != revision.digest


def test_a_hub_that_serves_no_commits_is_asked_by_tag_and_a_moved_tag_is_refused(remote, loopback, shelved):
    loopback.serves_commits = False
    revision = remote.resolve(MODEL, "v1")
    assert revision.commit is None
    loopback.publish("tags", "v1", {"configuration.json": b"{}", "net/weights.pt": b"weights" * 100 + b"x"})
    with pytest.raises(DamoverError, match=r"net/weights\.pt"):
        remote.fetch(revision)
    assert shelved() == []


def test_a_folder_changed_in_the_store_is_refused(remote):
    revision = remote.resolve(MODEL, "v1")
    folder = remote.fetch(revision)
    (folder / "configuration.json").chmod(0o644)
    (folder / "configuration.json").write_bytes(b"[]")
    with pytest.raises(DamoverError, match=r"configuration\.json has SHA-256"):
        remote.fetch(revision)


@pytest.mark.parametrize("path", ["../evil.py", "/etc/evil", "a/../../evil", "c:\\evil", "a//b"])
def test_a_listed_path_that_leaves_the_folder_is_refused(remote, loopback, path):
    loopback.publish("tags", "v3", {path: b"x"})
    with pytest.raises(DamoverError, match="the hub lists a file") as refusal:
        remote.resolve(MODEL, "v3")
    assert refusal.value.faults[0].code is Code.REVISION_TREE


def test_an_unknown_commit_id_lists_what_exists(remote):
    with pytest.raises(DamoverError, match="v1, v2, master") as refusal:
        remote.resolve(MODEL, "0" * 40)
    assert refusal.value.faults[0].code is Code.REVISION_UNKNOWN


def test_the_token_is_in_no_error_text(loopback, store, tmp_path, monkeypatch):
    monkeypatch.setenv("MODELSCOPE_API_TOKEN", "ms-marker-token")
    hub = open_hub(f"modelscope:{loopback.endpoint}", tmp_path, store)
    revision = hub.resolve(MODEL, "v1")
    assert any("ms-marker-token" in str(headers) for headers in loopback.headers)
    loopback.faults["net/weights.pt"] = "echo"
    for call in (lambda: hub.fetch(revision), lambda: hub.resolve(MODEL, "v1")):
        with pytest.raises(DamoverError, match="denied to") as refusal:
            call()
        assert "ms-marker-token" not in str(refusal.value)
        assert "secret" not in str(refusal.value)
        assert refusal.value.__suppress_context__
    assert "ms-marker-token" not in str(revision.to_json())


def test_only_the_given_endpoint_is_asked(remote, monkeypatch):
    import socket

    connect = socket.socket.connect
    hosts = []

    def note(self, address):
        hosts.append(address[0])
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", note)
    with pytest.raises(DamoverError):
        remote.list_revisions("demo/tablet")
    remote.fetch(remote.resolve(MODEL, "v1"))
    assert set(hosts) == {"127.0.0.1"}


@pytest.mark.parametrize(
    "endpoint",
    ["http://www.modelscope.cn", "ftp://127.0.0.1", "www.modelscope.cn", "https://u:p@host", "https://h?t=1"],
)
def test_other_endpoints_are_refused(endpoint):
    with pytest.raises(DamoverError, match="endpoint"):
        check_endpoint(endpoint)


def test_the_endpoint_comes_from_spec_then_environment_then_default(tmp_path, monkeypatch):
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", "https://hub.example/")
    assert open_hub("modelscope:https://other.example", tmp_path).name == "modelscope:https://other.example"
    assert open_hub("modelscope", tmp_path).name == "modelscope:https://hub.example"
    monkeypatch.delenv("MODELSCOPE_ENDPOINT")
    assert open_hub("modelscope", tmp_path).name == f"modelscope:{DEFAULT_ENDPOINT}"


def test_the_store_is_in_the_users_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_store() == tmp_path / "pytest-damover" / "models"


def test_nothing_is_written_outside_the_store(remote, store, tmp_path):
    remote.fetch(remote.resolve(MODEL, "v1"))
    written = {path.name for path in tmp_path.iterdir()}
    assert written <= {"store", "modelscope-home"}
    assert store.is_dir()
