"""Rules `flips.*`: exact counts of what was lost and of what was added."""

import pytest

from pytest_damover.domain.comparing.comparison import compare
from pytest_damover.domain.policy import policy_from_data
from pytest_damover.domain.rules import flips as rule
from pytest_damover.domain.rules.judged import JudgedSuite
from pytest_damover.domain.rules.planned import judge_applied, planned_rules
from pytest_damover.domain.rules.waived import let_through
from pytest_damover.domain.verdict import Answer, Finding
from pytest_damover.domain.waiver import WaiverFile

FAINT = {"boxes": [[10.0, 10.0, 50.0, 90.0]], "scores": [0.31], "labels": ["phone"]}
CUP = {"boxes": [[60.0, 10.0, 90.0, 90.0]], "scores": [0.8], "labels": ["cup"]}


@pytest.fixture
def judged(build):
    """`judged(limits, v2={case: detections})`: four minor cases by day, four critical by night, a phone in each."""

    def judge(limits, v1=None, v2=None, baseline="v1", cases=None, waivers=None, failed=()):
        if cases is None:
            cases = [
                build.case(f"{s}_{i}", [s], severity)
                for s, severity in (("day", "minor"), ("night", "critical"))
                for i in range(4)
            ]
        planned = build.plan([build.suite(cases, waivers=waivers)], baseline=baseline)
        found = {"v1": v1 or {}, "v2": v2 or {}}
        ends = {
            item.key: build.finished(
                item,
                "failed" if item.revision == "v2" and item.case in failed else "passed",
                detections=found[item.revision][item.case],
            )
            for item in planned.items
            if item.case in found[item.revision]
        }
        run, policy = build.run(planned, ends), policy_from_data({**build.POLICY, "flips": limits})
        return JudgedSuite(run, compare(run, planned.candidates[0], {"phone": policy}), planned.suites[0], policy)

    return judge


def findings(judged):
    return {(found.rule, found.slice or found.label): found for found in rule.judge_flips(judged)}


def only(judged):
    (found,) = rule.judge_flips(judged)
    return found


def answer(found):
    return found.verdict.value, found.reason, found.value, found.n


LOST = {"night_0": FAINT, "night_1": {"boxes": [], "scores": [], "labels": []}}
TABLE = [
    ({"critical": 2}, ("PASS", "within-limit", 2, 4)),
    ({"critical": 1}, ("FAIL", "over-limit", 2, 4)),
    ({"minor": 0}, ("PASS", "within-limit", 0, 4)),
    ({"major": 0}, ("PASS", "within-limit", 0, 0)),
    ({"labels": {"phone": 1}}, ("FAIL", "over-limit", 2, 8)),
    ({"labels": {"phone": 2}}, ("PASS", "within-limit", 2, 8)),
    ({"labels": {"phnoe": 9}}, ("FAIL", "label-absent", None, 0)),
    ({"slices": {"night": 1}}, ("FAIL", "over-limit", 2, 4)),
    ({"slices": {"day": 0}}, ("PASS", "within-limit", 0, 4)),
    ({"slices": {"fog": 9}}, ("FAIL", "slice-absent", None, 0)),
    ({"new_spurious": 0}, ("PASS", "within-limit", 0, 8)),
]


@pytest.mark.parametrize(("limits", "wanted"), TABLE, ids=lambda one: str(one) if isinstance(one, dict) else "")
def test_a_limit_counts_what_it_names(judged, limits, wanted):
    assert answer(only(judged(limits, v2=LOST))) == wanted


def test_the_finding_tells_the_worst_and_how_to_run_them_again(judged):
    found = only(judged({"critical": 1}, v2=LOST))
    assert found.message == (
        "2 of the 4 objects of critical cases that the baseline finds are lost, 1 are allowed: "
        "night_1 phone at [10 10 50 90], 0.90 to nothing there; "
        "night_0 phone at [10 10 50 90], 0.90 to 0.31 (below 0.50)"
    )
    assert found.rerun == (
        "pytest suites/phone/cases/night_1.json::night_1 suites/phone/cases/night_0.json::night_0 --revisions v1,v2"
    )
    assert (found.baseline, found.candidate, found.limit, found.suite) == (4, 2, 1, "phone")


def test_three_are_told_and_the_rest_are_counted(judged):
    lost = {f"night_{i}": FAINT for i in range(4)}
    found = only(judged({"slices": {"night": 0}}, v2=lost))
    assert found.message.count("phone at") == 3
    assert found.message.endswith("; and 1 more")


def test_what_the_baseline_does_not_find_cannot_be_broken(judged):
    found = only(judged({"critical": 0}, v1=LOST, v2=LOST))
    assert (answer(found), found.baseline) == (("PASS", "within-limit", 0, 4), 2)


def test_a_fixed_object_does_not_make_up_for_a_broken_one(judged):
    found = only(judged({"critical": 0}, v1={"night_0": FAINT}, v2={"night_1": FAINT}))
    assert (answer(found), found.baseline, found.candidate) == (("FAIL", "over-limit", 1, 4), 3, 3)


