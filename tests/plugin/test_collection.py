"""Cases become tests without any Python, and pytest's own selections work on them."""

from __future__ import annotations

import itertools
import json

import pytest

NOTHING = {"boxes": [], "scores": [], "labels": []}


def _collected(result) -> list[str]:
    return [line for line in result.stdout.lines if "::" in line]


def test_baseline_first_then_the_candidates(toy):
    toy.test_file("def test_it(detector):\n    pass\n\ndef test_both(pair):\n    pass\n")
    toy.revision("v3", latency_ms=0.002)
    collected = _collected(toy.run("--revisions", "v1,v2,v3", "--collect-only", "-q"))
    order = [line.rpartition("[")[2].rstrip("]") for line in collected]
    assert order == ["v1"] * 5 + ["v2"] * 6 + ["v3"] * 6
    assert collected[0] == "suites/toy/cases/four.json::four[v1]"
    assert collected[10] == "suites/toy/test_toy.py::test_both[v2]"


def test_only_one_model_is_loaded_at_a_time(toy, monkeypatch):
    from pytest_damover.runners import inline

    resident: list[int] = []
    load = inline.InlineRunner.load

    def watched(self, *args, **kwargs):
        detector = load(self, *args, **kwargs)
        resident.append(len(self.loaded))
        return detector

    monkeypatch.setattr(inline.InlineRunner, "load", watched)
    toy.compare("--damover-no-gate")
    assert resident == [1, 1]


def test_a_node_id_runs_one_case(toy):
    result = toy.compare("suites/toy/cases/one.json::one[v2]")
    result.assert_outcomes(passed=1)
    assert result.ret == 20
    assert toy.verdict["counts"]["missing"] == 7


def test_one_suite_may_be_named(toy):
    assert toy.compare("suites/toy").ret == 0


def test_k_selects_by_name_slice_and_severity(toy):
    toy.compare("-k", "night").assert_outcomes(passed=4)
    toy.compare("-k", "one and v1").assert_outcomes(passed=1)


def test_m_selects_marked_cases(toy):
    toy.test_file("import pytest\n\n@pytest.mark.gpu\ndef test_it(detector):\n    pass\n")
    toy.compare("-m", "slices").assert_outcomes(passed=8)
    toy.compare("-m", "not gpu").assert_outcomes(passed=8)


def test_lf_runs_what_failed(project):
    for name in ("good", "bad"):
        project.case(name)
    project.revision("v1")
    project.revision("v2", bad=NOTHING)
    project.pytester.runpytest_inprocess("--revisions", "v1,v2").assert_outcomes(passed=3, failed=1)
    again = project.pytester.runpytest_inprocess("--revisions", "v1,v2", "--lf")
    assert again.ret == 20  # the baseline did not run, so nobody can call it a regression
    assert again.parseoutcomes()["failed"] == 1
    assert project.verdict["counts"]["missing"] == 3


def test_lines_of_a_cases_jsonl_are_cases(project):
    project.case("one").unlink()
    lines = [
        json.dumps({"name": f"line_{i}", "image_path": "images/one.png", "expected": {"min_objects": 1}})
        for i in range(3)
    ]
    (project.suite / "cases/cases.jsonl").write_text("\n".join([*lines, "{", ""]))
    project.revision("v1")
    project.revision("v2", latency_ms=0.001)
    result = project.compare()
    result.assert_outcomes(passed=6, failed=1)
    result.stdout.fnmatch_lines(["*suites/toy/cases/cases.jsonl:4: line 1 column 2*"])
    assert result.ret == 21
    assert "suites/toy/cases/cases.jsonl::line_0[v1]" in _collected(project.compare("--collect-only", "-q"))


def test_the_classic_form_is_valid_as_it_stands(project):
    project.case("one")
    classic = {
        "name": "single_phone",
        "image_path": "images/one.png",
        "expected": {"min_objects": 1, "max_objects": 1, "confidence_threshold": 0.8},
        "created_at": "2025-01-01T00:00:00",
    }
    (project.suite / "cases/single_phone.json").write_text(json.dumps(classic))
    project.revision("v1")
    project.revision("v2", latency_ms=0.001)
    assert project.compare().ret == 0


def test_two_cases_of_one_name_are_an_error(toy):
    (toy.suite / "cases/again.json").write_text((toy.suite / "cases/one.json").read_text().replace('"one"', '"ONE"'))
    result = toy.compare()
    assert result.ret == 21
    result.stdout.fnmatch_lines(["*the name * is taken by a case in*"])


def test_names_in_chinese_are_names(project):
    project.case("夜间_手机")
    project.case("two")
    project.revision("v1")
    project.revision("v2", latency_ms=0.001)
    assert project.compare().ret == 0
    assert project.compare("-k", "夜间").ret == 20


@pytest.mark.parametrize("image_path", ["../outside.png", "/etc/passwd", "http://127.0.0.1/x.png", "images/none.png"])
def test_an_image_outside_the_suite_is_an_error(toy, image_path):
    data = {"name": "five", "image_path": image_path, "expected": {"min_objects": 0}}
    (toy.suite / "cases/five.json").write_text(json.dumps(data))
    result = toy.compare()
    result.assert_outcomes(passed=8, failed=2)
    assert result.ret == 21


