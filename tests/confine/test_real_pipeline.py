"""The real ModelScope pipeline works in a confined child, and what a revision's code plants there finds no way out."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_damover.domain.confinement import Confinement, Guard

pytestmark = [
    pytest.mark.slow,
    pytest.mark.modelscope,
    pytest.mark.skipif(sys.platform != "linux", reason="the kernel's guards are Linux's"),
]
PROJECT = Path(__file__).parents[2]
SECRET = "MARKER-77aa"
PLANTED = """
import json, os, pathlib, socket

def _attempt(work):
    try:
        return bool(work())
    except Exception as error:
        return repr(error)

json.dump(
    {{
        "writing": _attempt(lambda: pathlib.Path({marker!r}).write_text("x")),
        "reading": _attempt(lambda: {secret!r} in pathlib.Path({key!r}).read_text()),
        "processes": _attempt(lambda: {secret!r} in pathlib.Path("/proc/{bystander}/environ").read_text()),
        "network": _attempt(lambda: socket.create_connection(("127.0.0.1", {port}), timeout=2)),
    }},
    open(os.path.join(os.environ["HOME"], "planted.json"), "w"),
)
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory, run_program):
    """The four runs of `pipeline.py`, with what they left outside."""
    pytest.importorskip("modelscope.pipelines")
    clean = PROJECT / "hub/demo/damoyolo_phone/v1.0.0"
    image = PROJECT / "suites/phone/images/day_crowd_000.jpg"
    if not (clean.is_dir() and image.is_file()):
        pytest.skip("the demo hub and its suite are not in this checkout")
    root = tmp_path_factory.mktemp("planted")
    planted, key = root / "model", root / "id_ed25519"
    key.write_text(SECRET)
    bystander = subprocess.Popen(["/bin/sleep", "120"], env={"TOKEN": SECRET})
    with socket.create_server(("127.0.0.1", 0)) as server:
        shutil.copytree(clean, planted)
        facts = {"marker": str(root / "marker"), "key": str(key), "secret": SECRET, "bystander": bystander.pid}
        code = PLANTED.format(**facts, port=server.getsockname()[1])
        (planted / "damoyolo.py").write_text((planted / "damoyolo.py").read_text() + code)
        try:
            return run_program("pipeline.py", clean, planted, image)
        finally:
            bystander.kill()
            bystander.wait()


def test_a_confined_revision_detects_the_same(runs):
    assert runs["free"]["boxes"] > 0
    assert runs["confined"]["digest"] == runs["free"]["digest"]


@pytest.mark.parametrize("guard", ["writing", "reading", "processes", "network"])
def test_t12_what_a_planted_revision_can_do_freely_it_cannot_do_confined(runs, guard):
    if guard == "processes" and runs["planted and free"]["planted"][guard] is not True and os.getuid() != 0:
        pytest.skip("this machine prevents it without us")
    assert runs["planted and free"]["planted"][guard] is True
    state = Confinement.from_json(runs["planted and confined"]["state"])
    if not state.holds(Guard(guard)):
        pytest.skip(f"NOT PREVENTED on this machine: {dict(state.not_prevented)[Guard(guard)]}")
    assert "Error" in runs["planted and confined"]["planted"][guard]
    assert runs["planted and confined"]["digest"] == runs["free"]["digest"]
