"""Rule `control`: a policy that stops nothing, and a broken comparator, are found in the run itself."""

from dataclasses import replace

import numpy as np
import pytest

from pytest_damover.domain import expectations, gate
from pytest_damover.domain.comparing import comparison, flip_matching, flips
from pytest_damover.domain.expectations import boxes, count
from pytest_damover.domain.journal import Outcome
from pytest_damover.domain.policy import policy_digest
from pytest_damover.domain.rules import operating, three_way
from pytest_damover.domain.run import PlannedRule
from pytest_damover.domain.scoring import box_pairs, greedy, matching, resampling, shares
from pytest_damover.domain.verdict import Answer, Finding

AP50 = {"margin": 0.1, "slices": {"night": 0.2}, "minimum": 0.3}
FLIPS = {"flips": {"major": 1, "labels": {"phone": 1}, "slices": {"night": 1}, "new_spurious": 1}}
STRICT = {"ap50": AP50, **FLIPS}
ONLY_FLIPS = {**FLIPS, "regressions": {"major": 10}}


def judged(build, policy, cases=None, ends=None, **changes):
    """The verdict of ten cases, half of them by night, that both sides pass unless `ends` says otherwise."""
    if cases is None:
        cases = [build.case(f"c{i}", ["night"] if i % 2 else [], min_objects=1, max_objects=2) for i in range(10)]
    planned = build.plan([build.suite(cases, {**build.POLICY, **policy})], **changes)
    return build.answer(build.run(planned, build.outcomes(planned, **(ends or {}))))


def control(verdict):
    (found,) = [finding for finding in verdict.candidates[0].findings if finding.rule == "control"]
    return found


def outcome(verdict):
    found = control(verdict)
    return verdict.verdict.value, found.verdict.value, found.reason.removeprefix("negative-control-")


@pytest.mark.parametrize("policy", [{}, STRICT, {"ap50": {"minimum": 0.2}}, {"failures": {"major": 0}}, FLIPS], ids=str)
@pytest.mark.parametrize("baseline", ["v1", None])
def test_a_policy_with_teeth_stops_what_is_planted(build, policy, baseline):
    verdict = judged(build, policy, baseline=baseline)
    assert outcome(verdict) == ("PASS", "PASS", "stopped")


def test_the_finding_says_what_was_planted_and_what_stopped_it(build):
    found = control(judged(build, STRICT))
    assert "finds nothing in slice night by regressions.major, ap50" in found.message
    assert "finds everything in the wrong place by" in found.message
    assert found.n == 15
    assert found.suite == "phone"


def test_limits_on_flips_alone_stop_what_is_planted(build):
    verdict = judged(build, ONLY_FLIPS)
    assert outcome(verdict) == ("PASS", "PASS", "stopped")
    told = control(verdict).message
    assert "finds nothing in slice night by flips.major, flips.labels, flips.slices" in told
    assert "finds everything in the wrong place by flips.major, flips.labels, flips.slices and 1 more" in told


def test_a_label_of_a_few_cases_among_many_is_sampled(build):
    cases = [build.case(f"c{i}", boxes=[(build.PHONE, "cup" if i in (3, 97) else "phone")]) for i in range(200)]
    cup = {"boxes": [build.PHONE], "scores": [0.9], "labels": ["cup"]}
    planned = build.plan(
        [build.suite(cases, {**build.POLICY, "regressions": {"major": 200}, "flips": {"labels": {"cup": 1}}})]
    )
    ends = {item.key: build.finished(item, detections=cup) for item in planned.items if item.case in ("c3", "c97")}
    assert outcome(build.answer(build.run(planned, ends))) == ("PASS", "PASS", "stopped")


