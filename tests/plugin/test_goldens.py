"""Goldens of cases and of Python tests: match, drift and missing; the nearest one; what an update may and may not."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from pytest_damover.detectors import replay
from pytest_damover.domain.errors import Code

TEST = "def test_it(golden, detector, cases):\n    golden(detector(cases.image('one')), 'one')\n"
UPDATE = "--damover-update-golden"
CASE = "golden/toy/v1/cases/one.cpu.fp32.json"
OF_TEST = "golden/toy/v1/tests/one.cpu.fp32.json"
MOVED = {"boxes": [[13.0, 10.0, 50.0, 50.0]], "scores": [0.9], "labels": ["phone"]}
UNSURE = {"boxes": [[10.0, 10.0, 50.0, 50.0]], "scores": [0.8], "labels": ["phone"]}


def held(demand=True):
    return {"min_objects": 1, "max_objects": 1, "golden": demand}


@pytest.fixture
def accepted(toy):
    """v1 and v1.1 find the same; the case `one` is held to the golden that v1 left behind."""
    toy.case("one", held())
    toy.revision("v1.1", latency_ms=0.01)
    assert toy.run("--revisions", "v1", UPDATE).ret == 20
    return toy


def drifting(toy, found=MOVED):
    toy.revision("v1.2", one=found, latency_ms=0.02)
    return toy.run("--revisions", "v1,v1.2")


def outcomes(toy):
    return {
        record["item"]: [(golden["outcome"], golden["file"]) for golden in record["goldens"]]
        for record in toy.journal
        if "goldens" in record and record["kind"] == "finish"
    }


def reasons(toy):
    return {found["reason"] for found in toy.findings()}


def record(toy):
    return json.loads((toy.root / CASE).read_text())


def rewrite(toy, **changes):
    (toy.root / CASE).write_text(json.dumps({**record(toy), **changes}))


def test_a_golden_holds_what_was_accepted_unrounded_and_what_it_was_made_from(accepted):
    golden, plan = record(accepted), accepted.plan
    assert golden["detections"] == {"boxes": [[10.0, 10.0, 50.0, 50.0]], "scores": [0.9], "labels": ["phone"]}
    assert golden["image_sha256"] == plan["suites"][0]["images"]["images/one.png"]
    assert golden["revision_digest"] == plan["candidates"][0]["digest"]
    assert (golden["family"], golden["device"], golden["precision"]) == ("v1", "cpu", "fp32")


def test_a_case_is_held_to_its_golden_by_every_revision_of_the_family(accepted):
    result = accepted.run("--revisions", "v1,v1.1")
    assert result.ret == 0
    assert outcomes(accepted) == {
        f"toy/one:detect@{name}": [("match", "v1/cases/one.cpu.fp32.json")] for name in ("v1", "v1.1")
    }
    assert "goldens-compared" in reasons(accepted)
    result.stdout.fnmatch_lines(["*Goldens: 2 match*"])


@pytest.mark.parametrize(
    ("found", "told"), [(MOVED, "has moved 3 px"), (UNSURE, "score 0.800, golden 0.900")], ids=["box", "score"]
)
def test_drift_fails_the_case_and_says_how(accepted, found, told):
    result = drifting(accepted, found)
    assert result.ret == 1
    assert ("regressions.major", "FAIL") in accepted.bad_findings()
    assert outcomes(accepted)["toy/one:detect@v1.2"][0][0] == "drift"
    (end,) = [one for one in accepted.journal if one.get("item") == "toy/one:detect@v1.2" and one["kind"] == "finish"]
    assert end["outcome"] == "failed"
    assert end["failed_expectations"][0][0] == "golden"
    assert told in end["goldens"][0]["differences"][0]
    for name in ("report.html", "summary.md"):
        assert told in (accepted.root / "reports/latest" / name).read_text().replace("\\", "")


def test_g6_a_case_without_its_golden_is_inconclusive_and_its_other_demands_still_count(toy):
    toy.case("one", held())
    result = toy.compare("-rs")
    assert result.ret == 20
    assert "golden-missing" in reasons(toy)
    assert not (toy.root / "golden").exists()
    result.assert_outcomes(passed=6, skipped=2)
    result.stdout.fnmatch_lines(["*golden one is missing*golden/toy/v1/cases/one.cpu.fp32.json is not there*"])
    assert toy.verdict["counts"]["passed"] == 8  # it met what it could be held to, so that AP and regressions are known
    toy.revision("v3", one={"boxes": [], "scores": [], "labels": []})
    assert toy.run("--revisions", "v1,v3").ret == 1


def test_g6_a_case_that_asks_for_nothing_but_a_missing_golden_is_skipped(toy):
    toy.case("one", {"golden": True})
    assert toy.compare().ret == 20
    assert toy.verdict["counts"]["skipped"] == 2


def test_another_major_version_is_another_family_and_is_told_so(accepted):
    result = accepted.run("--revisions", "v1,v2", "-rs")
    assert result.ret == 20
    assert outcomes(accepted)["toy/one:detect@v2"] == [("missing", "v2/cases/one.cpu.fp32.json")]
    result.stdout.fnmatch_lines(["*one of another family, which does not count: v1/cases/one.cpu.fp32.json*"])


def test_a_golden_of_another_image_is_drift_and_nothing_is_compared(accepted):
    rewrite(accepted, image_sha256="0" * 64)
    assert accepted.run("--revisions", "v1").ret == 1
    (end,) = [one for one in accepted.journal if one.get("goldens")]
    (told,) = end["goldens"][0]["differences"]
    assert told.startswith("it was accepted for another image: SHA-256 000000000000")


def test_the_nearest_golden_is_taken_and_told(accepted):
    other = accepted.root / "golden/toy/v1/cases/one.cuda-nvidia-h200.fp32.json"
    (accepted.root / CASE).rename(other)
    data = json.loads(other.read_text())
    other.write_text(json.dumps({**data, "device": "cuda", "gpu": "nvidia-h200"}))
    result = accepted.run("--revisions", "v1,v1.1")
    assert result.ret == 0
    (golden,) = next(one for one in accepted.journal if one.get("goldens"))["goldens"]
    assert golden["file"] == "v1/cases/one.cuda-nvidia-h200.fp32.json"
    assert golden["inexact"] == "accepted on cuda (nvidia-h200) fp32, this ran on cpu fp32"
    result.stdout.fnmatch_lines(["*Not made on the same device and precision*accepted on cuda*"])


def test_the_precision_is_the_one_that_the_loader_tells(accepted, monkeypatch):
    made = replay.ReplayDetector.__init__

    def half(self, *arguments):
        made(self, *arguments)
        self.facts = {**self.facts, "precision": "fp16"}

    monkeypatch.setattr(replay.ReplayDetector, "__init__", half)
    assert accepted.run("--revisions", "v1,v1.1").ret == 0
    (golden,) = next(one for one in accepted.journal if one.get("goldens"))["goldens"]
    assert golden["inexact"] == "accepted on cpu fp32, this ran on cpu fp16"
    accepted.run("--revisions", "v1", UPDATE)
    assert (accepted.root / CASE.replace("fp32", "fp16")).is_file()


def test_an_update_says_what_is_new_and_what_has_changed_and_removes_nothing(accepted):
    shutil.rmtree(accepted.root / "hub/acme/phones/v1")
    accepted.revision("v1", one=MOVED)
    (accepted.root / "golden/toy/v1/cases/old.cpu.fp32.json").write_text("{}")
    accepted.case("two", held())
    result = accepted.run("--revisions", "v1", UPDATE)
    assert result.ret == 20
    assert {"goldens-written", "narrowed"} <= reasons(accepted)
    result.stdout.fnmatch_lines(
        [
            f"  {CASE} (v1)",
            "      phone at [[]10 10 50 50] has moved 3 px, to [[]13 10 50 50]*",
            "  golden/toy/v1/cases/two.cpu.fp32.json (v1)",
            "      it is new",
        ]
    )
    assert record(accepted)["detections"]["boxes"] == [[13.0, 10.0, 50.0, 50.0]]
    assert (accepted.root / "golden/toy/v1/cases/old.cpu.fp32.json").is_file()


def test_an_update_of_two_revisions_of_one_family_is_a_usage_error(accepted):
    before = (accepted.root / CASE).read_bytes()
    result = accepted.run("--revisions", "v1,v1.1", UPDATE)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*v1 and v1.1 are both of the family v1*"])
    assert (accepted.root / CASE).read_bytes() == before


def test_g6_an_update_without_the_gate_is_a_usage_error(accepted):
    result = accepted.run("--revisions", "v1", UPDATE, "--damover-no-gate")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*does not go with --damover-no-gate*"])


def test_an_update_that_would_write_one_golden_twice_is_an_error(toy):
    toy.revision("v1.1", two=MOVED)
    toy.test_file(
        "import pytest\n\n@pytest.mark.parametrize('name', ['one', 'two'])\n"
        "def test_it(golden, detector, cases, name):\n    golden(detector(cases.image(name)), 'same')\n"
    )
    assert toy.run("--revisions", "v1.1", UPDATE).ret == 21
    assert any("was written before in this run" in one.get("reason", "") for one in toy.journal)


def test_a_test_writes_all_its_goldens_and_runs_to_its_end(toy):
    toy.test_file(
        "def test_it(golden, detector, cases):\n    found = detector(cases.image('one'))\n"
        "    golden(found, 'a')\n    golden(found, 'b')\n    print('to the end')\n"
    )
    result = toy.compare(UPDATE, "-s")
    assert result.ret == 20
    result.stdout.fnmatch_lines(["*to the end*"])
    assert sorted(one.name for one in (toy.root / "golden/toy/v1/tests").iterdir()) == [
        "a.cpu.fp32.json",
        "b.cpu.fp32.json",
    ]
    assert toy.compare().ret == 0


def test_a_pair_is_held_to_the_goldens_of_each_ones_own_family(toy):
    toy.test_file(
        "def test_it(golden, pair, cases):\n    image = cases.image('one')\n"
        "    golden(pair.baseline(image), 'one')\n    golden(pair.candidate(image), 'one')\n"
    )
    toy.compare(UPDATE)
    assert toy.compare().ret == 0
    assert outcomes(toy) == {
        "toy/test_toy.py::test_it:test@v2": [
            ("match", "v1/tests/one.cpu.fp32.json"),
            ("match", "v2/tests/one.cpu.fp32.json"),
        ]
    }


def test_what_a_test_made_of_the_detections_is_of_an_unknown_image_unless_it_says(toy):
    toy.test_file(
        "def test_it(golden, detector, cases):\n    image = cases.image('one')\n"
        "    golden(detector(image).at_least(0.5), 'a')\n    golden(detector(image).at_least(0.5), 'b', image=image)\n"
    )
    toy.run("--revisions", "v1", UPDATE)
    images = [json.loads((toy.root / OF_TEST.replace("one", name)).read_text())["image_sha256"] for name in "ab"]
    assert images == [None, toy.plan["suites"][0]["images"]["images/one.png"]]


CHANGE_AFTER_THE_PLAN = """
import pathlib
import pytest

