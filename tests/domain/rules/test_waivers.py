"""Waivers at work: what they let through, what they never do, and what is found about each of them."""

import dataclasses

import pytest

from pytest_damover.domain.gate import compare_candidates
from pytest_damover.domain.policy import policy_from_data
from pytest_damover.domain.rules.waived import let_through, set_aside
from pytest_damover.domain.run import NO_REVISION, TEST, PlanItem
from pytest_damover.domain.verdict import Answer, Finding
from pytest_damover.domain.waiver import WaiverFile, waivers_from_data

NAMES = [f"c{i}" for i in range(12)]
ONE = {"id": "W-1", "owner": "li.wei", "reason": "see #812", "expires": "2026-01-20"}
C0 = {"cases": ["c0"]}


def waivers(*scopes, **changes):
    """A file with a waiver for each scope: W-1, W-2, …"""
    listed = [{**ONE, "id": f"W-{n}", **changes, "scope": scope} for n, scope in enumerate(scopes, start=1)]
    return WaiverFile("suites/phone/waivers.toml", "", {"schema": 1, "waiver": listed}, ())


def judged(build, file, lost=("c0",), policy=None, own=True, baseline="v1", candidates=("v2",), sides=None, **changes):
    """The verdict of twelve cases, of which the candidate loses some; a policy that is not the suite's own is asked."""
    data = {**build.POLICY, **(policy or {})}
    cases = [build.case(name, ["night"] if i % 2 else ["day"], min_objects=1) for i, name in enumerate(NAMES)]
    suite = build.suite(cases, data if own else build.POLICY, waivers=file)
    planned = build.plan([suite], baseline=baseline, candidates=candidates, **changes)
    sides = {"v2": dict.fromkeys(lost, "failed")} if sides is None else sides
    run = build.run(planned, build.outcomes(planned, **sides))
    return build.answer(run, {"phone": policy_from_data(data)})


def about(verdict, rule="waiver", candidate=0):
    return [found for found in verdict.candidates[candidate].findings if found.rule == rule]


def reasons(verdict, candidate=0):
    return [(found.verdict.value, found.reason) for found in about(verdict, candidate=candidate)]


def test_g10_a_waived_regression_does_not_count_and_is_named(build):
    verdict = judged(build, waivers(C0))
    assert verdict.verdict is Answer.PASS
    (found,) = about(verdict, "regressions.major")
    assert (found.value, found.limit, found.reason, found.waivers) == (0, 0, "waived", ("W-1",))
    assert "not counted: c0, waived by W-1 (li.wei, until 2026-01-20)" in found.message
    (waiver,) = about(verdict)
    assert (waiver.verdict, waiver.reason, waiver.waivers, waiver.n) == (Answer.PASS, "waiver-used", ("W-1",), 1)
    assert waiver.message == "W-1 (li.wei, until 2026-01-20), 19 days left, covers c0: see #812"
    (use,) = verdict.waivers
    assert (use.days_left, use.covered) == (19, (("v2", "c0"),))


def test_g10_what_it_does_not_name_counts(build):
    verdict = judged(build, waivers(C0), lost=("c0", "c1"))
    (found,) = about(verdict, "regressions.major")
    assert (verdict.verdict, found.value, found.reason) == (Answer.FAIL, 1, "over-limit")
    assert "c1" in found.rerun
    assert "c0" not in found.rerun
    assert reasons(verdict) == [("PASS", "waiver-used")]


def test_g10_a_waived_case_takes_nothing_from_what_the_policy_allows(build):
    verdict = judged(build, waivers(C0), lost=("c0", "c1"), policy={"regressions": {"major": 1}})
    (found,) = about(verdict, "regressions.major")
    assert (verdict.verdict, found.value, found.reason, found.waivers) == (Answer.PASS, 1, "waived", ("W-1",))
    within = judged(build, waivers(C0), lost=("c0", "c1"), policy={"regressions": {"major": 2}})
    assert about(within, "regressions.major")[0].reason == "within-limit"