LENIENT = {
    "allowances as large as the suite": ({"regressions": {"major": 10}}, None),
    "limits on flips as large as the suite": (
        {"regressions": {"major": 10}, "flips": {"major": 10, "labels": {"phone": 10}, "new_spurious": 40}},
        None,
    ),
    "allowances and margins, and a baseline that is blind": (
        {"regressions": {"major": 10}, "ap50": {"margin": 0.99, "slices": {"night": 0.99}}},
        {"v1": dict.fromkeys([f"c{i}" for i in range(10)], "failed")},
    ),
    "a baseline that has nothing to lose": (
        {},
        {side: {f"c{i}": "failed" for i in range(10)} for side in ("v1", "v2")},
    ),
}


@pytest.mark.parametrize("name", LENIENT)
def test_g12_a_policy_that_lets_everything_through_is_an_error_that_names_it(build, name):
    policy, ends = LENIENT[name]
    verdict = judged(build, policy, ends=ends)
    assert outcome(verdict) == ("ERROR", "ERROR", "passed")
    message = control(verdict).message
    assert "the policy of suite phone (suites/phone/gate.toml) lets everything through" in message
    assert ("give the policy [failures] or [ap50]" if "baseline" in name else "lower what") in message


@pytest.mark.parametrize("demand", [{"min_objects": 0}, {"min_objects": 0, "max_objects": 10_000}], ids=str)
def test_cases_that_cannot_fail_are_an_error(build, demand):
    cases = [build.case(f"c{i}", boxes=None, **demand) for i in range(3)]
    verdict = judged(build, {}, cases)
    assert outcome(verdict) == ("ERROR", "ERROR", "passed")
    assert "no case demands what it could miss" in control(verdict).message


def test_look_alikes_alone_do_not_stop_a_blind_candidate(build):
    look_alikes = [build.case(f"c{i}", boxes=None, max_objects=0) for i in range(3)]
    ends = {side: {f"c{i}": "passed" for i in range(3)} for side in ("v1", "v2")}
    verdict = judged(build, {}, look_alikes, ends)
    assert outcome(verdict) == ("ERROR", "ERROR", "passed")
    assert "a candidate that finds nothing passes" in control(verdict).message


def test_a_suite_of_look_alikes_beside_one_that_a_blind_candidate_fails_is_fine(build):
    phones = build.suite([build.case("a", min_objects=1)])
    others = build.suite([build.case("b", boxes=None, max_objects=0, suite="others")], name="others")
    planned = build.plan([phones, others])
    assert outcome(build.answer(build.run(planned))) == ("PASS", "PASS", "stopped")


def test_of_two_suites_the_one_without_teeth_is_named(build):
    phones = build.suite([build.case("a", min_objects=1)])
    lenient = {**build.POLICY, "regressions": {"major": 9}}
    cups = build.suite([build.case("b", min_objects=1, suite="cups")], lenient, name="cups")
    found = control(build.answer(build.run(build.plan([phones, cups]))))
    assert (found.verdict, found.reason) == (Answer.ERROR, "negative-control-passed")
    assert "suite cups" in found.message


def test_what_is_undecided_for_want_of_images_is_no_pass(build):
    """One image gives AP no interval, and the allowance lets its case go."""
    verdict = judged(build, {"regressions": {"major": 1}, "ap50": {"margin": 0.1}}, [build.case("a")])
    assert outcome(verdict) == ("INCONCLUSIVE", "INCONCLUSIVE", "undecided")


@pytest.mark.parametrize("missing", [{"v2": {"c1": None}}, {"v1": {"c3": "skipped"}}], ids=str)
def test_a_run_that_is_not_whole_is_not_blamed_on_the_policy(build, missing):
    verdict = judged(build, {"regressions": {"major": 10}}, ends=missing)
    assert outcome(verdict) == ("INCONCLUSIVE", "INCONCLUSIVE", "undecided")


def test_a_run_with_too_little_evidence_is_not_blamed_on_the_policy(build):
    evidence = {**build.POLICY["evidence"], "min_cases": 100}
    verdict = judged(build, {"evidence": evidence, "regressions": {"major": 10}})
    assert outcome(verdict) == ("INCONCLUSIVE", "INCONCLUSIVE", "undecided")


