import dataclasses
import itertools
import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_damover.domain import gate
from pytest_damover.domain.comparison import LatencyComparison, SliceComparison
from pytest_damover.domain.gate import compare_candidates, judge, planned_policies, policies_digest
from pytest_damover.domain.journal import TORN
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.run import LATENCY, NO_REVISION, TEST, PlanItem
from pytest_damover.domain.verdict import Answer, worst

PASS, FAIL, INCONCLUSIVE, ERROR = Answer.PASS, Answer.FAIL, Answer.INCONCLUSIVE, Answer.ERROR


def answer(run, policies=None):
    policies = planned_policies(run.plan) if policies is None else policies
    return judge(run, compare_candidates(run, policies), policies)


def findings(verdict):
    (candidate,) = verdict.candidates
    return {(finding.rule, finding.slice): finding for finding in candidate.findings}


def reasons(verdict, rule="plan"):
    (candidate,) = verdict.candidates
    return {(finding.verdict, finding.reason) for finding in candidate.findings if finding.rule == rule}


@pytest.fixture(scope="module")
def plan(build):
    cases = [
        build.case(f"{s}_{i}", [s], severity)
        for s, severity in (("day", "minor"), ("night", "critical"))
        for i in range(4)
    ]
    return build.plan([build.suite(cases)])


@pytest.fixture(scope="module")
def compared(build, plan):
    run = build.run(plan)
    return run, *compare_candidates(run, {})


# --- the whole answer


def test_everything_ran_and_nothing_got_worse_is_a_pass_with_its_proofs(build, plan):
    verdict = answer(build.run(plan))
    assert verdict.verdict is PASS
    shown = ["plan", "identical", "policy", "evidence.cases", "evidence.images", "evidence.objects"]
    shown += ["regressions.critical", "regressions.major", "regressions.minor"]
    assert list(findings(verdict)) == [(rule, None) for rule in shown]
    assert verdict.verdict.exit_code == 0


@pytest.mark.parametrize("answers", [some for n in (1, 2, 3, 4) for some in itertools.combinations(Answer, n)])
def test_error_wins_over_fail_over_inconclusive_over_pass(answers):
    assert worst(answers) is next(a for a in (ERROR, FAIL, INCONCLUSIVE, PASS) if a in answers)


def test_no_candidate_is_never_a_pass(build):
    assert answer(build.run(build.plan([build.suite([build.case("a")])], candidates=()))).verdict is INCONCLUSIVE


def test_the_worst_candidate_decides(build):
    plan = build.plan([build.suite([build.case("a")])], candidates=("v2", "v3"))
    verdict = answer(build.run(plan, build.outcomes(plan, v3={"a": "failed"})))
    assert [candidate.verdict for candidate in verdict.candidates] == [PASS, FAIL]
    assert verdict.verdict is FAIL


def test_what_another_candidate_did_not_run_is_not_this_ones(build):
    plan = build.plan([build.suite([build.case("a")])], candidates=("v2", "v3"))
    verdict = answer(build.run(plan, build.outcomes(plan, v3={"a": None})))
    assert [candidate.verdict for candidate in verdict.candidates] == [PASS, INCONCLUSIVE]


def test_a_candidate_that_was_not_compared_is_an_error(build, plan):
    assert judge(build.run(plan), (), planned_policies(plan)).verdict is ERROR


def test_the_same_bytes_give_the_same_verdict_as_text(build, plan):
    first, second = (answer(build.run(plan, build.outcomes(plan, v2={"night_0": "failed"}))) for _ in range(2))
    assert first.to_text() == second.to_text()
    assert json.loads(first.to_text())["verdict"] == "FAIL"


def test_counts(build, plan):
    ends = build.outcomes(plan, v1={"day_0": "skipped", "day_1": "error"}, v2={"day_0": "failed", "day_1": None})
    counts = answer(build.run(plan, ends)).counts
    assert (counts.planned, counts.run, counts.passed, counts.failed) == (16, 14, 12, 2)
    assert (counts.skipped, counts.missing) == (1, 1)


