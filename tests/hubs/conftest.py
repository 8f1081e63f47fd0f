"""A server on loopback that speaks the part of ModelScope's protocol that listing and downloading need."""

import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from pytest_damover.hubs import open_hub

MODEL = "demo/phone"
FILES = {"configuration.json": b"{}", "net/weights.pt": b"weights" * 100}


class FakeHub:
    """`trees` is commit -> {path: bytes}; `tags` and `branches` are name -> commit; `faults` is path -> kind.

    Kinds: `500`; `500 once`; `corrupted` (one bit); `truncated` (the server believes that this is all); `cut` (the
    line breaks half way, once); `drip` (a byte now and then); `stall` (half, then nothing); `echo` (an error text that
    repeats the token); `redirect URL`. `passes` is how many downloads are answered before the others have to wait.
    """

    def __init__(self):
        self.trees, self.tags, self.branches = {}, {}, {}
        self.faults, self.requests, self.headers, self.ranges = {}, [], [], []
        self.serves_commits = self.lists_sha256 = True
        self.passes, self.before_download = None, lambda _number: None
        self._turn, self._closed = threading.Condition(), threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server.requests.append(self.path)
                server.headers.append(dict(self.headers))
                status, headers, chunks = server.answer(self.path, self.headers)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, str(value))
                self.end_headers()
                try:
                    for chunk in chunks:
                        self.wfile.write(chunk)
                        self.wfile.flush()
                except OSError:  # the client has gone
                    self.close_connection = True

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64  # else the ninth caller at once waits a second for its connection

        self._http = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.port = self._http.server_port
        self.endpoint = f"http://127.0.0.1:{self.port}"

    def close(self):
        self._closed.set()
        with self._turn:
            self._turn.notify_all()
        self._http.shutdown()
        self._http.server_close()

    def publish(self, kind, name, files):
        commit = hashlib.sha1(json.dumps(sorted((k, v.hex()) for k, v in files.items())).encode()).hexdigest()
        self.trees[commit] = files
        getattr(self, kind)[name] = commit
        return commit

    def downloads(self):
        return [path for path in self.requests if "FilePath=" in path]

    def downloaded(self):
        """The path of each file that was asked for, in the order of the requests."""
        return [parse_qs(urlsplit(path).query)["FilePath"][0] for path in self.downloads()]

    def let_through(self, passes):
        """Answer that many downloads more (None: all); those that wait are counted when their turn comes."""
        with self._turn:
            self.passes = passes
            self._turn.notify_all()

    def answer(self, address, headers):
        parts = urlsplit(address)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if parts.path == f"/api/v1/models/{MODEL}/revisions":
            if "list" in self.faults:
                return self._faulty("list", b"{}", {})
            return self._json({"RevisionMap": {"Tags": self._refs(self.tags), "Branches": self._refs(self.branches)}})
        if "echo" in self.faults.values():
            return self._error(403, f"denied to {headers['Authorization']} at {self.endpoint}/x?Signature=secret")
        if parts.path == f"/api/v1/models/{MODEL}/repo" and self._waited_for_its_turn():
            self.before_download(len(self.downloads()))
        tree = self._tree(query.get("Revision", "master"))
        if tree is not None and parts.path == f"/api/v1/models/{MODEL}/repo/files":
            return self._json({"Files": self._listing(tree)})
        if tree is not None and parts.path == f"/api/v1/models/{MODEL}/repo" and query["FilePath"] in tree:
            return self._faulty(query["FilePath"], tree[query["FilePath"]], headers)
        return self._error(404, "not found")

    def _waited_for_its_turn(self):
        with self._turn:
            self._turn.wait_for(lambda: self.passes is None or self.passes > 0 or self._closed.is_set())
            if self.passes is not None:
                self.passes -= 1
        return True

    def _tree(self, revision):
        known = {**self.tags, **self.branches}
        commit = known.get(revision, revision if self.serves_commits else "")
        return self.trees.get(commit)

    def _faulty(self, path, content, headers):
        fault = self.faults.get(path, "")
        if fault.startswith("500"):
            if fault == "500 once":
                del self.faults[path]
            return self._error(500, "no")
        if fault.startswith("redirect "):
            return 302, {"Location": fault.partition(" ")[2], "Content-Length": 0}, ()
        if fault == "corrupted":
            content = bytes([content[0] ^ 1]) + content[1:]
        if fault == "truncated":
            content = content[:-1]
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", headers.get("Range") or "")
        self.ranges.append((path, int(asked[1]) if asked else 0))
        status, answered, start = 200, {}, 0
        if asked and int(asked[1]) < len(content):
            status, start = 206, int(asked[1])
            answered["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        body = content[start:]
        return status, {**answered, "Content-Length": len(body)}, self._chunks(path, fault, body)

    def _chunks(self, path, fault, body):
        half = len(body) // 2
        if fault == "cut":
            del self.faults[path]
            yield body[:half]
            raise ConnectionError("cut")
        if fault == "stall":
            yield body[:half]
            self._closed.wait()
        elif fault == "drip":
            for index in range(len(body)):
                yield body[index : index + 1]
                if self._closed.wait(0.02):
                    return
        else:
            yield body

    def _listing(self, tree):
        folders = sorted({path.rsplit("/", 1)[0] for path in tree if "/" in path})
        entries = [{"Path": folder, "Name": folder, "Type": "tree", "Size": 0} for folder in folders]
        for path, content in tree.items():
            entry = {"Path": path, "Name": path, "Type": "blob", "Size": len(content)}
            entries.append({**entry, "Sha256": hashlib.sha256(content).hexdigest() if self.lists_sha256 else ""})
        return entries

    def _refs(self, refs):
        at = 1_760_000_000
        return [{"Revision": n, "CommitId": c, "CreatedAt": at, "Message": f"about {n}"} for n, c in refs.items()]

    def _error(self, status, message):
        body = json.dumps({"Code": 10010205001, "Success": False, "Message": message}).encode()
        return status, {"Content-Length": len(body)}, (body,)

    def _json(self, data):
        body = json.dumps({"Code": 200, "Success": True, "Data": data}).encode()
        return 200, {"Content-Length": len(body)}, (body,)


NO_WAITING = {
    "MODELSCOPE_API_MAX_RETRIES": "1",
    "MODELSCOPE_DOWNLOAD_MAX_RETRIES": "0",
    "MODELSCOPE_API_TOKEN": "",
    "NO_PROXY": "*",
}


@pytest.fixture
def no_login(monkeypatch, tmp_path):
    """No token, no home of the person who runs the tests, no proxy, no waiting between tries."""
    pytest.importorskip("modelscope_hub")
    from modelscope_hub import _download, _legacy_api

    for name, value in NO_WAITING.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MODELSCOPE_HOME", str(tmp_path / "modelscope-home"))
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "modelscope-cache"))
    monkeypatch.delenv("MODELSCOPE_ENDPOINT", raising=False)
    monkeypatch.setattr(_download, "DOWNLOAD_INTEGRITY_RETRY_BACKOFF", 0.0)
    monkeypatch.setattr(_download, "DOWNLOAD_RETRY_TIMES", 0)
    monkeypatch.setattr(_legacy_api, "REPO_TREE_PAGE_MAX_ATTEMPTS", 1)
    monkeypatch.setattr(_legacy_api.LegacyClient.__init__, "__defaults__", (60, 0, None))


@pytest.fixture
def new_server(no_login):  # noqa: ARG001 - fixtures cannot be marked with usefixtures
    """A function that starts another empty server."""
    servers = []

    def start():
        servers.append(FakeHub())
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def loopback(new_server):
    """A fake hub with v1, v2 and master, which differ in one byte of the weights."""
    hub = new_server()
    for kind, name, last in (("tags", "v2", b"2"), ("tags", "v1", b"1"), ("branches", "master", b"m")):
        hub.publish(kind, name, {**FILES, "net/weights.pt": FILES["net/weights.pt"] + last})
    return hub


@pytest.fixture
def many_files(loopback):
    """A revision `many` of six files, the last of them larger than one read."""
    files = {f"part{number}.bin": bytes([number]) * 1000 for number in range(5)}
    loopback.publish("tags", "many", {**files, "net/big.pt": bytes(range(256)) * 1200})
    return loopback


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def shelved(store):
    """A function: the names of the revisions in the store, of which each must be a digest."""

    def names():
        return sorted(path.name for path in store.glob("*") if not path.name.startswith("."))

    return names


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
