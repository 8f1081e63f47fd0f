"""A model's process that crashes in a case fails that case, whatever is allowed, and the rest goes on."""

from __future__ import annotations

import pytest

from pytest_damover.detectors import replay
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.runners import CrashError, inline

ALLOWED = "[regressions]\nmajor = 1\n"


@pytest.fixture
def crashing(toy, monkeypatch):
    """Lets calls crash: `crashing("v2", "two")` for one image of one revision, without a name for all."""
    call, crashes = replay.ReplayDetector.__call__, []

    def detect(self, image):
        revision = self._where.partition("/")[0]
        for name, key in crashes:
            if revision == name and image.key in (f"images/{key}.png", key):
                raise CrashError(Fault(Code.RUNNER, name, "its process ended (SIGSEGV) during: detect"))
        return call(self, image)

    monkeypatch.setattr(replay.ReplayDetector, "__call__", detect)
    toy.policy((toy.suite / "gate.toml").read_text() + ALLOWED)
    return lambda *which: crashes.append(which)


def crashed(project):
    return [record["item"] for record in project.journal if record.get("crashed")]


def findings(project, rule="crashes"):
    return [(found["verdict"], found["reason"]) for found in project.findings() if found["rule"] == rule]


def test_a_crash_of_the_candidate_fails_the_run_though_the_policy_allows_regressions(toy, crashing):
    crashing("v2", "two")
    result = toy.compare()
    assert result.ret == 1
    result.assert_outcomes(passed=7, failed=1)
    assert crashed(toy) == ["toy/two:detect@v2"]
    assert findings(toy) == [("FAIL", "crashed")]
    assert toy.bad_findings() == [("crashes", "FAIL")]
    assert "SIGSEGV" in (toy.root / "reports/latest/report.html").read_text()


def test_a_crash_on_both_sides_is_no_known_failure(toy, crashing):
    crashing("v1", "two")
    crashing("v2", "two")
    result = toy.compare()
    assert result.ret == 1
    result.assert_outcomes(passed=6, failed=1, xfailed=1)


def test_a_crash_of_the_baseline_alone_is_known_and_does_not_stop_the_candidate(toy, crashing):
    crashing("v1", "two")
    result = toy.compare()
    assert result.ret == 0
    result.assert_outcomes(passed=7, xfailed=1)
    assert findings(toy) == [("PASS", "baseline-crashed")]


def test_a_crash_in_a_python_test_counts_too(toy, crashing):
    crashing("v2", "")
    toy.test_file("import numpy\ndef test_it(detector):\n    detector(numpy.zeros((9, 9, 3), numpy.uint8))\n")
    assert toy.compare().ret == 1
    assert crashed(toy) == ["toy/test_toy.py::test_it:test@v2"]
    assert toy.bad_findings() == [("crashes", "FAIL")]


def test_what_crashes_while_it_is_loaded_is_an_error(toy, monkeypatch):
    def load(*_, **__):
        raise DamoverError(Fault(Code.RUNNER, "v2", "its process ended (SIGSEGV) during: load"))

    real = inline.load_detector
    monkeypatch.setattr(inline, "load_detector", lambda *a: load() if a[1].name == "v2" else real(*a))
    assert toy.compare().ret == 21
    assert crashed(toy) == []
    assert findings(toy) == [("PASS", "no-crash")]
    assert ("ERROR", "item-errors") in findings(toy, "plan")


RACE = "[latency]\nmax_ratio = 50\npairs = 12\n"


@pytest.mark.parametrize(("side", "code", "found"), [("v2", 1, ("FAIL", "crashed")), ("v1", 21, ("PASS", "no-crash"))])
def test_a_crash_in_a_race_is_the_candidates_fault_only_if_it_was_the_candidate(
    toy, crashing, monkeypatch, side, code, found
):
    from pytest_damover import race

    def racing(*_, **__):
        raise CrashError(Fault(Code.RUNNER, side, "its process ended (SIGSEGV) during: time"))

    toy.policy((toy.suite / "gate.toml").read_text() + RACE)
    monkeypatch.setattr(race, "race", racing)
    assert callable(crashing)
    assert toy.compare().ret == code
    assert findings(toy) == [found]


TIMEOUTS = 'damover_timeouts = ["warm-up = 0.4", "case = 0.4"]\n'


def test_the_limits_of_the_ini_file_are_those_of_the_child(project):
    """Through the real child process: a call that takes too long is a crash, and the revision goes on."""
    project.case("one")
    project.revision("v1")
    project.revision("v2", latency_ms=3000)
    (project.root / "pyproject.toml").write_text((project.root / "pyproject.toml").read_text() + TIMEOUTS)
    project.policy((project.suite / "gate.toml").read_text().replace("min_cases = 2", "min_cases = 1"))
    assert project.compare("--damover-runner", "process").ret == 1
    assert crashed(project) == ["toy/one:detect@v2"]
    (reason,) = [record["reason"] for record in project.journal if record.get("crashed")]
    assert "took longer than 0.4 s" in reason


def test_wrong_limits_are_a_usage_error(toy):
    (toy.root / "pyproject.toml").write_text(
        (toy.root / "pyproject.toml").read_text() + 'damover_timeouts = ["case = never"]\n'
    )
    result = toy.compare()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*damover_timeouts: 'case = never'*"])