def test_a_python_test_that_cannot_be_imported_is_an_error(toy):
    toy.test_file("import no_such_module\n")
    result = toy.compare()
    assert result.ret == 21
    assert "no_such_module" in "".join(toy.plan["suites"][0]["broken"])


def test_latency_is_an_item_of_the_policy(project):
    project.case("one")
    project.case("two")
    project.revision("v1", latency_ms=2)
    project.revision("v2", latency_ms=2.001)
    project.policy((project.suite / "gate.toml").read_text() + "[latency]\nmax_ratio = 2.0\npairs = 12\n")
    assert "suites/toy/gate.toml::latency[v2]" in _collected(project.compare("--collect-only", "-q"))
    assert project.compare().ret == 0
    pairs = next(record["pairs_ns"] for record in project.journal if "pairs_ns" in record)
    assert len(pairs) == 16
    finding = next(found for found in project.findings() if found["rule"] == "latency")
    assert finding["verdict"] == "PASS"
    assert finding["n"] == 16


def test_a_slower_candidate_fails_the_race(project):
    project.case("one")
    project.case("two")
    project.revision("v1", latency_ms=1)
    project.revision("v2", latency_ms=3)
    project.policy((project.suite / "gate.toml").read_text() + "[latency]\nmax_ratio = 1.5\npairs = 40\n")
    assert project.compare().ret == 1
    assert project.bad_findings() == [("latency", "FAIL")]


def test_a_race_that_nothing_decides_goes_on_to_its_budget_and_ends_at_a_look(project):
    project.case("one")
    project.revision("v1", latency_ms=2)
    project.revision("v2", latency_ms=2.001)
    latency = "[latency]\nmax_ratio = {limit}\npairs = 12\nmax_pairs = 40\n"
    gate = (project.suite / "gate.toml").read_text()
    taken = {}
    for limit in (1.0, 50):
        project.policy(gate + latency.format(limit=limit))
        project.compare()
        taken[limit] = len(next(record["pairs_ns"] for record in project.journal if "pairs_ns" in record))
    assert taken[50] == 24  # the look before it spends so little that no interval is narrow enough to be one
    assert taken[1.0] in (24, 36, 40)


RACE = "[latency]\nmax_ratio = 50\npairs = 12\n"


def test_the_journal_says_what_a_race_ran_under_and_both_were_loaded_anew(project):
    project.case("one")
    project.revision("v1", latency_ms=2)
    project.revision("v2", latency_ms=2.001)
    project.policy((project.suite / "gate.toml").read_text() + RACE)
    project.compare()
    told = next(record["race"] for record in project.journal if "race" in record)
    assert (told["heats"], told["thrown_away"], len(told["loads_ns"])) == (2, 0, 1)
    loads = [record["revision"] for record in project.journal if record["kind"] == "load"]
    assert loads == ["v1", "v2", "v1", "v1", "v2"]
    assert all(record["facts"]["load_ns"] > 0 for record in project.journal if record["kind"] == "load")


def test_a_race_looks_how_long_its_sides_waited_for_a_core(project, monkeypatch):
    asked = itertools.count()
    monkeypatch.setattr("pytest_damover.race.crowding.waited_ns", lambda _: next(asked) * 1_000_000_000)
    project.case("one")
    project.revision("v1", latency_ms=2)
    project.revision("v2", latency_ms=2.001)
    project.policy((project.suite / "gate.toml").read_text() + RACE)
    project.compare()
    end = next(record for record in project.journal if "race" in record)
    quads = len(end["pairs_ns"]) // 2
    assert end["race"]["crowded"] == [quads, quads]


@pytest.mark.parametrize(("side", "code", "outcome"), [("v2", 1, "failed"), ("v1", 21, "error")])
def test_a_side_that_finds_other_things_while_it_is_timed(project, monkeypatch, side, code, outcome):
    from pytest_damover.detectors import replay
    from pytest_damover.domain.detection import EMPTY

    call, calls = replay.ReplayDetector.__call__, []

    def hurried(self, image):
        calls.append(self._where.partition("/")[0])
        is_hurried = calls[-1] == side and calls.count(side) > 2  # one for its case, and one to warm up
        return EMPTY if is_hurried else call(self, image)

    project.case("one")
    project.revision("v1", latency_ms=2)
    project.revision("v2", latency_ms=2.001)
    gate = (project.suite / "gate.toml").read_text().replace("min_cases = 2", "min_cases = 1")
    project.policy(gate + RACE)
    assert project.compare().ret == 0
    monkeypatch.setattr(replay.ReplayDetector, "__call__", hurried)
    assert project.compare().ret == code
    end = next(record for record in project.journal if record["kind"] == "finish" and ":latency@" in record["item"])
    assert end["outcome"] == outcome
    assert f"{side} found other things while it was timed than in its case: one: phone at" in end["reason"]


def test_a_limit_on_cold_start_has_both_sides_loaded_often_enough(project):
    project.case("one")
    project.revision("v1", latency_ms=2)
    project.revision("v2", latency_ms=2.001)
    project.policy((project.suite / "gate.toml").read_text() + RACE + "[cold_start]\nmax_ms = 60000\n")
    project.compare()
    told = next(record["race"] for record in project.journal if "race" in record)
    assert (told["heats"], len(told["loads_ns"])) == (2, 16)
    finding = next(found for found in project.findings() if found["rule"] == "cold_start.ms")
    assert (finding["verdict"], finding["n"]) == ("PASS", 16)
