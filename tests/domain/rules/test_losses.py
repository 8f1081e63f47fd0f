import dataclasses

import pytest

from pytest_damover.domain.rules.losses import losses
from pytest_damover.domain.run import LATENCY, PlanItem
from pytest_damover.domain.timing.race_conditions import RaceConditions
from pytest_damover.report.views.findings import sentence
from pytest_damover.report.words import words_in

PAIRS = tuple((1000 + turn, 1001 + turn) for turn in range(8))
LOST = RaceConditions(2, thrown_away=5, throttled=2, copies=4, crowded=(6, 7))


def found(build, day_night, pairs=PAIRS, race=LOST):
    item = PlanItem("phone", LATENCY, LATENCY, "v2")
    plan = dataclasses.replace(day_night, items=(*day_night.items, item))
    end = build.finished(item, "passed", None, pairs_ns=pairs, race=race)
    policies = {"phone": build.policy(latency={"max_ratio": 1.1, "p90_ms": 50})}
    return build.findings(build.answer(build.run(plan, {item.key: end}), policies))


def test_too_few_pairs_says_what_was_lost_and_why(build, day_night):
    findings = found(build, day_night)
    for rule in ("latency", "latency.p90"):
        finding = findings[rule, None]
        assert finding.reason == "too-few-pairs"
        assert finding.message.startswith("8 pairs of times were taken, at least 64 are needed; ")
        assert "because a clock moved: 3" in finding.message
        assert "throttled the machine: 2" in finding.message
        assert "copies of earlier ones: 4" in finding.message


def test_it_is_said_in_both_languages(build, day_night):
    finding = found(build, day_night)["latency", None]
    assert "throttled the machine: 2" in sentence(finding, words_in("en"))
    chinese = sentence(finding, words_in("zh"))
    assert chinese.endswith(
        "因主频变化丢弃 3 块；因过热或功率限制降频丢弃 2 块；另有 4 对与先前的耗时完全相同，不予计入。"
    )
    plain = found(build, day_night, race=RaceConditions(2))["latency", None]
    assert sentence(plain, words_in("zh")).endswith("最少对数。")


def test_copies_in_the_journal_are_told_and_a_race_without_losses_says_nothing(build, day_night):
    assert found(build, day_night, PAIRS[:4] * 3, RaceConditions(2))["latency", None].message.endswith("ones: 8")
    assert "; " not in found(build, day_night, race=RaceConditions(2))["latency", None].message
    assert "; " not in found(build, day_night, race=None)["latency", None].message


def test_a_race_that_is_no_race_lost_nothing_that_can_be_counted():
    assert losses(()) == ""


@pytest.mark.parametrize("key", ["throttled", "copies"])
@pytest.mark.parametrize("bad", [-1, 1.5, True, "2", None])
def test_a_loss_that_is_no_count_is_refused(key, bad):
    with pytest.raises((TypeError, ValueError)):
        RaceConditions.from_json({"heats": 2, key: bad})


def test_losses_go_through_the_journal_and_back():
    assert RaceConditions.from_json(LOST.to_json()) == LOST
    assert not {"throttled", "copies", "crowded"} & RaceConditions(2, thrown_away=1).to_json().keys()
