"""What the real client does with a server that is slow, broken, lying or changing: a clear fault, never a mixture."""

import socket
import time

import pytest

from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.hubs import UnreachableError, open_hub

MODEL = "demo/phone"
WEIGHTS = "net/weights.pt"
OTHER = {"configuration.json": b"[]", WEIGHTS: b"weights" * 100 + b"x"}


@pytest.fixture
def impatient(no_login, monkeypatch):  # noqa: ARG001 - after it
    """A client that waits for a third of a second where it waits for minutes otherwise."""
    from modelscope_hub import _download, _legacy_api

    monkeypatch.setattr(_legacy_api, "DOWNLOAD_TIMEOUT", 0.3)
    monkeypatch.setattr(_legacy_api.LegacyClient.__init__, "__defaults__", (0.3, 0, None))
    monkeypatch.setattr(_download, "DOWNLOAD_LOW_SPEED_WINDOW_SECONDS", 0.3)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", ["stall", "drip"])
def test_a_server_that_stands_still_or_drips_ends_with_a_fault_in_bounded_time(remote, loopback, shelved, fault):
    revision = remote.resolve(MODEL, "v1")
    loopback.faults[WEIGHTS] = fault
    began = time.monotonic()
    with pytest.raises(UnreachableError, match=WEIGHTS) as refusal:
        remote.fetch(revision)
    assert time.monotonic() - began < 10
    assert refusal.value.faults[0].code is Code.HUB
    assert shelved() == []


@pytest.mark.usefixtures("impatient")
def test_a_listing_that_stands_still_ends_with_a_fault_in_bounded_time(loopback, store, tmp_path):
    loopback.faults["list"] = "stall"
    hub = open_hub(f"modelscope:{loopback.endpoint}", tmp_path, store)
    with pytest.raises(UnreachableError):
        hub.list_revisions(MODEL)


def test_a_server_that_drips_fast_enough_is_waited_for(remote, loopback):
    revision = remote.resolve(MODEL, "v1")
    loopback.faults["configuration.json"] = "drip"
    assert remote.fetch(revision).name == revision.digest


def test_an_error_of_the_server_is_tried_again(remote, loopback, monkeypatch):
    from modelscope_hub import _download

    monkeypatch.setattr(_download, "DOWNLOAD_RETRY_TIMES", 2)
    revision = remote.resolve(MODEL, "v1")
    loopback.faults[WEIGHTS] = "500 once"
    assert remote.fetch(revision).name == revision.digest
    assert loopback.downloaded().count(WEIGHTS) == 2


def test_a_line_that_breaks_is_taken_up_where_it_broke(remote, loopback, monkeypatch):
    from modelscope_hub import _download

    monkeypatch.setattr(_download, "DOWNLOAD_RETRY_TIMES", 2)
    revision = remote.resolve(MODEL, "v1")
    loopback.faults[WEIGHTS] = "cut"
    assert remote.fetch(revision).name == revision.digest
    assert [start for path, start in loopback.ranges if path == WEIGHTS] == [0, 350]


def test_an_error_of_the_server_that_stays_is_a_hub_that_cannot_be_reached(remote, loopback, shelved):
    revision = remote.resolve(MODEL, "v1")
    loopback.faults |= {WEIGHTS: "500", "list": "500"}
    for call in (lambda: remote.fetch(revision), lambda: remote.list_revisions(MODEL)):
        with pytest.raises(UnreachableError) as refusal:
            call()
        assert refusal.value.faults[0].code is Code.HUB
    assert shelved() == []


def test_a_port_where_nobody_listens_is_a_hub_that_cannot_be_reached(remote, loopback):
    revision = remote.resolve(MODEL, "v1")
    loopback.close()
    for call in (lambda: remote.fetch(revision), lambda: remote.resolve(MODEL, "v1")):
        with pytest.raises(UnreachableError):
            call()


