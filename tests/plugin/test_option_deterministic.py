"""`--damover-deterministic`: in force where the model runs, written down, and no part of a run is made without it."""

from __future__ import annotations

import sys

import pytest

RANDOM = """\
import random
from pytest_damover.detectors import replay
from pytest_damover.domain.detection import Detections

def drawn(self, image):
    return Detections.of([[10.0, 10.0, 50.0, 50.0]], [0.9 + random.random() / 20], ("phone",))

replay.ReplayDetector.__call__ = drawn
"""


@pytest.fixture
def toy(toy, monkeypatch):
    from pytest_damover.detectors import replay

    monkeypatch.setattr(replay.ReplayDetector, "__call__", replay.ReplayDetector.__call__)
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", "")
    # another test of this process may have imported torch: what is switched on in it would stay, and of what torch
    # imports then pytester would forget a part, which torch does not survive
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    (toy.root / "conftest.py").write_text(RANDOM)
    return toy


def scores(toy, *arguments):
    toy.compare(*arguments)
    ends = (record for record in toy.journal if record["kind"] == "finish")
    return {end["item"]: end["detections"]["scores"] for end in ends}


def test_two_runs_find_the_same_in_whatever_order(toy):
    first = scores(toy, "--damover-deterministic")
    assert len(set(map(str, first.values()))) == 1
    assert scores(toy, "--damover-deterministic", "-k", "two") == {
        key: value for key, value in first.items() if "two" in key
    }
    assert scores(toy) != first


def test_journal_and_report_say_so(toy):
    toy.compare("-o", "damover_deterministic=true")
    assert toy.journal[0]["environment"]["deterministic"] == "on"
    assert {record["facts"]["deterministic"] for record in toy.journal if record["kind"] == "load"} == {True}
    assert "deterministic" in (toy.root / "reports/latest/report.html").read_text()


def test_it_is_off_unless_asked_for(toy):
    toy.compare()
    assert "deterministic" not in toy.journal[0]["environment"]
    assert all("deterministic" not in record["facts"] for record in toy.journal if record["kind"] == "load")


def test_a_run_does_not_go_on_otherwise_than_it_began(toy):
    toy.compare("-x", "-k", "one")
    result = toy.compare("--damover-deterministic", "--damover-resume", "latest")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "deterministic None is now on" in result.stderr.str() + result.stdout.str()


def test_workers_are_told(toy):
    pytest.importorskip("xdist")
    found = scores(toy, "--damover-deterministic", "-n", "2")
    assert len(set(map(str, found.values()))) == 1
