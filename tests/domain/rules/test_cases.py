import dataclasses

import pytest

from pytest_damover.domain.rules.cases import balance
from pytest_damover.domain.run import NO_REVISION, TEST, PlanItem
from pytest_damover.domain.verdict import Answer

PASS, FAIL = Answer.PASS, Answer.FAIL


@pytest.mark.parametrize(("lost", "limit", "verdict"), [(0, 0, PASS), (1, 0, FAIL), (2, 2, PASS), (3, 2, FAIL)])
def test_regressions_against_their_limit(build, day_night, lost, limit, verdict):
    policies = {"phone": build.policy(regressions={"critical": limit})}
    ends = build.outcomes(day_night, v2={f"night_{i}": "failed" for i in range(lost)})
    found = build.findings(build.answer(build.run(day_night, ends), policies))["regressions.critical", None]
    assert (found.verdict, found.value, found.limit, found.n) == (verdict, lost, limit, 4)
    if lost:
        assert "night_0" in found.message
        assert found.rerun.startswith("pytest suites/phone/cases/night_0.json::night_0")
        assert "--revisions v1,v2" in found.rerun


def test_a_known_failure_is_no_regression_but_a_failure(build, day_night):
    policies = {"phone": build.policy(failures={"critical": 0})}
    ends = build.outcomes(day_night, v1={"night_0": "failed"}, v2={"night_0": "failed"})
    found = build.findings(build.answer(build.run(day_night, ends), policies))
    assert found["regressions.critical", None].verdict is PASS
    assert (found["failures.critical", None].verdict, found["failures.critical", None].value) == (FAIL, 1)
    assert ("failures.minor", None) not in found


@pytest.mark.parametrize("side", ["v2", NO_REVISION])
def test_a_failed_test_without_baseline_side_is_a_regression(build, day_night, side):
    item = PlanItem("phone", "test_a.py::test_pair[1]", TEST, side)
    more = dataclasses.replace(day_night, items=(*day_night.items, item))
    found = build.findings(build.answer(build.run(more, {item.key: build.finished(item, "failed", None)})))
    assert found["regressions.major", None].verdict is FAIL
    assert found["regressions.major", None].rerun == "pytest suites/phone/test_a.py::test_pair --revisions v1,v2"
    missing = build.findings(build.answer(build.run(more, {item.key: None})))
    assert missing["plan", None].reason == "missing-items"


def test_alone_a_severity_without_a_limit_allows_no_failure(build):
    plan = build.plan([build.suite([build.case("a"), build.case("b", severity="minor")])], baseline=None)
    assert build.answer(build.run(plan)).verdict is PASS
    found = build.findings(build.answer(build.run(plan, build.outcomes(plan, v2={"b": "failed"}))))
    assert {rule for rule, _ in found} >= {"failures.critical", "failures.major", "failures.minor"}
    assert found["failures.minor", None].verdict is FAIL
    assert not any(rule.startswith(("regressions", "identical", "latency")) for rule, _ in found)


def test_regressions_are_weighed_against_fixes_and_only_the_limit_decides(build, day_night):
    """Five lost, one fixed, of all severities: p = 2 * (1 + 6) / 64; the test of no revision has no pair to weigh."""
    more = {"day_0": "failed", "night_0": "failed", "night_1": "failed", "night_2": "failed", "night_3": "failed"}
    ends = build.outcomes(day_night, v1={"day_1": "failed"}, v2=more)
    item = PlanItem("phone", "test_a.py::test_pair[1]", TEST, NO_REVISION)
    plan = dataclasses.replace(day_night, items=(*day_night.items, item))
    run = build.run(plan, {**ends, item.key: build.finished(item, "failed", None)})
    found = build.findings(build.answer(run, {"phone": build.policy(regressions={"critical": 4, "major": 9})}))
    told = "in the whole suite 5 regressed and 1 fixed, more lost than fixed: exact McNemar p = 0.219"
    critical, major, minor = (found[f"regressions.{name}", None] for name in ("critical", "major", "minor"))
    assert (critical.verdict, critical.value, critical.message.endswith(told)) == (PASS, 4, True)
    assert (major.verdict, major.value, major.message.endswith(told)) == (PASS, 1, True)
    assert (minor.verdict, minor.value) == (FAIL, 1)
    none = build.findings(build.answer(build.run(day_night)))["regressions.critical", None]
    assert "McNemar" not in none.message


@pytest.mark.parametrize(("lost", "fixed", "more"), [(33, 97, "fixed"), (2, 1, "lost"), (3, 3, "even")])
def test_the_balance_says_in_whose_favour_the_difference_is(lost, fixed, more):
    assert balance(lost, fixed) == more