# --- plan


@pytest.mark.parametrize(
    ("journal", "expected"),
    [
        ({"ended": None}, (INCONCLUSIVE, "interrupted")),
        ({"ended": "interrupted"}, (INCONCLUSIVE, "interrupted")),
        ({"ended": None, "damage": (TORN,)}, (INCONCLUSIVE, "interrupted")),
        ({"damage": (TORN,)}, (ERROR, "journal-damaged")),
        ({"damage": ("line 3 is not a JSON object",)}, (ERROR, "journal-damaged")),
        ({"run_id": "run-2"}, (ERROR, "other-run")),
    ],
)
def test_faults_of_the_journal(build, plan, journal, expected):
    verdict = answer(build.run(plan, **journal))
    assert verdict.verdict is expected[0]
    assert expected in reasons(verdict)


def test_a_killed_run_is_no_damage(build, plan):
    assert reasons(answer(build.run(plan, ended=None, damage=(TORN,)))) == {(INCONCLUSIVE, "interrupted")}


def test_a_journal_of_another_plan(build, plan):
    changed = dataclasses.replace(build.run(plan), plan_digest="q" * 64)
    assert (ERROR, "plan-changed") in reasons(answer(changed))


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (None, (INCONCLUSIVE, "missing-items")),
        ("skipped", (INCONCLUSIVE, "skipped-items")),
        ("error", (ERROR, "item-errors")),
    ],
)
@pytest.mark.parametrize("side", ["v1", "v2"])
def test_what_did_not_run_to_an_end(build, plan, side, outcome, expected):
    verdict = answer(build.run(plan, build.outcomes(plan, **{side: {"night_2": outcome}})))
    assert reasons(verdict) == {expected}
    assert verdict.verdict is expected[0]
    assert f"phone/night_2:detect@{side}" in findings(verdict)["plan", None].message


def test_items_that_nobody_planned_or_that_ended_twice(build, plan):
    stranger = build.finished(PlanItem("phone", "stranger", "detect", "v2"))
    ends = tuple(build.finished(item) for item in plan.items)
    everyone = [item.key for item in plan.items]
    assert (ERROR, "unplanned-items") in reasons(answer(build.run(plan, finished=(*ends, stranger))))
    assert (ERROR, "duplicate-items") in reasons(answer(build.run(plan, finished=(*ends, ends[0]))))
    assert (ERROR, "duplicate-items") in reasons(answer(build.run(plan, started=[*everyone, everyone[0]])))
    assert (ERROR, "never-started") in reasons(answer(build.run(plan, started=everyone[1:])))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"narrowed": ("-k night",)}, (INCONCLUSIVE, "narrowed")),
        ({"items": ()}, (INCONCLUSIVE, "nothing-planned")),
    ],
)
def test_faults_of_the_plan(build, plan, changes, expected):
    verdict = answer(build.run(dataclasses.replace(plan, **changes)))
    assert expected in reasons(verdict)
    assert verdict.verdict is expected[0]


def test_a_case_left_out_of_the_plan(build, plan):
    verdict = answer(build.run(dataclasses.replace(plan, items=plan.items[:-1])))
    assert reasons(verdict) == {(INCONCLUSIVE, "cases-not-planned")}


def test_broken_cases_and_items_of_no_suite(build, plan):
    broken = dataclasses.replace(plan.suites[0], broken=("cases/x.json: not JSON",))
    verdict = answer(build.run(dataclasses.replace(plan, suites=(broken,))))
    assert reasons(verdict) == {(ERROR, "broken-cases")}
    assert "cases/x.json" in findings(verdict)["plan", None].message
    lost = dataclasses.replace(plan, items=(*plan.items, PlanItem("elsewhere", "a", "detect", "v2")))
    assert (ERROR, "unknown-suite") in reasons(answer(build.run(lost)))


def test_one_name_for_two_revisions(build):
    plan = build.plan([build.suite([build.case("a")])], candidates=[build.revision("v1", content="other")])
    assert (ERROR, "ambiguous-revisions") in reasons(answer(build.run(plan)))