def test_a_fail_stays_a_fail(build):
    verdict = judged(build, STRICT, ends={"v2": {f"c{i}": "failed" for i in range(10)}})
    assert outcome(verdict) == ("FAIL", "PASS", "stopped")


def test_nothing_is_planted_where_nothing_was_compared(build):
    verdict = judged(build, {}, candidates=(build.revision("v2", content="v1"),), items=[])
    assert "control" not in [finding.rule for finding in verdict.candidates[0].findings]


def always(rule, **fields):
    """A rule that always passes."""
    return lambda _judged: (Finding(rule, Answer.PASS, "within-limit", "fine", **fields),)


def replaced(monkeypatch, name, instead):
    rules = tuple(instead if rule.__name__ == name else rule for rule in gate.POLICY_RULES)
    assert rules != gate.POLICY_RULES
    monkeypatch.setattr(gate, "POLICY_RULES", rules)


def everything_matches(found, known, _crowd, ignored, iou_thresholds):
    """Every detection takes a ground truth of its image and label as long as there are some, wherever they lie."""
    taken, free = np.full(len(found.group), matching.NO_TRUTH), list(range(len(known.group)))
    for detection in range(len(found.group)):
        mine = [truth for truth in free if known.group[truth] == found.group[detection]]
        if mine:
            taken[detection] = mine[0]
            free.remove(mine[0])
    return np.tile(taken, (len(ignored), len(iou_thresholds), 1))


def all_overlap(patch):
    for module in (greedy, matching):
        patch.setattr(module, "pair_ious", lambda a, b, *_: np.ones(np.broadcast(a, b).shape[:-1]))


def met(kind):
    return lambda *_: Outcome(kind, True, "fine")


def all_kept(patch):
    patch.setattr(comparison, "_change", lambda *_: comparison.Change.KEPT)


BROKEN = {
    "ap50 always passes": lambda p: replaced(p, "judge_non_inferiority", always("ap50")),
    "ap50 says nothing": lambda p: replaced(p, "judge_non_inferiority", lambda _judged: ()),
    "the floor always passes": lambda p: replaced(p, "judge_minimum", always("ap50.minimum")),
    "regressions always pass": lambda p: replaced(p, "judge_regressions", always("regressions.major")),
    "the matching matches everything": lambda p: p.setattr(matching, "greedy", everything_matches),
    "all boxes overlap": all_overlap,
    "an interval always clears its limit": lambda p: p.setattr(three_way, "at_least", lambda *_: Answer.PASS),
    "intervals lie where nothing is lost": lambda p: p.setattr(resampling.Draws, "interval", lambda *_: (0.9, 1.0)),
    "AP is always 1": lambda p: p.setattr(
        resampling, "weighted_average_precisions", lambda _, weights: np.ones(weights.shape[1])
    ),
    "boxes never fail": lambda p: p.setattr(boxes, "evaluate", met("boxes")),
    "counts never fail": lambda p: p.setattr(count, "evaluate", met("count")),
    "no expectation is ever evaluated": lambda p: p.setattr(expectations, "registry", lambda: ()),
    "every case is kept": all_kept,
    "flips always pass": lambda p: replaced(p, "judge_flips", always("flips.major")),
    "flips say nothing": lambda p: replaced(p, "judge_flips", lambda _judged: ()),
    "every object is found": lambda p: p.setattr(flips.Sight, "found", True),
    "no box is spurious": lambda p: p.setattr(
        flip_matching, "_spurious", lambda side, *_: np.zeros(len(side.image), dtype=bool)
    ),
    "every box lies on every object": lambda p: p.setattr(box_pairs, "pair_ious", lambda a, *_: np.ones(len(a))),
}


@pytest.mark.parametrize("name", BROKEN)
def test_g12_a_broken_comparator_turns_the_run_into_an_error(build, monkeypatch, name):
    assert judged(build, STRICT).verdict is Answer.PASS
    BROKEN[name](monkeypatch)
    assert outcome(judged(build, STRICT)) == ("ERROR", "ERROR", "passed")