def test_no_network_is_known_within_seconds(loopback, store, tmp_path, monkeypatch):
    from modelscope_hub import _legacy_api

    monkeypatch.setattr(_legacy_api.LegacyClient.__init__, "__defaults__", (60, 5, None))  # as the client has it
    loopback.close()
    began = time.monotonic()
    with pytest.raises(UnreachableError):
        open_hub(f"modelscope:{loopback.endpoint}", tmp_path, store).list_revisions(MODEL)
    assert time.monotonic() - began < 5


@pytest.mark.usefixtures("no_login")
def test_a_name_that_nobody_knows_is_a_hub_that_cannot_be_reached(store, tmp_path, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(UnreachableError):
        open_hub("modelscope:https://hub.invalid", tmp_path, store).list_revisions(MODEL)


@pytest.mark.parametrize("fault", ["corrupted", "truncated", "echo"])
def test_a_hub_that_answers_wrongly_or_no_was_reached(remote, loopback, shelved, fault):
    revision = remote.resolve(MODEL, "v1")
    loopback.faults[WEIGHTS] = fault
    with pytest.raises(DamoverError) as refusal:
        remote.fetch(revision)
    assert not isinstance(refusal.value, UnreachableError)
    assert refusal.value.faults[0].code is Code.HUB
    assert shelved() == []


def test_a_model_that_the_hub_lacks_is_a_wrong_name(remote):
    with pytest.raises(DamoverError, match="has no model demo/tablet") as refusal:
        remote.resolve("demo/tablet", "v1")
    assert not isinstance(refusal.value, UnreachableError)
    assert refusal.value.faults[0].code is Code.REVISION_UNKNOWN


def test_a_listing_without_sha_256_is_refused(remote, loopback):
    loopback.lists_sha256 = False
    with pytest.raises(DamoverError, match=r"gives no SHA-256 for 'configuration\.json'"):
        remote.resolve(MODEL, "v1")
    assert loopback.downloads() == []


def test_a_listing_of_nothing_is_refused(remote, loopback):
    loopback.publish("tags", "v3", {})
    with pytest.raises(DamoverError, match="the endpoint lists no file"):
        remote.resolve(MODEL, "v3")


@pytest.mark.parametrize("serves_commits", [True, False])
def test_t3_a_tag_that_moves_between_two_runs_is_another_revision(remote, loopback, shelved, serves_commits):
    loopback.serves_commits = serves_commits
    before = remote.resolve(MODEL, "v1")
    remote.fetch(before)
    loopback.publish("tags", "v1", OTHER)
    after = remote.resolve(MODEL, "v1")
    assert (remote.fetch(after) / WEIGHTS).read_bytes() == OTHER[WEIGHTS]
    assert (remote.fetch(before) / WEIGHTS).read_bytes()[-1:] == b"1"
    assert shelved() == sorted((before.digest, after.digest))


@pytest.mark.parametrize("serves_commits", [True, False])
@pytest.mark.parametrize("number", [1, 2])
def test_t3_a_tag_that_moves_within_a_download_gives_no_mixture(remote, loopback, shelved, serves_commits, number):
    loopback.serves_commits = serves_commits
    revision = remote.resolve(MODEL, "v1")
    first = dict(loopback.trees[loopback.tags["v1"]])

    def move(count):
        if count >= number:
            loopback.publish("tags", "v1", OTHER)

    loopback.before_download = move
    if serves_commits:
        folder = remote.fetch(revision)
        assert {path: (folder / path).read_bytes() for path in first} == first
        return
    with pytest.raises(DamoverError):
        remote.fetch(revision)
    assert shelved() == []


def test_t3_a_tag_that_moves_between_its_commit_and_its_files_gives_the_commit(remote, loopback):
    commit, honest = loopback.tags["v1"], loopback._refs

    def listed_then_moved(refs):
        answer = honest(refs)
        loopback.publish("tags", "v1", OTHER)
        return answer

    loopback._refs = listed_then_moved
    revision = remote.resolve(MODEL, "v1")
    assert revision.commit == commit
    assert (remote.fetch(revision) / WEIGHTS).read_bytes()[-1:] == b"1"
