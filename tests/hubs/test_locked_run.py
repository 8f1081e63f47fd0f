"""T7 over the network: a tag that moves on the hub stops a locked run before anything loads."""

import json
import sys

import pytest

MODEL = "demo/phone"
PHONE = {"boxes": [[10.0, 10.0, 50.0, 50.0]], "scores": [0.9], "labels": ["phone"]}
INI = """\
[tool.pytest.ini_options]
damover_hub = "modelscope:{endpoint}"
damover_model = "{model}"
damover_detector = "replay"
damover_locked = true
"""


def files(**more):
    detections = json.dumps({"detections": {}, "default": PHONE}).encode()
    return {"configuration.json": b"{}", "detections.json": detections, **more}


def damover(pytester, *arguments):
    """The command, in a process of its own: pytester forgets what is imported here."""
    return pytester.run(sys.executable, "-m", "pytest_damover.cli", *arguments)


@pytest.fixture
def project(pytester, loopback, monkeypatch, tmp_path):
    """A project whose hub is the loopback server, with v1 and v2 locked."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    loopback.publish("tags", "v1", files())
    loopback.publish("tags", "v2", files(**{"notes.md": b"two"}))
    pytester.makepyprojecttoml(INI.format(endpoint=loopback.endpoint, model=MODEL))
    (pytester.path / "suites/toy/cases").mkdir(parents=True)
    assert damover(pytester, "lock", "v1", "v2").ret == 0
    return pytester


def test_t7_a_tag_that_moved_on_the_hub_is_refused_with_both_manifests_compared(project, loopback):
    commit = loopback.tags["v2"]
    moved = loopback.publish("tags", "v2", files(**{"notes.md": b"three", "damoyolo.py": b"evil"}))
    assert commit != moved
    loopback.requests.clear()
    result = project.runpytest_subprocess("-p", "no:cacheprovider", "--revisions", "v1,v2")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = result.stderr.str()
    assert f"revisions.lock: {MODEL} v2: damoyolo.py is new" in said
    assert f"revisions.lock: {MODEL} v2: notes.md was 3 bytes" in said
    assert f"{MODEL} v1" not in said
    assert "damover lock v2" in said
    assert loopback.downloads() == []
    assert not (project.path / "reports").exists()


def test_a_commit_of_the_same_files_is_no_moved_tag(project, loopback):
    loopback.publish("branches", "other", files())
    loopback.tags["v1"] = loopback.branches["other"]
    result = damover(project, "lock", "v1")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["v1  unchanged  *"])
