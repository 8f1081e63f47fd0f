import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_damover.domain import gate
from pytest_damover.domain.gate import judge, planned_policies
from pytest_damover.domain.policy import policies_digest
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.verdict import Answer, worst

PASS, FAIL, ERROR, INCONCLUSIVE = Answer.PASS, Answer.FAIL, Answer.ERROR, Answer.INCONCLUSIVE


def test_everything_ran_and_nothing_got_worse_is_a_pass_with_its_proofs(build, day_night):
    verdict = build.answer(build.run(day_night))
    assert verdict.verdict is PASS
    shown = [
        "plan",
        "revisions",
        "crashes",
        "identical",
        "policy",
        "evidence.cases",
        "evidence.images",
        "evidence.objects",
    ]
    shown += ["regressions.critical", "regressions.major", "regressions.minor", "control"]
    assert list(build.findings(verdict)) == [(rule, None) for rule in shown]
    assert verdict.verdict.exit_code == 0


@pytest.mark.parametrize("answers", [some for n in (1, 2, 3, 4) for some in itertools.combinations(Answer, n)])
def test_error_wins_over_fail_over_inconclusive_over_pass(answers):
    assert worst(answers) is next(a for a in (ERROR, FAIL, INCONCLUSIVE, PASS) if a in answers)


def test_no_candidate_is_never_a_pass(build):
    assert build.answer(build.run(build.plan([build.suite([build.case("a")])], candidates=()))).verdict is INCONCLUSIVE


def test_the_worst_candidate_decides(build):
    plan = build.plan([build.suite([build.case("a")])], candidates=("v2", "v3"))
    verdict = build.answer(build.run(plan, build.outcomes(plan, v3={"a": "failed"})))
    assert [candidate.verdict for candidate in verdict.candidates] == [PASS, FAIL]
    assert verdict.verdict is FAIL


def test_what_another_candidate_did_not_run_is_not_this_ones(build):
    plan = build.plan([build.suite([build.case("a")])], candidates=("v2", "v3"))
    verdict = build.answer(build.run(plan, build.outcomes(plan, v3={"a": None})))
    assert [candidate.verdict for candidate in verdict.candidates] == [PASS, INCONCLUSIVE]


def test_a_candidate_that_was_not_compared_is_an_error(build, day_night):
    assert judge(build.run(day_night), (), planned_policies(day_night)).verdict is ERROR


def test_the_same_bytes_give_the_same_verdict_as_text(build, day_night):
    first, second = (
        build.answer(build.run(day_night, build.outcomes(day_night, v2={"night_0": "failed"}))) for _ in range(2)
    )
    assert first.to_text() == second.to_text()
    assert json.loads(first.to_text())["verdict"] == "FAIL"


def test_counts(build, day_night):
    ends = build.outcomes(day_night, v1={"day_0": "skipped", "day_1": "error"}, v2={"day_0": "failed", "day_1": None})
    counts = build.answer(build.run(day_night, ends)).counts
    assert (counts.planned, counts.run, counts.passed, counts.failed) == (16, 14, 12, 2)
    assert (counts.skipped, counts.missing) == (1, 1)


@pytest.mark.parametrize("name", ["copy", "v1"])
def test_identical_revisions_are_inconclusive(build, name):
    plan = build.plan([build.suite([build.case("a")])], candidates=[build.revision(name, content="v1")], items=())
    verdict = build.answer(build.run(plan))
    assert verdict.verdict is INCONCLUSIVE
    assert build.reasons(verdict, "identical") == {(INCONCLUSIVE, "identical-revisions")}
    assert set(build.findings(verdict)) == {("identical", None), ("policy", None)}


@pytest.mark.parametrize(
    ("policy", "faults", "reason"),
    [(None, (), "no-policy"), (None, ("gate.toml: [ap5]: unknown",), "policy-faults")],
)
def test_a_suite_without_a_usable_policy(build, policy, faults, reason):
    plan = build.plan([build.suite([build.case("a")], policy=policy, policy_faults=faults)])
    verdict = build.answer(build.run(plan))
    assert build.reasons(verdict, "policy") == {(ERROR, reason)}
    assert verdict.verdict is ERROR


def test_a_policy_from_outside_is_used_instead(build):
    plan = build.plan([build.suite([build.case("a")], policy=None, policy_faults=("bad",))])
    assert build.answer(build.run(plan), {"phone": build.policy()}).verdict is PASS


def test_the_policy_digest_is_of_what_it_says(build):
    one, other = build.policy(regressions={"major": 0}), build.policy(regressions={"major": 1})
    assert policies_digest({"a": one, "b": other}) == policies_digest({"b": other, "a": one})
    assert policies_digest({"a": build.policy()}) == policies_digest({"a": one}) != policies_digest({"a": other})


OUTCOMES = st.sampled_from(["passed", "failed", "skipped", "error", None])


@settings(max_examples=150, deadline=None)
@given(drawn=st.lists(OUTCOMES, min_size=16, max_size=16))
def test_a_pass_means_that_everything_ran_and_no_case_got_worse(build, day_night, drawn):
    sides = {"v1": {}, "v2": {}}
    for item, outcome in zip(day_night.items, drawn, strict=True):
        sides[item.revision][item.case] = outcome
    verdict = build.answer(build.run(day_night, build.outcomes(day_night, **sides))).verdict
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
    assert len(set(gate.POLICY_RULES)) == len(gate.POLICY_RULES) == 11