def test_an_expectation_of_every_kind_that_never_fails_is_found(build, monkeypatch):
    demands = {"min_objects": 1, "labels": ["phone"], "no_duplicates": True, "forbidden_regions": [[90, 90, 99, 99]]}
    cases = [build.case(f"c{i}", **demands) for i in range(4)]
    assert judged(build, {}, cases).verdict is Answer.PASS
    for kind, module in expectations.registry():
        with monkeypatch.context() as patch:
            patch.setattr(module, "evaluate", met(kind))
            found = control(judged(build, {}, cases))
            assert (found.verdict, found.reason) == (Answer.ERROR, "negative-control-passed"), kind
            assert f"the expectation {kind} is met" in found.message


def test_a_rule_that_leaves_no_finding_is_an_error(build, monkeypatch):
    replaced(monkeypatch, "judge_evidence", lambda _judged: ())
    verdict = judged(build, {})
    assert ("ERROR", "rule-not-applied") in {(f.verdict.value, f.reason) for f in verdict.candidates[0].findings}
    assert verdict.verdict is Answer.ERROR


def test_a_rule_that_the_plan_lists_binds_only_the_policy_it_was_listed_for(build):
    policy = build.policy(**STRICT)
    listed = {"policy_digest": policy_digest(policy), "rules": (PlannedRule("a-rule-of-tomorrow"),)}
    cases = [build.case(f"c{i}", ["night"], min_objects=1) for i in range(4)]
    planned = build.plan([build.suite(cases, {**build.POLICY, **STRICT}, **listed)])
    run = build.run(planned)
    assert build.reasons(build.answer(run), "policy") >= {(Answer.ERROR, "rule-not-applied")}
    assert build.answer(run, {"phone": build.policy()}).verdict is Answer.PASS


OPERATING = {"recall": {"margin": 0.1, "minimum": 0.3}, "precision": {"margin": 0.1, "minimum": 0.3}}
BROKEN_OPERATING = {
    "recall and precision say nothing": lambda p: replaced(p, "judge_operating", lambda _judged: ()),
    "recall always passes": lambda p: replaced(p, "judge_operating", always("recall")),
    "an interval always clears its limit": lambda p: p.setattr(three_way, "at_least", lambda *_: Answer.PASS),
    "intervals lie where nothing is lost": lambda p: p.setattr(resampling.Draws, "interval", lambda *_: (0.9, 1.0)),
    "every share is 1": lambda p: p.setattr(shares, "_weighted", lambda _, weights: np.ones(weights.shape[1])),
    "the matching matches everything": lambda p: p.setattr(matching, "greedy", everything_matches),
    "all boxes overlap": all_overlap,
}


@pytest.mark.parametrize("name", BROKEN_OPERATING)
def test_g12_broken_recall_or_precision_turns_the_run_into_an_error(build, monkeypatch, name):
    assert judged(build, OPERATING).verdict is Answer.PASS
    BROKEN_OPERATING[name](monkeypatch)
    assert outcome(judged(build, OPERATING)) == ("ERROR", "ERROR", "passed")


@pytest.mark.parametrize("broken", ["recall", "recall.minimum", "precision", "precision.minimum"])
def test_g12_each_of_them_alone_is_found_broken(build, monkeypatch, broken):
    """The other rules stop what is planted; that this one lets it pass is an error all the same."""

    def lenient(judged_suite):
        found = operating.judge_operating(judged_suite)
        return tuple(replace(one, verdict=Answer.PASS) if one.rule == broken else one for one in found)

    replaced(monkeypatch, "judge_operating", lenient)
    message = control(judged(build, OPERATING)).message
    assert f"the rule {broken} does not FAIL a candidate that finds everything in the wrong place" in message
    assert (f"the rule {broken} does not FAIL a candidate that finds nothing" in message) == broken.startswith("recall")


def test_recall_alone_has_teeth_where_cases_are_allowed_to_fail(build):
    policy = {"regressions": {"major": 10}, "recall": {"minimum": 0.3}}
    assert outcome(judged(build, policy)) == ("PASS", "PASS", "stopped")