def test_g10_absolute_failures_and_a_lone_revision_are_waived_as_well(build):
    policy = {"failures": {"major": 0}}
    both = {side: {"c0": "failed"} for side in ("v1", "v2")}
    assert judged(build, None, policy=policy, sides=both).verdict is Answer.FAIL
    assert judged(build, waivers(C0), policy=policy, sides=both).verdict is Answer.PASS
    assert judged(build, None, baseline=None).verdict is Answer.FAIL
    assert judged(build, waivers(C0), baseline=None).verdict is Answer.PASS


DEFECTS = {
    "expired": ({"expires": "2025-12-31"}, "waiver-expired"),
    "ownerless": ({"owner": ""}, "waiver-ownerless"),
    "reasonless": ({"reason": " "}, "waiver-reasonless"),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_g10_a_waiver_that_is_not_in_order_waives_nothing_and_fails(build, name):
    changes, reason = DEFECTS[name]
    verdict = judged(build, waivers(C0, **changes))
    assert reasons(verdict) == [("FAIL", reason)]
    assert about(verdict, "regressions.major")[0].verdict is Answer.FAIL
    assert reasons(judged(build, waivers(C0, **changes), lost=())) == [("FAIL", reason)]


def test_g10_every_defect_of_a_waiver_is_told(build):
    verdict = judged(build, waivers({"cases": ["nowhere"]}, owner="", reason="", expires="2025-12-01"), lost=())
    told = [reason for _, reason in reasons(verdict)]
    assert told == ["waiver-expired", "waiver-ownerless", "waiver-reasonless", "waiver-unknown"]
    assert "31 days before this run" in about(verdict)[0].message


def test_g10_a_waiver_that_nothing_needed_fails(build):
    verdict = judged(build, waivers(C0), lost=())
    assert (verdict.verdict, reasons(verdict)) == (Answer.FAIL, [("FAIL", "waiver-unused")])
    assert "remove it (cases = c0)" in about(verdict)[0].message


def test_g10_a_known_failure_that_no_rule_counts_needs_no_waiver(build):
    both = {side: {"c0": "failed"} for side in ("v1", "v2")}
    assert reasons(judged(build, waivers(C0), sides=both)) == [("FAIL", "waiver-unused")]


@pytest.mark.parametrize("narrow", [{"narrowed": ("-k night",)}, {"ends": None}], ids=str)
def test_g10_unused_is_not_claimed_of_a_run_that_was_not_whole(build, narrow):
    if "narrowed" in narrow:
        verdict = judged(build, waivers(C0), lost=(), **narrow)
    else:
        verdict = judged(build, waivers(C0), sides={"v2": {"c1": None}})
    assert (verdict.verdict, reasons(verdict)) == (Answer.INCONCLUSIVE, [("INCONCLUSIVE", "waiver-undecided")])


STRANGE = ({"cases": ["c0", "dusk"]}, {"rule": "ap50"}, {"rule": "plan"}, {"rule": "regressions.major", "slice": "day"})


@pytest.mark.parametrize("scope", STRANGE, ids=str)
def test_g10_a_waiver_names_what_there_is(build, scope):
    verdict = judged(build, waivers(scope), lost=())
    assert reasons(verdict) == [("FAIL", "waiver-unknown")]
    assert ("dusk" if "cases" in scope else scope["rule"]) in about(verdict)[0].message


def test_g10_a_python_test_is_waived_by_its_name(build):
    name = "test_a.py::test_pair"
    cases = [build.case(case, min_objects=1) for case in NAMES]
    suite = build.suite(cases, waivers=waivers({"cases": [name]}), test_severities={name: "major"})
    item = PlanItem("phone", name, TEST, NO_REVISION)
    plan = build.plan([suite])
    plan = dataclasses.replace(plan, items=(*plan.items, item))
    assert build.answer(build.run(plan, {item.key: build.finished(item, "failed", None)})).verdict is Answer.PASS
    left_out = dataclasses.replace(plan, items=plan.items[:-1], left_out=(f"needs a GPU: {name}",))
    verdict = build.answer(build.run(left_out))
    assert (verdict.verdict, reasons(verdict)) == (Answer.PASS, [("PASS", "waiver-not-needed")])


def test_g10_tests_that_a_narrowed_run_did_not_look_at_are_not_called_unknown(build):
    narrowed = judged(build, waivers({"cases": ["test_a.py::test_x"]}), lost=(), narrowed=("a file",))
    assert ("FAIL", "waiver-unknown") not in reasons(narrowed)
    assert reasons(judged(build, waivers({"cases": ["test_a.py::test_x"]}), lost=())) == [("FAIL", "waiver-unknown")]


AP50 = {"ap50": {"margin": 0.2, "slices": {"night": 0.2}, "resamples": 200}, "regressions": {"major": 6}}
NIGHT = [name for i, name in enumerate(NAMES) if i % 2]


def test_g10_a_rule_in_a_slice_may_break_its_limit(build):
    lost = NIGHT[:5]
    strict = judged(build, None, lost, AP50)
    before = {(found.rule, found.slice): found for found in strict.candidates[0].findings}["ap50", "night"]
    assert (strict.verdict, before.reason) == (Answer.FAIL, "over-limit")
    verdict = judged(build, waivers({"rule": "ap50", "slice": "night", "worst": -1}), lost, AP50)
    found = {(found.rule, found.slice): found for found in verdict.candidates[0].findings}["ap50", "night"]
    assert (found.verdict, found.reason, found.waivers) == (Answer.PASS, "waived", ("W-1",))
    assert (found.value, found.interval, found.limit) == (before.value, before.interval, before.limit)
    assert found.message == f"{before.message}; waived by W-1 (li.wei, until 2026-01-20)"
    used = [one for one in about(verdict) if one.reason == "waiver-used"]
    assert "covers ap50 · night" in used[0].message


def test_g10_the_bound_of_a_waiver_holds_for_the_whole_interval(build):
    lost = NIGHT[:5]
    bound = {"rule": "ap50", "slice": "night", "worst": -0.6}
    verdict = judged(build, waivers(bound), lost, AP50)
    found = {(found.rule, found.slice): found for found in verdict.candidates[0].findings}["ap50", "night"]
    assert (found.verdict, found.waivers) == (Answer.FAIL, ())
    assert reasons(verdict) == [("FAIL", "waiver-not-enough")]


def failing(value, limit, interval=None, **changes):
    draft = Finding("latency", Answer.FAIL, "over-limit", "slow", value=value, limit=limit, interval=interval)
    return dataclasses.replace(draft, **changes)


BOUNDS = [
    (-0.1, -0.05, (-0.12, -0.08), -0.12, True),
    (-0.1, -0.05, (-0.121, -0.08), -0.12, False),
    (2.0, 1.5, (1.8, 2.2), 2.2, True),
    (2.0, 1.5, (1.8, 2.21), 2.2, False),
    (4, 2, None, 4, True),
    (5, 2, None, 4, False),
    (4, 2, None, 1, False),
    (None, 2, None, 9, False),
    (2, 2, None, 9, False),
    (float("nan"), 2, None, 9, False),
    (4, 2, (3, float("nan")), 9, False),
]


@pytest.mark.parametrize(("value", "limit", "interval", "worst", "covered"), BOUNDS)
def test_g10_as_far_as_the_bound_and_no_further(value, limit, interval, worst, covered):
    known = waivers_from_data(waivers({"rule": "latency", "worst": worst}).data)
    assert (let_through(failing(value, limit, interval), known).verdict is Answer.PASS) is covered


@pytest.mark.parametrize(
    "found",
    [
        failing(4, 2, reason="not-finite"),
        failing(4, 2, reason="latency-failed"),
        failing(4, 2, reason="slice-absent"),
        failing(4, 2, verdict=Answer.INCONCLUSIVE, reason="undecided"),
        failing(4, 2, verdict=Answer.ERROR),
        failing(4, 2, slice="night"),
        failing(4, 2, rule="ap50"),
    ],
    ids=lambda found: f"{found.rule}-{found.slice}-{found.verdict.value}-{found.reason}",
)
def test_g10_only_a_value_over_its_limit_can_be_waived(found):
    known = waivers_from_data(waivers({"rule": "latency"}).data)
    assert let_through(found, known) is found
    assert let_through(failing(4, 2), known).verdict is Answer.PASS


def test_g10_no_waiver_covers_a_crash(build):
    cases = [build.case(name, min_objects=1) for name in NAMES]
    plan = build.plan([build.suite(cases, waivers=waivers(C0))])
    (key,) = build.outcomes(plan, v2={"c0": "failed"})
    item = next(item for item in plan.items if item.key == key)
    crash = build.finished(item, "failed", None, crashed=True)
    verdict = build.answer(build.run(plan, {key: crash}))
    assert about(verdict, "crashes")[0].verdict is Answer.FAIL
    (counted,) = about(verdict, "regressions.major")
    assert (counted.verdict, counted.value, counted.waivers) == (Answer.FAIL, 1, ())
    assert reasons(verdict) == [("FAIL", "waiver-not-enough")]
    assert "c0 crashed" in about(verdict)[0].message


@pytest.mark.parametrize("ends", [{"c1": None}, {"c1": "skipped"}, {"c1": "error"}], ids=str)
def test_g10_what_did_not_run_is_not_waived(build, ends):
    scope = {"cases": ["c0", "c1"]}
    verdict = judged(build, waivers(scope), sides={"v2": {"c0": "failed", **ends}})
    assert verdict.verdict is (Answer.ERROR if "error" in ends.values() else Answer.INCONCLUSIVE)


def test_g10_an_undecided_finding_stays_undecided(build):
    policy = {"ap50": {"margin": 0.2, "resamples": 200}, "regressions": {"major": 6}}
    verdict = judged(build, waivers({"rule": "ap50"}), NIGHT[:2], policy)
    assert about(verdict, "ap50")[0].verdict is Answer.INCONCLUSIVE
    assert ("INCONCLUSIVE", "waiver-undecided") in reasons(verdict)


def test_g10_waivers_so_wide_that_a_blind_candidate_passes_are_an_error(build):
    verdict = judged(build, waivers({"cases": NAMES}))
    (control,) = about(verdict, "control")
    assert (control.verdict, control.reason) == (Answer.ERROR, "negative-control-passed")
    assert "the waivers of phone let everything through" in control.message
    by_rule = judged(build, waivers({"rule": "regressions.major"}))
    assert about(by_rule, "control")[0].verdict is Answer.ERROR
    bounded = judged(build, waivers({"rule": "regressions.major", "worst": 3}))
    assert bounded.verdict is Answer.PASS


def test_g10_the_control_looks_at_enough_cases_beside_the_waived_ones(build):
    """Of 60 cases 40 are waived and 15 regressions allowed: 20 drawn at random would hold too few that count."""
    names = [f"c{i:02}" for i in range(60)]
    cases = [build.case(name, min_objects=1) for name in names]
    file = waivers({"cases": names[:40]})
    suite = build.suite(cases, {**build.POLICY, "regressions": {"major": 15}}, waivers=file)
    plan = build.plan([suite])
    verdict = build.answer(build.run(plan, build.outcomes(plan, v2={"c01": "failed"})))
    assert about(verdict, "control")[0].reason == "negative-control-stopped"
    raised = waivers({"rule": "regressions.major", "worst": 30})
    plan = build.plan([build.suite(cases, waivers=raised)])
    verdict = build.answer(build.run(plan, build.outcomes(plan, v2={"c01": "failed"})))
    assert verdict.verdict is Answer.PASS


def test_g10_a_waiver_that_another_candidate_needs_is_needed(build):
    two = {"candidates": ("v2", "v3"), "sides": {"v2": {"c0": "failed"}}}
    verdict = judged(build, waivers(C0), **two)
    assert (verdict.verdict, reasons(verdict), reasons(verdict, 1)) == (
        Answer.PASS,
        [("PASS", "waiver-used")],
        [("PASS", "waiver-not-needed")],
    )
    for_v3 = judged(build, waivers({**C0, "candidates": ["v3"]}), **two)
    assert for_v3.verdict is Answer.FAIL
    assert (reasons(for_v3), reasons(for_v3, 1)) == ([("PASS", "waiver-not-needed")], [("FAIL", "waiver-unused")])
    neither = judged(build, waivers(C0), candidates=("v2", "v3"), sides={})
    assert reasons(neither) == reasons(neither, 1) == [("FAIL", "waiver-unused")]


def test_g10_under_another_policy_no_waiver_is_called_unused_or_unknown(build):
    other = {"policy": {"regressions": {"major": 1}}, "own": False}
    file = waivers(C0, {"rule": "ap50"})
    assert reasons(judged(build, file, lost=(), **other)) == [("PASS", "waiver-not-needed")] * 2
    assert reasons(judged(build, file, **other)) == [("PASS", "waiver-used"), ("PASS", "waiver-not-needed")]
    expired = waivers(C0, expires="2025-01-01")
    assert reasons(judged(build, expired, lost=(), **other)) == [("FAIL", "waiver-expired")]


def test_g10_a_file_with_faults_and_a_plan_without_a_day_are_errors(build):
    file = WaiverFile("suites/phone/waivers.toml", "", None, ("waivers.toml: no  [waivers]",))
    verdict = judged(build, file, lost=())
    assert (verdict.verdict, reasons(verdict)) == (Answer.ERROR, [("ERROR", "waiver-faults")])
    verdict = judged(build, waivers(C0), created_at="once")
    assert (verdict.verdict, reasons(verdict)) == (Answer.ERROR, [("ERROR", "waiver-faults")])
    assert about(verdict, "regressions.major")[0].verdict is Answer.FAIL


def test_g10_of_identical_revisions_nothing_is_said_about_use(build):
    same = (build.revision("v2", "v1"),)
    assert reasons(judged(build, waivers(C0), candidates=same, sides={})) == []
    assert reasons(judged(build, waivers(C0, owner=""), candidates=same, sides={})) == [("FAIL", "waiver-ownerless")]


def test_g10_two_waivers_of_one_case_are_both_used(build):
    verdict = judged(build, waivers(C0, {"cases": ["c0", "c1"]}))
    assert reasons(verdict) == [("PASS", "waiver-used")] * 2
    assert about(verdict, "regressions.major")[0].waivers == ("W-1", "W-2")


def test_g10_without_waivers_the_verdict_says_nothing_of_them(build):
    verdict = judged(build, None)
    assert about(verdict) == []
    assert "waiver" not in verdict.to_text()


def test_g10_cases_set_aside_keep_their_order(build):
    cases = [build.case(name) for name in NAMES]
    plan = build.plan([build.suite(cases)])
    comparison = compare_candidates(
        build.run(plan, build.outcomes(plan, v2=dict.fromkeys(["c3", "c1", "c2"], "failed"))), {}
    )[0]
    wrong = [case for case in comparison.cases if case.change.value == "regression"]
    known = waivers_from_data(waivers({"cases": ["c3", "c2"]}).data)
    counted, covered = set_aside(known, wrong)
    assert [case.case for case in counted] == ["c1"]
    assert [(waiver.id, names) for waiver, names in covered] == [("W-1", ("c2", "c3"))]


def test_g10_what_only_warns_needs_no_waiver(build):
    policy = {"ap50": {**AP50["ap50"], "action": "warn"}, "regressions": {"major": 6}}
    verdict = judged(build, waivers({"rule": "ap50", "slice": "night"}), NIGHT[:5], policy)
    found = {(one.rule, one.slice): one for one in verdict.candidates[0].findings}["ap50", "night"]
    assert (found.verdict, found.action.value, found.waivers) == (Answer.FAIL, "warn", ())
    assert reasons(verdict) == [("FAIL", "waiver-unused")]
