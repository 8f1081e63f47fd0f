"""Which bytes are judged, whether they stay the same, and whose word lets code run."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "hub/demo/damoyolo_phone/v1.0.0"
needs_modelscope = pytest.mark.skipif(find_spec("modelscope") is None, reason="needs the modelscope extra")
CHANGES = """
from pathlib import Path

def test_changes_a_file(revision):
    if revision.name == "{name}":
        path = Path("hub/acme/phones/{name}/detections.json")
        path.write_text(path.read_text() + " ")
"""


@pytest.mark.parametrize("name", ["v1", "v2"])
def test_t8_a_file_that_changes_during_the_run_makes_it_inconclusive(toy, name):
    toy.test_file(CHANGES.format(name=name))
    result = toy.compare()
    assert result.ret == 20
    assert ("revisions", "INCONCLUSIVE") in toy.bad_findings()
    found = next(one for one in toy.findings() if one["rule"] == "revisions")
    assert found["reason"] == "revision-changed"
    assert f"{name} changed while it was judged: detections.json has" in found["message"]


def test_t8_every_loaded_revision_is_hashed_again_at_the_end(toy):
    assert toy.compare().ret == 0
    kinds = [record["kind"] for record in toy.journal]
    assert kinds[-3:] == ["verify", "verify", "end"]
    assert {record["revision"] for record in toy.journal if record["kind"] == "verify"} == {"v1", "v2"}
    assert [one["verdict"] for one in toy.findings() if one["rule"] == "revisions"] == ["PASS"]


@pytest.fixture
def twins(toy):
    """v2 is a copy of v1."""
    shutil.rmtree(toy.root / "hub/acme/phones/v2")
    shutil.copytree(toy.root / "hub/acme/phones/v1", toy.root / "hub/acme/phones/v2")
    return toy


def test_t4_two_names_of_one_digest_are_inconclusive(twins):
    assert twins.compare().ret == 20
    assert ("identical", "INCONCLUSIVE") in twins.bad_findings()


def test_t4_two_names_of_one_digest_are_compared_when_that_is_asked_for(twins):
    assert twins.compare("--damover-allow-identical").ret == 0
    assert twins.verdict["counts"]["run"] == 8
    reasons = {one["rule"]: one["reason"] for one in twins.findings()}
    assert reasons["identical"] == "identical-allowed"


def test_t4_one_name_cannot_be_compared_with_itself_even_then(toy):
    assert toy.run("--revisions", "v1,v1", "--damover-allow-identical").ret == 20


def test_words_for_one_candidate_are_not_two_candidates(toy):
    result = toy.run("--revisions", "v1,latest,>=2")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*latest and >=2 are all v2*"])


def test_latest_stands_for_the_tag_and_the_plan_says_what_was_asked(toy):
    assert toy.run("--revisions", "v1,latest").ret == 0
    assert [one["name"] for one in toy.plan["candidates"]] == ["v2"]
    assert toy.plan["candidates"][0]["requested"] == "latest"
    assert "'latest' was asked for, which is v2" in toy.plan["notes"]


@pytest.fixture
def _no_sockets(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def lock(project, *names):
    done = subprocess.run(
        [sys.executable, "-m", "pytest_damover.cli", "lock", *names], cwd=project.root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("_no_sockets")
def test_t13_offline_names_come_from_the_lock(toy):
    lock(toy, "v1", "v2")
    assert toy.run("--revisions", "v1,latest", "--damover-offline").ret == 0
    assert any("offline" in note for note in toy.plan["notes"])


def test_t13_offline_without_a_lock_is_a_usage_error(toy):
    result = toy.compare("--damover-offline")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*revisions.lock*"])


def pytest_in(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:benchmark", *arguments]
    return subprocess.run(
        command, cwd=root, env={**os.environ, **environment}, capture_output=True, text=True, timeout=300
    )


@pytest.fixture
def real(project):
    """Three cases on a copy of the demo's first revision, which finds a phone, and of one whose threshold was moved."""
    for name in ("one", "two"):
        project.case(name, {"min_objects": 0, "expected_boxes": []})
    project.case("phone", {"min_objects": 1})
    shutil.copy(ROOT / "suites/phone/images/day_plain_004.jpg", project.suite / "images/phone.png")
    (project.root / "pyproject.toml").write_text(
        "[tool.pytest.ini_options]\ndamover_hub = 'local'\ndamover_model = 'acme/phones'\ndamover_device = 'cpu'\n"
        "damover_locked = false\n"
    )
    for tag in ("v1", "v2"):
        shutil.copytree(DEMO, project.root / f"hub/acme/phones/{tag}")
    config = project.root / "hub/acme/phones/v2/damoyolo.py"
    config.write_text(config.read_text().replace('"nms_conf_thre": 0.05', '"nms_conf_thre": 0.06'))
    return project


@needs_modelscope
def test_t10_code_without_consent_is_refused_before_anything_is_loaded(real):
    done = pytest_in(real.root, "--revisions", "v1,v2")
    assert done.returncode == 4
    told = done.stdout + done.stderr
    assert "damover lock --consent" in told
    assert "damoyolo.py" in told
    assert not list(real.root.glob("reports/*/journal.jsonl"))


@needs_modelscope
def test_t10_consent_to_other_bytes_is_none(real):
    lock(real, "--consent", "--yes", "--by", "Ann", "v1", "v2")
    (real.root / "hub/acme/phones/v2/README.md").write_text("moved")
    done = pytest_in(real.root, "--revisions", "v1,v2")
    assert done.returncode == 4
    assert "v2" in done.stdout + done.stderr


@needs_modelscope
@pytest.mark.slow
def test_t15_with_consent_it_runs_confined_and_no_secret_is_anywhere(real):
    lock(real, "--consent", "--yes", "--by", "Ann", "v1", "v2")
    secret = "marker-of-a-token-5b1f"
    names = ("MODELSCOPE_API_TOKEN", "GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "HF_TOKEN")
    done = pytest_in(real.root, "--revisions", "v1,v2", **dict.fromkeys(names, secret))
    assert done.returncode == 0, done.stdout + done.stderr
    plan = json.loads((real.root / "reports/latest/plan.json").read_text())
    assert plan["safety"]["v1"]["kind"] == "executes-code"
    assert plan["consents"]["v1"].startswith("Ann, ")
    assert plan["differences"]["v2"]["changes"] == [["threshold", "model.head.nms_conf_thre", "0.05", "0.06"]]
    loads = [
        json.loads(line)
        for line in (real.root / "reports/latest/journal.jsonl").read_text().splitlines()
        if '"kind":"load"' in line
    ]
    assert [load["facts"]["runner"] for load in loads] == ["process", "process"]
    assert "environment" in dict(loads[0]["facts"]["confinement"]["in_force"])
    written = [path for path in real.root.rglob("*") if path.is_file()]
    assert len(written) > 10
    assert secret not in done.stdout + done.stderr
    assert not [path for path in written if secret.encode() in path.read_bytes()]