def waiver(**scope):
    one = {"id": "W-1", "owner": "li.wei", "reason": "see #812", "expires": "2026-01-20", "scope": scope}
    return WaiverFile("suites/phone/waivers.toml", "", {"schema": 1, "waiver": [one]}, ())


@pytest.mark.parametrize("limits", [{"critical": 0}, {"slices": {"night": 0}}, {"labels": {"phone": 0}}], ids=str)
def test_what_a_waived_case_loses_does_not_count_and_what_another_loses_does(judged, limits):
    lost = {"waivers": waiver(cases=["night_0"]), "failed": LOST}
    found = only(judged(limits, v2={"night_0": FAINT}, **lost))
    assert (found.verdict, found.reason, found.value, found.waivers) == (Answer.PASS, "waived", 0, ("W-1",))
    assert "not counted: night_0, waived by W-1 (li.wei, until 2026-01-20)" in found.message
    found = only(judged(limits, v2=LOST, **lost))
    assert (found.verdict, found.value, found.waivers) == (Answer.FAIL, 1, ("W-1",))
    assert "night_1" in found.rerun
    assert "night_0" not in found.rerun


def test_a_waiver_of_a_rule_does_not_reach_a_limit_on_a_label(judged):
    found = only(judged({"labels": {"phone": 0}}, v2=LOST))
    (holding,) = waiver(rule="flips.labels").waivers
    assert let_through(found, [holding]) == found
    over = only(judged({"critical": 0}, v2=LOST))
    (holding,) = waiver(rule="flips.critical", worst=2).waivers
    assert let_through(over, [holding]).reason == "waived"


def test_new_boxes_without_an_object_are_counted_and_old_ones_are_not(judged, build):
    both = {key: [*build.HIT[key], *CUP[key]] for key in CUP}
    found = only(judged({"new_spurious": 0}, v1={"day_0": both}, v2={"day_0": both, "day_1": both}))
    assert answer(found) == ("FAIL", "over-limit", 1, 8)
    assert found.message == (
        "1 boxes that stand for no object are new in 8 images, 0 are allowed: day_1 cup 0.80 at [60 10 90 90]"
    )
    assert (found.baseline, found.candidate) == (1, 2)


@pytest.mark.parametrize("side", ["v1", "v2"])
def test_detections_that_are_missing_fail_what_they_concern(judged, side):
    limits = {"critical": 9, "minor": 9, "slices": {"night": 9}, "labels": {"phone": 9}, "new_spurious": 9}
    found = findings(judged(limits, **{side: {"night_0": None}}))
    failed = {name for name, one in found.items() if one.verdict is Answer.FAIL}
    assert failed == {
        ("flips.critical", None), ("flips.slices", "night"), ("flips.labels", "phone"), ("flips.new_spurious", None),
    }  # fmt: skip
    assert {one.reason for one in found.values() if one.verdict is Answer.FAIL} == {"not-finite"}
    assert "night_0" in found["flips.critical", None].message


def test_no_case_with_ground_truth_is_no_data(judged, build):
    found = findings(judged({"critical": 0, "new_spurious": 0}, cases=[build.case("a", boxes=None, min_objects=1)]))
    assert {(one.verdict, one.reason) for one in found.values()} == {(Answer.INCONCLUSIVE, "no-data")}


def test_a_slice_whose_cases_know_no_objects_is_no_data(judged, build):
    cases = [build.case("a", ["day"]), build.case("b", ["empty"], boxes=())]
    assert answer(only(judged({"slices": {"empty": 0}}, cases=cases, v1={}, v2={})))[:2] == ("INCONCLUSIVE", "no-data")


def test_without_a_baseline_or_without_the_rule_there_is_nothing(judged, build):
    alone = judged({"critical": 0}, baseline=None)
    assert rule.judge_flips(alone) == ()
    assert not any(planned.rule.startswith("flips") for planned in planned_rules(alone.policy, alone=True))
    case = judged({"critical": 0})
    bare = JudgedSuite(case.run, case.comparison, case.suite, build.policy())
    assert rule.judge_flips(bare) == ()


def test_every_limit_is_planned_and_a_missing_finding_is_found(judged):
    limits = {"critical": 0, "labels": {"phone": 0}, "slices": {"night": 0}, "new_spurious": 0}
    case = judged(limits)
    found = rule.judge_flips(case)
    planned = {one for one in planned_rules(case.policy, alone=False) if one.rule.startswith("flips")}
    assert {(one.rule, one.slice, one.label) for one in planned} == {(one.rule, one.slice, one.label) for one in found}
    others = [Finding(one.rule, Answer.PASS, "x", "", slice=one.slice) for one in planned_rules(case.policy, False)]
    (missing,) = judge_applied(case, [*found[:1], *others])
    assert "flips.labels for label phone" in missing.message
