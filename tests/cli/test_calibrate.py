"""`damover calibrate`: trials on what a run recorded; it runs nothing and changes nothing."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_damover.cli import calibrate_table
from pytest_damover.cli.calibrate_table import Calibration, _rate, advice, images_needed
from pytest_damover.cli.calibrate_words import PHRASES, words_in
from pytest_damover.domain.rehearsing.error_rates import RuleKey, RuleRates
from pytest_damover.domain.verdict import Answer


def rates(rule="ap50", answers=None, **changes):
    values = {
        "values": (0.0179 * 2**0.5, 0.0),
        "covered": 190,
        "intervals": 200,
        "truth": 0.0,
        "limit": -0.05,
        "confidence": 0.95,
        "n": 212.0,
        "reach": 1.96 * 0.0179,
    }
    return RuleRates(RuleKey("phone", rule, "night"), answers or {Answer.PASS: 200}, **{**values, **changes})


def told(*found, lang="en"):
    return list(advice(Calibration("v1", "v2", 212, 200, 0, found, {}, (), ()), words_in(lang)))


def test_a_table_of_every_rule(damover, run_folder):
    before = {path.name: path.read_bytes() for path in run_folder.iterdir()}
    code, out, err = damover("calibrate", run_folder, "--trials", 20, "--jobs", 1)
    assert code == 0
    assert "regressions.major" in out
    assert "all rules" in out
    assert "A/A: 20 of 20" in err
    assert {path.name: path.read_bytes() for path in run_folder.iterdir()} == before


def test_json_holds_counts_and_says_what_the_table_says(damover, run_folder):
    code, out, _ = damover("calibrate", run_folder, "--trials", 20, "--jobs", 1, "--json")
    data = json.loads(out)
    assert (code, data["trials"], data["baseline"], data["candidate"]) == (0, 20, "v1", "v2")
    assert all(sum(rule["answers"].values()) == 20 for rule in data["rules"])
    assert sum(data["answers"].values()) == 20
    again = damover("calibrate", run_folder, "--trials", 20, "--jobs", 2, "--json")[1]
    assert again == out, "whatever the number of processes"
    other = json.loads(damover("calibrate", run_folder, "--trials", 20, "--jobs", 1, "--json", "--seed", 1)[1])
    assert other["rules"] != data["rules"]


def test_in_chinese(damover, run_folder):
    out = damover("calibrate", run_folder, "--trials", 20, "--jobs", 1, "--lang", "zh")[1]
    assert "误拦" in out
    assert "false block" not in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--trials", "3"], "--trials: 3\n    allowed: a number of at least 20"),
        (["--jobs", "0"], "--jobs: 0"),
        (["--seed", "-1"], "--seed: -1"),
        (["--candidate", "v9"], "--candidate: 'v9'"),
        (["--trials", "20", "--jobs", "1", "--mutations", "--revision", "v9"], "--revision: 'v9'"),
    ],
)
def test_what_cannot_be_done_is_refused(damover, run_folder, arguments, message):
    code, out, err = damover("calibrate", run_folder, *arguments)
    assert (code, out) == (4, "")
    assert message in err


def test_one_revision_alone_is_refused(damover, run_folder):
    plan = json.loads((run_folder / "plan.json").read_text())
    plan["baseline"] = None
    (run_folder / "plan.json").write_text(json.dumps(plan))
    code, _, err = damover("calibrate", run_folder)
    assert code == 4
    assert "one revision alone: v2\n    allowed: a baseline and a candidate" in err


def test_a_run_without_detections_is_refused(damover, run_folder):
    lines = [json.loads(line) for line in (run_folder / "journal.jsonl").read_text().splitlines()]
    bare = [{key: value for key, value in line.items() if key != "detections"} for line in lines]
    (run_folder / "journal.jsonl").write_text("".join(json.dumps(line) + "\n" for line in bare))
    code, _, err = damover("calibrate", run_folder)
    assert code == 4
    assert "detections of v1 and v2: none recorded" in err


def test_how_many_images_are_needed_by_hand():
    assert images_needed(rates()) == 220
    assert images_needed(rates(limit=None)) is None
    assert images_needed(rates(values=(0.1,))) is None
    assert images_needed(rates(reach=0.02)) is None, "fewer than there are: too few trials to tell"


def test_a_slice_that_seldom_decides_is_told_how_many_images_it_needs():
    (line,) = told(rates(answers={Answer.PASS: 80, Answer.INCONCLUSIVE: 120}))
    assert line == (
        "phone: ap50[night]: 212 images decide in 40.0 % of the trials; about 220 such images are needed for 80 %."
    )


def test_a_count_that_blocks_equals_is_told_how_far_they_differ():
    counts = tuple(range(200))
    answers = {Answer.PASS: 10, Answer.FAIL: 190}
    none = {"truth": None, "confidence": None, "covered": 0, "intervals": 0}
    (line,) = told(rates("regressions.major", answers, values=counts, limit=6, **none))
    assert "stops 95.0 % of candidates" in line
    assert "6 are allowed; 19 of 20 trials had at most 189." in line
    assert told(rates("regressions.major", {Answer.PASS: 195, Answer.FAIL: 5}, values=counts, limit=6, **none)) == []


def test_a_floor_above_the_truth_and_a_narrow_interval_are_told():
    (floor,) = told(rates("ap50.minimum", truth=0.78, limit=0.8))
    assert "together reach 0.780, the floor is 0.800" in floor
    (narrow,) = told(rates(covered=170))
    assert "the 95 % interval covers 85.0 %" in narrow
    assert told(rates(covered=185)) == [], "92.5 % of 200 may be chance"


def test_rates_come_with_their_intervals():
    assert _rate(0, 50) == "0.0 % [0.0, 7.1]"
    assert _rate(0, 0) == ""


def test_it_loads_neither_pytest_nor_torch(run_folder):
    code = (
        "import sys; from pytest_damover import cli; cli.main(sys.argv[1:]); "
        "sys.exit(any(name in sys.modules for name in ('pytest', '_pytest', 'torch', 'modelscope')))"
    )
    command = [sys.executable, "-c", code, "calibrate", str(run_folder), "--trials", "20", "--jobs", "1"]
    assert subprocess.run(command, capture_output=True).returncode == 0


def test_both_languages_say_the_same_with_the_same_numbers():
    fields = {
        lang: {key: sorted(re.findall(r"{(\w+)}", text)) for key, text in PHRASES[lang].items()} for lang in PHRASES
    }
    assert fields["en"] == fields["zh"]
    sources = Path(calibrate_table.__file__).read_text(encoding="utf-8")
    assert {key for key in PHRASES["en"] if f'"{key}"' not in sources} == set()
