import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_damover.domain.errors import DamoverError
from pytest_damover.domain.plan_file import plan_from_text, plan_to_text, run_from_text
from pytest_damover.domain.run import PlannedRule


@pytest.fixture
def plan(build):
    cases = [build.case("夜_1", ["night"], "critical", min_objects=1), build.case("desk", boxes=None, labels=["phone"])]
    return build.plan([build.suite(cases, broken=("cases/x.json: no",))], narrowed=("-k night",))


def test_a_plan_comes_back_as_it_was(plan):
    assert plan_from_text(plan_to_text(plan)) == plan


def test_a_plan_with_its_digests_and_rules_comes_back(build):
    rules = (PlannedRule("ap50", "night"), PlannedRule("regressions.major"))
    digests = {"images": {"a.jpg": "1" * 64}, "goldens": {"a.json": "2" * 64}, "tests": {"suites/a.py": "3" * 64}}
    suite = build.suite([build.case("a")], policy_digest="4" * 64, rules=rules, **digests)
    pinned = build.plan([suite], code="0.1+sha256.5")
    assert plan_from_text(plan_to_text(pinned)) == pinned


def test_a_plan_without_baseline_comes_back(build):
    alone = build.plan([build.suite([build.case("a")], policy=None)], baseline=None)
    assert plan_from_text(plan_to_text(alone)) == alone


@settings(deadline=None)
@given(text=st.text(max_size=30))
def test_any_text_in_a_plan_comes_back(build, text):
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    plan = build.plan([build.suite(broken=(text,))], command=text, device=text)
    assert plan_from_text(plan_to_text(plan)) == plan


@pytest.mark.parametrize("text", ["", "[]", "null", '{"schema": 1}', '{"schema": 2}', "[" * 100_000])
def test_what_is_no_plan_is_refused_in_words(text):
    with pytest.raises(DamoverError, match="run-folder"):
        plan_from_text(text)


def test_a_run_knows_the_digests_of_its_bytes(build, plan):
    text = plan_to_text(plan)
    digest = hashlib.sha256(text.encode()).hexdigest()
    ends = [build.finished(item) for item in plan.items]
    journal = build.journal_text(plan, digest, ends)
    run = run_from_text(text, journal)
    assert run.plan_digest == run.journal.plan_digest == digest
    assert run.journal_digest == hashlib.sha256(journal.encode()).hexdigest()
    assert run.finished == {end.item: end for end in ends}
    assert set(run.cases) == {("phone", "夜_1"), ("phone", "desk")}


def test_of_two_ends_the_first_counts(build, plan):
    item = plan.items[0]
    twice = (build.finished(item, "failed"), build.finished(item, "passed"))
    assert build.run(plan, finished=twice).finished[item.key].outcome.value == "failed"


def test_case_data_keeps_its_unknown_neighbours(plan):
    again = plan_from_text(plan_to_text(plan))
    assert json.dumps(again.suites[0].cases[0].data) == json.dumps(plan.suites[0].cases[0].data)