@pytest.mark.parametrize(
    ("policy", "faults", "reason"),
    [(None, (), "no-policy"), (None, ("gate.toml: [ap5]: unknown",), "policy-faults")],
)
def test_a_suite_without_a_usable_policy(build, policy, faults, reason):
    plan = build.plan([build.suite([build.case("a")], policy=policy, policy_faults=faults)])
    verdict = answer(build.run(plan))
    assert reasons(verdict, "policy") == {(ERROR, reason)}
    assert verdict.verdict is ERROR


def test_a_policy_from_outside_is_used_instead(build):
    plan = build.plan([build.suite([build.case("a")], policy=None, policy_faults=("bad",))])
    assert answer(build.run(plan), {"phone": build.policy()}).verdict is PASS


def test_the_policy_digest_is_of_what_it_says(build):
    one, other = build.policy(regressions={"major": 0}), build.policy(regressions={"major": 1})
    assert policies_digest({"a": one, "b": other}) == policies_digest({"b": other, "a": one})
    assert policies_digest({"a": build.policy()}) == policies_digest({"a": one}) != policies_digest({"a": other})


# --- identical


@pytest.mark.parametrize("name", ["copy", "v1"])
def test_identical_revisions_are_inconclusive(build, name):
    plan = build.plan([build.suite([build.case("a")])], candidates=[build.revision(name, content="v1")], items=())
    verdict = answer(build.run(plan))
    assert verdict.verdict is INCONCLUSIVE
    assert reasons(verdict, "identical") == {(INCONCLUSIVE, "identical-revisions")}
    assert set(findings(verdict)) == {("identical", None), ("policy", None)}


# --- evidence


def test_evidence_counts_what_ran_on_both_sides(build):
    cases = [build.case("a"), build.case("b"), build.case("c", boxes=None, min_objects=1)]
    policy = {**build.POLICY, "evidence": {"min_cases": 3, "min_images": 3, "min_objects": 3, "min_slice_images": 1}}
    plan = build.plan([build.suite(cases, policy)])
    verdict = answer(build.run(plan, build.outcomes(plan, v1={"a": "skipped"})))
    found = findings(verdict)
    assert [found[f"evidence.{what}", None].value for what in ("cases", "images", "objects")] == [2, 2, 1]
    assert {found[f"evidence.{what}", None].verdict for what in ("cases", "images", "objects")} == {INCONCLUSIVE}
    assert found["evidence.cases", None].limit == 3


def test_one_image_in_two_cases_is_one_image(build):
    twin = dataclasses.replace(build.case("b"), image_path="images/a.jpg")
    plan = build.plan([build.suite([build.case("a"), twin])])
    found = findings(answer(build.run(plan)))
    assert (found["evidence.cases", None].value, found["evidence.images", None].value) == (2, 1)


# --- regressions and failures


@pytest.mark.parametrize(("lost", "limit", "verdict"), [(0, 0, PASS), (1, 0, FAIL), (2, 2, PASS), (3, 2, FAIL)])
def test_regressions_against_their_limit(build, plan, lost, limit, verdict):
    policies = {"phone": build.policy(regressions={"critical": limit})}
    ends = build.outcomes(plan, v2={f"night_{i}": "failed" for i in range(lost)})
    found = findings(answer(build.run(plan, ends), policies))["regressions.critical", None]
    assert (found.verdict, found.value, found.limit, found.n) == (verdict, lost, limit, 4)
    if lost:
        assert "night_0" in found.message
        assert found.rerun.startswith("pytest suites/phone/cases/night_0.json::night_0")
        assert "--revisions v1,v2" in found.rerun


def test_a_known_failure_is_no_regression_but_a_failure(build, plan):
    policies = {"phone": build.policy(failures={"critical": 0})}
    ends = build.outcomes(plan, v1={"night_0": "failed"}, v2={"night_0": "failed"})
    found = findings(answer(build.run(plan, ends), policies))
    assert found["regressions.critical", None].verdict is PASS
    assert (found["failures.critical", None].verdict, found["failures.critical", None].value) == (FAIL, 1)
    assert ("failures.minor", None) not in found


