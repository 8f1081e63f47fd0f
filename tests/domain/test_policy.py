import pytest

from pytest_damover import documents
from pytest_damover.domain.case import Severity
from pytest_damover.domain.errors import Code
from pytest_damover.domain.policy import At, policy_digest, policy_from_data
from pytest_damover.domain.verdict import Action, Answer

EVIDENCE = {"min_cases": 1, "min_images": 1, "min_objects": 0, "min_slice_images": 1}
LOST = {"v2": {"day_1": "failed", "day_2": "failed"}}


def from_sections(**sections):
    data = {"schema": 1, "evidence": EVIDENCE, **sections}
    assert documents.schema_faults(data, "policy", "gate.toml", Code.POLICY) == ()
    return policy_from_data(data)


def test_what_is_not_said_changes_no_digest():
    plain = from_sections()
    assert policy_digest(plain) == policy_digest(from_sections(regressions={}, failures={}))
    assert policy_digest(plain) != policy_digest(from_sections(failures={"minor": 0}))
    assert policy_digest(plain) != policy_digest(from_sections(regressions={"action": "warn"}))


def test_a_slice_says_more_than_its_section():
    slices = {"night": 0.1, "small": {"margin": 0.2, "action": "info"}, "crowd": {"margin": 0.3, "action": "block"}}
    policy = from_sections(ap50={"margin": 0.02, "slices": slices, "action": "warn"}, latency={"max_ratio": 1.1})
    assert policy.ap50.slices == {"night": 0.1, "small": 0.2, "crowd": 0.3}
    asked = [("ap50", None), ("ap50.minimum", None), ("ap50", "night"), ("ap50", "small"), ("ap50", "crowd")]
    assert [policy.action(*one).value for one in asked] == ["warn", "warn", "warn", "info", "block"]
    assert policy.action("latency", None) is Action.BLOCK
    assert policy.action("regressions.minor", None) is Action.BLOCK


@pytest.mark.parametrize(
    "section",
    [
        {"ap50": {"margin": 0.02, "action": "stop"}},
        {"ap50": {"slices": {"night": {"action": "warn"}}}},
        {"ap50": {"slices": {"night": {"margin": 0}}}},
        {"ap50": {"action": "warn"}},
        {"evidence": {**EVIDENCE, "action": "warn"}},
        {"recall": {}},
        {"recall": {"at": "case"}},
        {"recall": {"at": "low", "margin": 0.1}},
        {"recall": {"at": 0, "margin": 0.1}},
        {"recall": {"at": 1.01, "margin": 0.1}},
        {"recall": {"at": None, "margin": 0.1}},
        {"recall": {"margin": 0.1, "slices": {"night": 0.1}}},
        {"precision": {"minimum": 1}},
        {"first_release": {"precision": 0}},
        {"first_release": {}},
        {"first_release": {"ap50": 0}},
        {"first_release": {"margin": 0.1}},
    ],
)
def test_nonsense_is_a_fault(section):
    data = {"schema": 1, "evidence": EVIDENCE, **section}
    assert documents.schema_faults(data, "policy", "gate.toml", Code.POLICY)


@pytest.mark.parametrize(("action", "answer"), [("block", Answer.FAIL), ("warn", Answer.PASS), ("info", Answer.PASS)])
def test_a_broken_rule_stops_a_candidate_only_when_it_blocks(build, action, answer):
    cases = [*(build.case(f"day_{i}") for i in range(6)), build.case("clear", severity="critical")]
    run = build.run(plan := build.plan([build.suite(cases)]), build.outcomes(plan, **LOST))
    policies = {"phone": build.policy(regressions={"action": action, "major": 1}, failures={"critical": 0, "major": 3})}
    verdict = build.answer(run, policies)
    found = build.findings(verdict)["regressions.major", None]
    assert (found.verdict, found.action.value) == (Answer.FAIL, action)
    assert verdict.verdict is answer


def test_a_policy_that_only_warns_lets_a_blind_candidate_through_and_is_an_error(build):
    run = build.run(build.plan([build.suite([build.case(f"day_{i}") for i in range(6)])]))
    verdict = build.answer(run, {"phone": build.policy(regressions={"action": "warn"})})
    assert verdict.verdict is Answer.ERROR
    assert build.findings(verdict)["control", None].reason == "negative-control-passed"


def test_a_first_release_has_limits_of_its_own():
    first = {"failures": {"major": 4}, "ap50": 0.6}
    policy = from_sections(
        failures={"major": 1, "minor": 2}, ap50={"margin": 0.02, "minimum": 0.9}, first_release=first
    )
    assert policy.in_force(alone=False) is policy
    alone = policy.in_force(alone=True)
    assert alone.failures == {Severity.CRITICAL: 0, Severity.MAJOR: 4, Severity.MINOR: 2}
    assert (alone.ap50.minimum, policy.ap50.minimum) == (0.6, 0.9)
    assert from_sections(first_release={"ap50": 0.6}).in_force(alone=True).ap50.minimum == 0.6


def test_a_first_release_may_fail_what_its_section_allows(build):
    cases = [build.case(f"day_{i}") for i in range(8)]
    run = build.run(plan := build.plan([build.suite(cases)], baseline=None), build.outcomes(plan, **LOST))
    assert build.answer(run, {"phone": build.policy()}).verdict is Answer.FAIL
    policies = {"phone": build.policy(first_release={"failures": {"major": 2}})}
    assert build.answer(run, policies).verdict is Answer.PASS


def test_recall_and_precision_say_where_they_are_taken():
    policy = from_sections(recall={"margin": 0.02}, precision={"at": 0.5, "minimum": 0.9})
    assert (policy.recall.at, policy.recall.margin, policy.recall.minimum) == (At.CASE, 0.02, None)
    assert (policy.precision.at, policy.precision.margin, policy.precision.minimum) == (0.5, None, 0.9)
    assert [from_sections(recall={"margin": 0.1, "at": at.value}).recall.at for at in At] == list(At)
    assert list(policy.operating) == ["recall", "precision"]


def test_a_first_release_has_floors_of_its_own():
    policy = from_sections(precision={"at": 0.3, "minimum": 0.5}, first_release={"recall": 0.7, "precision": 0.8})
    assert policy.in_force(alone=False).recall is None
    alone = policy.in_force(alone=True)
    assert (alone.recall.at, alone.recall.minimum) == (At.CASE, 0.7)
    assert (alone.precision.at, alone.precision.minimum) == (0.3, 0.8)
