import http.server
import json
import threading
from types import SimpleNamespace

import pytest

from pytest_damover import hubs


@pytest.mark.parametrize(
    ("keys", "name", "said"),
    [
        ({"damover_model": ""}, "model", "none is set"),
        ({"damover_model": "acme/none"}, "hub", "acme/none"),
        ({"damover_hub": "nowhere"}, "hub", "nowhere"),
        ({"damover_hub": "modelscope:http://example.org"}, "endpoint", "damover_hub"),
        ({"damover_hub": "modelscope:https://me:MARKER-1@example.org"}, "endpoint", "damover_hub"),
    ],
    ids=str,
)
def test_a_hub_or_model_that_is_not_there_is_named(examine, keys, name, said):
    check = examine(**keys)[name]
    assert not check.good
    assert said in check.found
    assert check.advice
    assert "MARKER" not in check.found + check.advice


@pytest.fixture
def site():
    """A site that answers every question with one status, and the questions that it was asked."""
    asked = []

    class Answer(http.server.BaseHTTPRequestHandler):
        status = 200

        def do_GET(self):
            asked.append((self.path, dict(self.headers)))
            self.send_response(self.status)
            if self.status == 302:
                self.send_header("Location", "http://127.0.0.1:9/other")
            self.end_headers()

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}", answer=Answer, asked=asked)
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("status", "good"), [(200, True), (302, True), (404, True), (500, False), (503, False)])
def test_an_endpoint_that_answers_is_reachable_wherever_it_points(examine, site, status, good):
    site.answer.status = status
    check = examine(damover_hub=f"modelscope:{site.url}", damover_model="")["endpoint"]
    assert check.good is good
    assert site.url in check.found
    assert len(site.asked) == 1


@pytest.mark.parametrize("source", ["damover_hub", "MODELSCOPE_ENDPOINT"])
def test_it_is_told_where_the_endpoint_comes_from(examine, site, monkeypatch, source):
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", "https://other.invalid" if source == "damover_hub" else site.url)
    place = f":{site.url}" if source == "damover_hub" else ""
    check = examine(damover_hub=f"modelscope{place}", damover_model="")["endpoint"]
    assert check.good
    assert source in check.found


def test_t15_the_endpoint_is_asked_without_a_token(examine, site, monkeypatch):
    monkeypatch.setenv("MODELSCOPE_API_TOKEN", "MARKER-2")
    checks = examine(damover_hub=f"modelscope:{site.url}", damover_model="")
    assert "MARKER-2" not in json.dumps(site.asked)
    assert not [check for check in checks.values() if "MARKER-2" in check.found + check.advice]


def test_an_endpoint_that_does_not_answer_is_named_and_not_asked_again(examine, monkeypatch):
    monkeypatch.setattr(hubs, "open_hub", lambda *_: pytest.fail("was asked again"))
    checks = examine(damover_hub="modelscope:http://127.0.0.1:9")
    assert not checks["endpoint"].good
    assert "damover_offline" in checks["endpoint"].advice
    assert "hub" not in checks


def test_offline_nothing_is_asked(examine):
    checks = examine(damover_hub="modelscope:http://127.0.0.1:9", damover_offline="true")
    assert checks["endpoint"].good
    assert "hub" not in checks