@pytest.mark.parametrize("side", ["v2", NO_REVISION])
def test_a_failed_test_without_baseline_side_is_a_regression(build, plan, side):
    item = PlanItem("phone", "test_a.py::test_pair[1]", TEST, side)
    more = dataclasses.replace(plan, items=(*plan.items, item))
    found = findings(answer(build.run(more, {item.key: build.finished(item, "failed", None)})))
    assert found["regressions.major", None].verdict is FAIL
    assert found["regressions.major", None].rerun == "pytest suites/phone/test_a.py::test_pair --revisions v1,v2"
    missing = findings(answer(build.run(more, {item.key: None})))
    assert missing["plan", None].reason == "missing-items"


def test_alone_a_severity_without_a_limit_allows_no_failure(build):
    plan = build.plan([build.suite([build.case("a"), build.case("b", severity="minor")])], baseline=None)
    assert answer(build.run(plan)).verdict is PASS
    found = findings(answer(build.run(plan, build.outcomes(plan, v2={"b": "failed"}))))
    assert {rule for rule, _ in found} >= {"failures.critical", "failures.major", "failures.minor"}
    assert found["failures.minor", None].verdict is FAIL
    assert not any(rule.startswith(("regressions", "identical", "latency")) for rule, _ in found)


# --- ap50 and latency: tables of (comparison, policy) -> finding

AP50 = {"ap50": {"margin": 0.02, "slices": {"night": 0.05}, "minimum": 0.8}}
ENOUGH = {"min_cases": 1, "min_images": 1, "min_objects": 0, "min_slice_images": 20}


def with_slices(build, plan, **changes):
    """The verdict when AP50 came out like this, of the whole suite and of the slice night alike."""
    values = {
        "images": 100,
        "objects": 100,
        "baseline": 0.9,
        "candidate": 0.91,
        "difference": 0.01,
        "interval": (-0.01, 0.03),
        "candidate_interval": (0.85, 0.95),
    }
    values |= changes
    policies = {"phone": build.policy(evidence=ENOUGH, **AP50)}
    run = build.run(plan)
    (comparison,) = compare_candidates(run, policies)
    slices = tuple(SliceComparison("phone", name, **values) for name in (None, "night"))
    return findings(judge(run, (dataclasses.replace(comparison, slices=slices),), policies))


@pytest.mark.parametrize(
    ("interval", "whole", "night"),
    [
        ((-0.01, 0.03), PASS, PASS),
        ((-0.02, 0.03), PASS, PASS),
        ((-0.0201, 0.03), INCONCLUSIVE, PASS),
        ((-0.06, -0.021), FAIL, INCONCLUSIVE),
        ((-0.06, -0.02), INCONCLUSIVE, INCONCLUSIVE),
        ((-0.09, -0.051), FAIL, FAIL),
    ],
)
def test_non_inferiority_reads_the_interval(build, plan, interval, whole, night):
    found = with_slices(build, plan, interval=interval, difference=sum(interval) / 2)
    assert (found["ap50", None].verdict, found["ap50", "night"].verdict) == (whole, night)
    assert (found["ap50", None].limit, found["ap50", "night"].limit) == (-0.02, -0.05)
    assert found["ap50", None].interval == interval
    assert found["ap50", "night"].rerun == "pytest suites/phone -k night --revisions v1,v2"


@pytest.mark.parametrize(
    ("interval", "verdict"), [((0.8, 0.9), PASS), ((0.79, 0.9), INCONCLUSIVE), ((0.7, 0.79), FAIL)]
)
def test_the_floor_reads_the_candidates_own_interval(build, plan, interval, verdict):
    found = with_slices(build, plan, candidate_interval=interval)["ap50.minimum", None]
    assert (found.verdict, found.value, found.limit, found.interval) == (verdict, 0.91, 0.8, interval)