@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session):
    from pytest_damover.plugin import judging
    plan = judging.make_plan
    def changed(*arguments):
        made = plan(*arguments)
        path = pathlib.Path({path!r})
        path.write_text(path.read_text() + " ")
        return made
    judging.make_plan = changed
    try:
        return (yield)
    finally:
        judging.make_plan = plan
"""


@pytest.mark.parametrize("what", ["case", "test"])
def test_g11_a_golden_that_changes_during_the_run_is_an_error_and_never_a_match(toy, what):
    toy.case("one", held())
    toy.test_file(TEST)
    toy.compare(UPDATE)
    assert toy.compare().ret == 0
    path = toy.root / (CASE if what == "case" else OF_TEST)
    (toy.root / "conftest.py").write_text(CHANGE_AFTER_THE_PLAN.format(path=str(path)))
    assert toy.compare().ret == 21
    item = "toy/one:detect@v1" if what == "case" else "toy/test_toy.py::test_it:test@v1"
    (end,) = [one for one in toy.journal if one.get("item") == item and one["kind"] == "finish"]
    assert end["outcome"] == "error"
    assert "changed after the plan was made" in end["reason"]


def test_a_golden_that_is_gone_after_the_plan_was_made_is_an_error(accepted):
    text = CHANGE_AFTER_THE_PLAN.format(path=str(accepted.root / CASE))
    (accepted.root / "conftest.py").write_text(re.sub(r"path.write_text\(.*\)", "path.unlink()", text))
    assert accepted.run("--revisions", "v1,v1.1").ret == 21


BROKEN = {
    "no JSON": "{",
    "a key less": {"family": None},
    "a number that is text": {"detections": {"boxes": [["1", 2, 3, 4]], "scores": [0.9], "labels": ["phone"]}},
    "lists of unequal length": {"detections": {"boxes": [[1, 2, 3, 4]], "scores": [], "labels": ["phone"]}},
    "another schema": {"schema": 2},
    "the golden of another case": {"name": "two"},
    "a loose tolerance without a reason": {"tolerance": {"box_px": 50, "score": 0.05, "reason": ""}},
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_golden_that_is_not_right_is_an_error_that_names_it(accepted, what):
    broken = BROKEN[what]
    text = broken if isinstance(broken, str) else json.dumps({**record(accepted), **broken})
    (accepted.root / CASE).write_text(text)
    assert accepted.run("--revisions", "v1,v1.1").ret == 21
    (end,) = [one for one in accepted.journal if one.get("item") == "toy/one:detect@v1" and one["kind"] == "finish"]
    assert CASE in end["reason"]
    assert f"[{Code.GOLDEN.value}]" in end["reason"]


def test_a_looser_tolerance_of_a_case_needs_a_reason_which_the_report_lists(accepted):
    accepted.case("one", held({"box_px": 5}))
    assert accepted.run("--revisions", "v1,v1.1").ret == 21
    assert "no reason is given" in "".join(accepted.plan["suites"][0]["broken"])
    accepted.case("one", held({"box_px": 5, "reason": "the holder wobbles"}))
    assert drifting(accepted).ret == 0
    for name in ("plan.json", "journal.jsonl", "report.html", "summary.md"):
        assert "the holder wobbles" in (accepted.root / "reports/latest" / name).read_text()


def test_a_looser_tolerance_than_the_golden_was_accepted_with_needs_a_reason(accepted):
    rewrite(accepted, tolerance={"box_px": 1, "score": 0.05, "reason": ""})
    accepted.case("one", held({"box_px": 2}))
    assert accepted.run("--revisions", "v1,v1.1").ret == 21
    accepted.case("one", held())
    shifted = {"boxes": [[11.5, 10.0, 50.0, 50.0]], "scores": [0.9], "labels": ["phone"]}
    assert drifting(accepted, shifted).ret == 1  # 1.5 px: the golden's own 1 px is in force


def test_a_reason_for_one_thing_excuses_no_golden_that_is_loose_in_another(accepted):
    rewrite(accepted, tolerance={"box_px": 50, "score": 0.05, "reason": ""})
    accepted.case("one", held({"score": 0.1, "reason": "the light flickers"}))
    assert accepted.run("--revisions", "v1,v1.1").ret == 21


def test_a_looser_tolerance_of_a_test_needs_a_reason(toy):
    text = "from pytest_damover import Tolerance\n" + TEST.replace("'one')\n", "'one', Tolerance(box_px=5))\n")
    toy.test_file(text)
    assert toy.run("--revisions", "v1", UPDATE).ret == 21
    assert not (toy.root / "golden").exists()
    toy.test_file(text.replace("box_px=5", "box_px=5, reason='it wobbles'"))
    toy.run("--revisions", "v1", UPDATE)
    assert json.loads((toy.root / OF_TEST).read_text())["tolerance"] == {
        "box_px": 5,
        "score": 0.05,
        "reason": "it wobbles",
    }
    assert toy.run("--revisions", "v1").ret == 0
    assert "it wobbles" in (toy.root / "reports/latest/report.html").read_text()


@pytest.mark.parametrize("demand", [False, {}, "yes", {"box_px": -1}, {"score": 2}, {"iou": 0.5}, 1, None])
def test_a_demand_that_is_none_is_a_broken_case(toy, demand):
    toy.case("one", held(demand))
    assert toy.compare().ret == 21
    assert "golden" in "".join(toy.plan["suites"][0]["broken"])


def test_a_golden_of_the_earlier_form_is_not_read_and_told(toy):
    toy.test_file(TEST)
    (toy.root / "golden/toy").mkdir(parents=True)
    (toy.root / "golden/toy/one.json").write_text(json.dumps({"boxes": [], "scores": [], "labels": []}))
    result = toy.compare("-rs")
    assert result.ret == 20
    result.stdout.fnmatch_lines(["*golden/toy/one.json does not say family*delete it once*has run*"])
    assert any("golden/toy/one.json" in note for note in toy.plan["notes"])


@pytest.mark.parametrize("with_workers", [("-n", "2"), ()], ids=["workers", "alone"])
def test_workers_hold_cases_and_tests_to_the_same_goldens(toy, with_workers):
    toy.case("one", held())
    toy.test_file(TEST)
    toy.compare(UPDATE)
    shutil.rmtree(toy.root / "golden/toy/v2")
    toy.revision("v1.2", one=MOVED)
    result = toy.run("--revisions", "v1,v1.2,v2", *with_workers)
    assert result.ret == 1
    told = {item: found[0][0] for item, found in outcomes(toy).items()}
    assert told == {
        "toy/one:detect@v1": "match",
        "toy/one:detect@v1.2": "drift",
        "toy/one:detect@v2": "missing",
        "toy/test_toy.py::test_it:test@v1": "match",
        "toy/test_toy.py::test_it:test@v1.2": "drift",
        "toy/test_toy.py::test_it:test@v2": "missing",
    }
    result.assert_outcomes(passed=11, failed=2, skipped=2)


def test_cases_that_are_held_to_goldens_alone_show_that_a_bad_candidate_is_stopped(toy):
    for name in ("one", "two", "three", "four"):
        toy.case(name, {"golden": True})
    toy.compare(UPDATE)
    assert toy.compare().ret == 0
    (control,) = [found for found in toy.findings() if found["rule"] == "control"]
    assert control["reason"] == "negative-control-stopped"


def test_a_comparison_with_goldens_that_lets_everything_pass_is_found_out(toy, monkeypatch):
    for name in ("one", "two", "three", "four"):
        toy.case(name, {"golden": True})
    toy.compare(UPDATE)
    monkeypatch.setattr("pytest_damover.plugin.goldens.drift", lambda *_: ())
    monkeypatch.setattr("pytest_damover.domain.planting.planted_drift.drift", lambda *_: ())
    assert toy.compare().ret == 21
    (control,) = [found for found in toy.findings() if found["rule"] == "control"]
    assert "the expectation golden is met by a candidate that finds nothing" in control["message"]
