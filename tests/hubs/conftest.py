"""A server on loopback that speaks the part of ModelScope's protocol that listing and downloading need."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from pytest_damover.hubs import open_hub

MODEL = "demo/phone"


class FakeHub:
    """`trees` is commit -> {path: bytes}; `tags` and `branches` are name -> commit; `faults` is path -> kind."""

    def __init__(self):
        self.trees, self.tags, self.branches = {}, {}, {}
        self.faults, self.requests, self.headers = {}, [], []
        self.serves_commits = True
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server.requests.append(self.path)
                server.headers.append(dict(self.headers))
                status, body, length = server.answer(self.path, self.headers)
                self.send_response(status)
                self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.endpoint = f"http://127.0.0.1:{self._http.server_port}"

    def close(self):
        self._http.shutdown()
        self._http.server_close()

    def publish(self, kind, name, files):
        commit = hashlib.sha1(json.dumps(sorted((k, v.hex()) for k, v in files.items())).encode()).hexdigest()
        self.trees[commit] = files
        getattr(self, kind)[name] = commit
        return commit

    def downloads(self):
        return [path for path in self.requests if "FilePath=" in path]

    def answer(self, address, headers):
        parts = urlsplit(address)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if parts.path == f"/api/v1/models/{MODEL}/revisions":
            listed = {"Tags": self._refs(self.tags), "Branches": self._refs(self.branches)}
            return self._json({"RevisionMap": listed})
        if "echo" in self.faults.values():
            return self._error(403, f"denied to {headers['Authorization']} at {self.endpoint}/x?Signature=secret")
        tree = self._tree(query.get("Revision", "master"))
        if tree is not None and parts.path == f"/api/v1/models/{MODEL}/repo/files":
            return self._json({"Files": self._listing(tree)})
        if tree is not None and parts.path == f"/api/v1/models/{MODEL}/repo" and query["FilePath"] in tree:
            return self._file(query["FilePath"], tree[query["FilePath"]])
        return self._error(404, "not found")

    def _tree(self, revision):
        known = {**self.tags, **self.branches}
        commit = known.get(revision, revision if self.serves_commits else "")
        return self.trees.get(commit)

    def _file(self, path, content):
        fault = self.faults.get(path)
        if fault == "500":
            return 500, b"no", 2
        if fault == "corrupted":
            content = bytes([content[0] ^ 1]) + content[1:]
        if fault == "truncated":
            content = content[:-1]
        return 200, content, len(content)

    def _listing(self, tree):
        folders = sorted({path.rsplit("/", 1)[0] for path in tree if "/" in path})
        entries = [{"Path": folder, "Name": folder, "Type": "tree", "Size": 0} for folder in folders]
        for path, content in tree.items():
            digest = hashlib.sha256(content).hexdigest()
            entries.append({"Path": path, "Name": path, "Type": "blob", "Size": len(content), "Sha256": digest})
        return entries

    def _refs(self, refs):
        at = 1_760_000_000
        return [{"Revision": n, "CommitId": c, "CreatedAt": at, "Message": f"about {n}"} for n, c in refs.items()]

    def _error(self, status, message):
        body = json.dumps({"Code": 10010205001, "Success": False, "Message": message}).encode()
        return status, body, len(body)

    def _json(self, data):
        body = json.dumps({"Code": 200, "Success": True, "Data": data}).encode()
        return 200, body, len(body)


@pytest.fixture
def no_login(monkeypatch, tmp_path):
    """No token, no home of the person who runs the tests, no proxy, no waiting between tries."""
    pytest.importorskip("modelscope_hub")
    from modelscope_hub import _download, _legacy_api

    monkeypatch.setenv("MODELSCOPE_API_TOKEN", "")
    monkeypatch.setenv("MODELSCOPE_HOME", str(tmp_path / "modelscope-home"))
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "modelscope-cache"))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("MODELSCOPE_ENDPOINT", raising=False)
    monkeypatch.setattr(_download, "DOWNLOAD_INTEGRITY_RETRY_BACKOFF", 0.0)
    monkeypatch.setattr(_download, "DOWNLOAD_RETRY_TIMES", 0)
    monkeypatch.setattr(_legacy_api, "REPO_TREE_PAGE_MAX_ATTEMPTS", 1)


@pytest.fixture
def loopback(no_login):  # noqa: ARG001 - fixtures cannot be marked with usefixtures
    """A fake hub with v1, v2 and master, which differ in one byte of the weights."""
    hub = FakeHub()
    for kind, name, last in (("tags", "v2", b"2"), ("tags", "v1", b"1"), ("branches", "master", b"m")):
        hub.publish(kind, name, {"configuration.json": b"{}", "net/weights.pt": b"weights" * 100 + last})
    yield hub
    hub.close()


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def remote(loopback, store, tmp_path):
    return open_hub(f"modelscope:{loopback.endpoint}", tmp_path, store)


@pytest.fixture
def local(tmp_path):
    """A local hub with the same revisions as the server's tags."""
    for tag in ("v1", "v2"):
        folder = tmp_path / "hub" / MODEL / tag
        (folder / "net").mkdir(parents=True)
        (folder / "configuration.json").write_bytes(b"{}")
        (folder / "net" / "weights.pt").write_bytes(b"weights" * 100 + tag[-1:].encode())
    return open_hub("local", tmp_path)