def test_undecided_says_how_many_images_would_decide(build, plan):
    # half-width 0.04 down to the gap of 0.02 to the limit takes twice squared times 100 images
    found = with_slices(build, plan, difference=0.0, interval=(-0.04, 0.04))["ap50", None]
    assert found.reason == "undecided"
    assert "about 400 images" in found.message


@pytest.mark.parametrize(
    ("changes", "verdict", "reason"),
    [
        (
            {"difference": None, "candidate": None, "interval": None, "candidate_interval": None},
            INCONCLUSIVE,
            "no-data",
        ),
        ({"interval": None, "candidate_interval": None}, INCONCLUSIVE, "no-interval"),
        ({"difference": math.nan, "candidate": math.nan}, FAIL, "not-finite"),
        ({"difference": math.inf, "candidate": -math.inf}, FAIL, "not-finite"),
        ({"interval": (math.nan, math.nan), "candidate_interval": (0.9, math.nan)}, FAIL, "not-finite"),
        ({"interval": (-math.inf, math.inf), "candidate_interval": (0.9, math.inf)}, FAIL, "not-finite"),
    ],
)
def test_no_number_is_no_pass(build, plan, changes, verdict, reason):
    found = with_slices(build, plan, **changes)
    for key in (("ap50", None), ("ap50", "night"), ("ap50.minimum", None)):
        assert (found[key].verdict, found[key].reason) == (verdict, reason)


def test_a_small_slice_is_inconclusive_and_the_whole_is_not_a_slice(build, plan):
    found = with_slices(build, plan, images=19)
    assert found["ap50", "night"].reason == "slice-too-small"
    assert found["ap50", None].verdict is PASS


def test_a_slice_that_no_case_names_is_a_fail(build, plan):
    policies = {"phone": build.policy(ap50={"slices": {"fog": 0.05}, "resamples": 200})}
    found = findings(answer(build.run(plan), policies))["ap50", "fog"]
    assert (found.verdict, found.reason) == (FAIL, "slice-absent")


def test_night_blindness_is_stopped_with_numbers(build, plan):
    policies = {"phone": build.policy(ap50={"margin": 0.02, "slices": {"day": 0.05, "night": 0.05}, "resamples": 200})}
    ends = build.outcomes(plan, v2={f"night_{i}": "failed" for i in range(4)})
    found = findings(answer(build.run(plan, ends), policies))
    assert found["ap50", "day"].verdict is PASS
    night = found["ap50", "night"]
    assert (night.verdict, night.value, night.baseline, night.candidate, night.n) == (FAIL, -1, 1, 0, 4)


def with_latency(build, plan, changes, pairs=24):
    policies = {"phone": build.policy(latency={"max_ratio": 1.1, "pairs": 24})}
    run = build.run(plan)
    (comparison,) = compare_candidates(run, policies)
    values = {"baseline_ms": 10.0, "candidate_ms": 10.2, "ratio": 1.02, "interval": (1.0, 1.05), **(changes or {})}
    races = () if changes is None else (LatencyComparison("phone", ((10, 10),) * pairs, **values),)
    return findings(judge(run, (dataclasses.replace(comparison, latencies=races),), policies))["latency", None]


@pytest.mark.parametrize(
    ("changes", "verdict", "reason"),
    [
        ({}, PASS, "within-limit"),
        ({"interval": (1.0, 1.1)}, PASS, "within-limit"),
        ({"interval": (1.0, 1.11)}, INCONCLUSIVE, "undecided"),
        ({"ratio": 1.2, "interval": (1.11, 1.3)}, FAIL, "over-limit"),
        ({"interval": None}, INCONCLUSIVE, "too-few-pairs"),
        (None, INCONCLUSIVE, "latency-missing"),
        ({"ratio": math.nan, "interval": None}, FAIL, "not-finite"),
        ({"ratio": -1.0}, FAIL, "not-finite"),
        ({"interval": (math.nan, 1.0)}, FAIL, "not-finite"),
        ({"interval": (-math.inf, 1.0)}, FAIL, "not-finite"),
    ],
)
def test_latency_reads_the_interval(build, plan, changes, verdict, reason):
    found = with_latency(build, plan, changes)
    assert (found.verdict, found.reason) == (verdict, reason)


