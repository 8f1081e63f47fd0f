"""T9 and T15: one site, named by the user; the token goes there and nowhere else."""

import pytest
import requests

from pytest_damover.domain.errors import DamoverError
from pytest_damover.hubs import _redirects, open_hub
from pytest_damover.hubs.modelscope import DEFAULT_ENDPOINT, check_endpoint, default_store

MODEL, TOKEN = "demo/phone", "ms-marker-token"


@pytest.fixture
def logged_in(no_login, monkeypatch):  # noqa: ARG001 - after it
    """A token that is easy to find."""
    monkeypatch.setenv("MODELSCOPE_API_TOKEN", TOKEN)


@pytest.fixture
def second(new_server, monkeypatch):
    """A second site that has the model, and that every setting of the client but the endpoint names."""
    from modelscope_hub import constants

    server = new_server()
    server.publish("tags", "v1", {"configuration.json": b"{}"})
    monkeypatch.setenv("MODELSCOPE_DOMAIN", server.endpoint)
    monkeypatch.setenv("MODELSCOPE_PREFER_AI_SITE", "true")
    monkeypatch.setattr(constants, "DEFAULT_INTL_ENDPOINT", server.endpoint)
    return server


@pytest.mark.parametrize("named_by", ["spec", "environment"])
def test_t9_a_model_that_only_a_second_site_has_is_not_found(second, new_server, tmp_path, monkeypatch, named_by):
    first = new_server()
    first.trees, asked = {}, f"modelscope:{first.endpoint}"
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", second.endpoint if named_by == "spec" else first.endpoint)
    hub = open_hub(asked if named_by == "spec" else "modelscope", tmp_path, tmp_path / "store")
    for name in ("v1", "master", "0" * 40):
        with pytest.raises(DamoverError):
            hub.resolve(MODEL, name)
    assert first.requests
    assert second.requests == []


@pytest.mark.usefixtures("second")
def test_t9_the_endpoint_is_recorded_in_the_revision(remote, loopback):
    assert remote.resolve(MODEL, "v1").hub == f"modelscope:{loopback.endpoint}"


def test_t9_only_listings_and_files_of_the_endpoint_are_asked_for(remote, loopback):
    remote.fetch(remote.resolve(MODEL, "v1"))
    assert {path.partition("?")[0].removeprefix(f"/api/v1/models/{MODEL}/") for path in loopback.requests} == {
        "revisions",
        "repo/files",
        "repo",
    }


def test_t9_a_listing_is_not_taken_from_where_the_endpoint_sends_on_to(remote, loopback, second):
    loopback.faults["list"] = f"redirect {second.endpoint}/api/v1/models/{MODEL}/revisions"
    with pytest.raises(DamoverError, match="leaves the answer to"):
        remote.list_revisions(MODEL)
    assert second.requests == []


def test_bytes_of_a_file_may_come_from_elsewhere_when_they_are_right(remote, loopback, second):
    elsewhere = f"http://localhost:{second.port}/api/v1/models/{MODEL}/repo?Revision=v1&FilePath=configuration.json"
    loopback.faults["configuration.json"] = f"redirect {elsewhere}"
    revision = remote.resolve(MODEL, "v1")
    assert remote.fetch(revision).name == revision.digest
    assert second.downloaded() == ["configuration.json"]


@pytest.mark.usefixtures("logged_in")
def test_t15_the_token_stays_with_the_endpoint_when_a_file_comes_from_elsewhere(loopback, second, store, tmp_path):
    elsewhere = f"http://localhost:{second.port}/api/v1/models/{MODEL}/repo?Revision=v1&FilePath=configuration.json"
    loopback.faults["configuration.json"] = f"redirect {elsewhere}"
    hub = open_hub(f"modelscope:{loopback.endpoint}", tmp_path, store)
    revision = hub.resolve(MODEL, "v1")
    assert hub.fetch(revision).name == revision.digest
    assert all(TOKEN in str(headers) for headers in loopback.headers)
    assert len(second.headers) == 1
    assert TOKEN not in str(second.headers)
    assert not [path for path in store.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]


