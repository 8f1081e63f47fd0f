"""What lacks its golden, or was written, is INCONCLUSIVE; a drift is left to the rules of the cases."""

from __future__ import annotations

import pytest

from pytest_damover.domain.golden_result import GoldenOutcome, GoldenResult
from pytest_damover.domain.verdict import Answer


@pytest.fixture
def judged(build):
    """The findings of the rule when the golden of the case came out as `outcomes` say on v1 and v2."""

    def of(*outcomes, end="passed", wants=True):
        planned = build.plan([build.suite([build.case("day", **({"golden": True} if wants else {}))])])
        ends = {}
        for item, outcome in zip(planned.items, outcomes, strict=True):
            file = f"{item.revision}/cases/day.cpu.fp32.json"
            goldens = () if outcome is None else (GoldenResult("day", GoldenOutcome(outcome), file),)
            ends[item.key] = build.finished(item, end, goldens=goldens)
        verdict = build.answer(build.run(planned, ends))
        return [one for one in verdict.candidates[0].findings if one.rule == "goldens"]

    return of


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (("match", "match"), [("goldens-compared", Answer.PASS, 2)]),
        (("match", "drift"), [("goldens-compared", Answer.PASS, 2)]),
        (("match", "missing"), [("golden-missing", Answer.INCONCLUSIVE, 1)]),
        (("missing", "match"), [("golden-missing", Answer.INCONCLUSIVE, 1)]),
        (("written", "match"), [("goldens-written", Answer.INCONCLUSIVE, 1)]),
        (
            ("missing", "written"),
            [("golden-missing", Answer.INCONCLUSIVE, 1), ("goldens-written", Answer.INCONCLUSIVE, 1)],
        ),
        ((None, "match"), [("golden-missing", Answer.INCONCLUSIVE, 1)]),
        ((None, None), [("golden-missing", Answer.INCONCLUSIVE, 2)]),
    ],
)
def test_g6_only_goldens_that_were_all_compared_are_no_obstacle(judged, outcomes, expected):
    assert [(one.reason, one.verdict, one.n) for one in judged(*outcomes)] == expected


def test_a_drift_is_counted_and_told(judged):
    (finding,) = judged("drift", "match")
    assert "1 drifted" in finding.message
    assert "all match" in judged("match", "match")[0].message


def test_what_asked_for_no_golden_is_asked_nothing(judged):
    assert judged(None, None, wants=False) == []


def test_a_case_that_failed_before_it_came_to_its_golden_is_not_missing_one(judged):
    assert judged(None, None, end="failed") == []