def test_fewer_pairs_than_the_policy_asks_for(build, plan):
    assert with_latency(build, plan, {}, pairs=23).reason == "too-few-pairs"


@pytest.mark.parametrize("latency", [{}, {"latency": {"max_ratio": 1.1}}])
def test_a_race_that_failed_is_a_fail(build, plan, latency):
    item = PlanItem("phone", LATENCY, LATENCY, "v2")
    more = dataclasses.replace(plan, items=(*plan.items, item))
    run = build.run(more, {item.key: build.finished(item, "failed", None, reason="too hot")})
    verdict = answer(run, {"phone": build.policy(**latency)})
    assert (FAIL, "latency-failed") in reasons(verdict, "latency")


# --- properties

anything = st.none() | st.floats(allow_nan=True, allow_infinity=True)
ends = st.none() | st.tuples(st.floats(), st.floats())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=anything, own=anything, interval=ends, own_interval=ends, margin=st.floats(), floor=st.floats())
def test_a_pass_of_ap50_rests_on_finite_numbers_that_clear_the_limit(
    build, compared, value, own, interval, own_interval, margin, floor
):
    rule = build.policy(**AP50).ap50
    policies = {
        "phone": dataclasses.replace(build.policy(), ap50=dataclasses.replace(rule, margin=margin, minimum=floor))
    }
    run, comparison = compared
    nothing = dataclasses.replace(comparison, slices=())
    whole = SliceComparison("phone", None, 50, 50, 0.5, own, value, interval, own_interval)
    verdict = judge(run, (dataclasses.replace(nothing, slices=(whole,)),), policies)
    found = findings(verdict)
    for finding, measured, limit in (
        (found["ap50", None], (value, interval), -margin),
        (found["ap50.minimum", None], (own, own_interval), floor),
    ):
        if finding.verdict is PASS:
            assert all(math.isfinite(number) for number in (measured[0], *measured[1], limit))
            assert measured[1][0] >= limit
    json.loads(verdict.to_text())


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ratio=st.floats(), interval=ends, limit=st.floats())
def test_a_pass_of_latency_rests_on_finite_numbers(build, compared, ratio, interval, limit):
    policy = build.policy(latency={"max_ratio": 1.1, "pairs": 8})
    policies = {"phone": dataclasses.replace(policy, latency=dataclasses.replace(policy.latency, max_ratio=limit))}
    run, comparison = compared
    race = LatencyComparison("phone", ((1, 1),) * 8, 1.0, ratio, ratio, interval)
    verdict = judge(run, (dataclasses.replace(comparison, latencies=(race,)),), policies)
    if findings(verdict)["latency", None].verdict is PASS:
        assert math.isfinite(ratio)
        assert all(map(math.isfinite, interval))
        assert interval[1] <= limit
    json.loads(verdict.to_text())


OUTCOMES = st.sampled_from(["passed", "failed", "skipped", "error", None])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(OUTCOMES, min_size=16, max_size=16))
def test_a_pass_means_that_everything_ran_and_no_case_got_worse(build, plan, drawn):
    sides = {"v1": {}, "v2": {}}
    for item, outcome in zip(plan.items, drawn, strict=True):
        sides[item.revision][item.case] = outcome
    verdict = answer(build.run(plan, build.outcomes(plan, **sides))).verdict
    complete = all(outcome in ("passed", "failed") for outcome in drawn)
    lost = any(sides["v1"][name] == "passed" and sides["v2"][name] == "failed" for name in sides["v1"])
    if "error" in drawn:
        assert verdict is ERROR
    elif lost:
        assert verdict is FAIL
    else:
        assert verdict is (PASS if complete else INCONCLUSIVE)


def test_every_reason_is_written_once_and_every_rule_module_is_used():
    assert len({reason.value for reason in Reason}) == len(Reason)
    assert len(set(gate.POLICY_RULES)) == len(gate.POLICY_RULES) == 6