class Wire(requests.adapters.BaseAdapter):
    """Answers each address with a redirect to the next one of `chain`, and keeps what was sent."""

    def __init__(self, chain):
        super().__init__()
        self.chain, self.sent = chain, []

    def send(self, request, **_):
        self.sent.append((request.url, dict(request.headers)))
        response = requests.Response()
        response.request, response.url, response.raw = request, request.url, None
        response._content = b""
        index = self.chain.index(request.url) + 1
        response.status_code = 302 if index < len(self.chain) else 200
        if index < len(self.chain):
            response.headers["Location"] = self.chain[index]
        return response

    def close(self):
        pass


HOME = "https://hub.example/api/v1/models/demo/phone/repo"


@pytest.fixture
def session_on():
    """A function: the session of a real client for hub.example, on a wire that plays `chain`."""

    def build(chain):
        from modelscope_hub._legacy_api import LegacyClient

        client = LegacyClient(TOKEN, "https://hub.example")
        session, wire = client._read_session, Wire(chain)
        _redirects.guard(session, "https://hub.example", RuntimeError)
        session.mount("https://", wire)
        session.mount("http://", wire)
        client._ensure_session_auth()
        session.get(chain[0], headers=client._headers())
        return wire.sent

    return build


@pytest.mark.usefixtures("no_login")
@pytest.mark.parametrize(
    "elsewhere",
    ["https://cdn.hub.example/x", "https://hub.example:8443/x", "https://other.example/x", "https://xhub.example/x"],
)
def test_t15_no_other_host_port_or_subdomain_gets_the_token(session_on, elsewhere):
    sent = session_on([HOME, elsewhere])
    assert [TOKEN in str(headers) for _, headers in sent] == [True, False]
    assert sent[0][1]["Cookie"]


@pytest.mark.usefixtures("no_login")
def test_t15_the_endpoint_itself_keeps_the_token_on_the_way(session_on):
    assert all(TOKEN in str(headers) for _, headers in session_on([HOME, "https://hub.example/other/repo"]))


@pytest.mark.usefixtures("no_login")
@pytest.mark.parametrize("target", ["http://hub.example/x", "http://cdn.example/x", "ftp://cdn.example/x"])
def test_t9_a_redirect_that_leaves_https_is_not_followed(session_on, target):
    with pytest.raises(RuntimeError, match="which is not https"):
        session_on([HOME, target])


@pytest.mark.usefixtures("logged_in")
def test_t15_the_token_is_in_no_error_text_and_no_revision(loopback, store, tmp_path):
    hub = open_hub(f"modelscope:{loopback.endpoint}", tmp_path, store)
    revision = hub.resolve(MODEL, "v1")
    assert any(TOKEN in str(headers) for headers in loopback.headers)
    loopback.faults["net/weights.pt"] = "echo"
    for call in (lambda: hub.fetch(revision), lambda: hub.resolve(MODEL, "v1")):
        with pytest.raises(DamoverError, match="denied to") as refusal:
            call()
        assert TOKEN not in str(refusal.value)
        assert "secret" not in str(refusal.value)
        assert refusal.value.__suppress_context__
    assert TOKEN not in str(revision.to_json())


def test_t9_no_socket_goes_anywhere_but_to_the_endpoint(remote, monkeypatch):
    import socket

    connect, hosts = socket.socket.connect, []

    def note(self, address):
        hosts.append(address[0])
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", note)
    with pytest.raises(DamoverError):
        remote.list_revisions("demo/tablet")
    remote.fetch(remote.resolve(MODEL, "v1"))
    assert set(hosts) == {"127.0.0.1"}


REFUSED = ["http://www.modelscope.cn", "ftp://127.0.0.1", "www.modelscope.cn", "https://u:p@host", "https://h?t=1"]


@pytest.mark.parametrize("endpoint", [*REFUSED, "http://127.0.0.1.evil.example", "https://", "file:///etc"])
def test_t9_other_endpoints_are_refused(endpoint):
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


def test_t5_nothing_is_written_to_the_clients_cache_or_to_the_home(loopback, tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name in ("MODELSCOPE_HOME", "MODELSCOPE_CACHE"):
        monkeypatch.delenv(name)
    hub = open_hub(f"modelscope:{loopback.endpoint}", tmp_path, tmp_path / "store")
    hub.fetch(hub.resolve(MODEL, "v1"))
    assert list(home.rglob("*")) == []
    assert {path.name for path in tmp_path.iterdir()} == {"home", "store"}
