import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_damover.domain.damage import TORN
from pytest_damover.domain.errors import DamoverError
from pytest_damover.domain.journal import FINISHED, Finished, ItemOutcome, Journal, Outcome
from pytest_damover.domain.slicing.image_properties import ImageProperties
from pytest_damover.domain.timing.race_conditions import RaceConditions

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
ENDS = st.builds(
    Finished,
    item=NAMES,
    outcome=st.sampled_from(ItemOutcome),
    reason=NAMES,
    device=NAMES,
    duration_ns=st.integers(0, 2**60),
    image_size_px=st.none() | st.tuples(st.integers(1, 9999), st.integers(1, 9999)),
    image_properties=st.none() | st.builds(ImageProperties, *[st.floats(0, 1e6)] * 3),
    detections=st.none() | st.just({"boxes": [[0.1, 0.2, 0.3, 0.4]], "scores": [0.30000000000000004], "labels": ["a"]}),
    failed_expectations=st.lists(st.builds(Outcome, NAMES, st.just(False), NAMES), max_size=2).map(tuple),
    pairs_ns=st.lists(st.tuples(st.integers(), st.integers()), max_size=2).map(tuple),
)


@given(ENDS)
def test_an_end_comes_back_as_it_was(end):
    assert Finished.from_json(json.loads(json.dumps(end.to_json()))) == end


@pytest.fixture
def text(build):
    plan = build.plan([build.suite([build.case("a"), build.case("b")])])
    return build.journal_text(plan, "d" * 64, [build.finished(item) for item in plan.items])


def test_a_whole_journal_has_no_damage(text):
    journal = Journal.from_text(text)
    assert (journal.damage, journal.ended, len(journal.finished)) == ((), FINISHED, 4)


def test_a_torn_last_line(text):
    journal = Journal.from_text(text[:-20])
    assert (journal.damage, journal.ended) == ((TORN,), None)


@pytest.mark.parametrize(
    ("line", "damage"),
    [(3, "sequence number"), (2, "sequence number")],
)
def test_a_lost_line_is_damage(text, line, damage):
    lines = text.split("\n")
    del lines[line]
    assert any(damage in str(words) for words in Journal.from_text("\n".join(lines)).damage)


def test_a_line_that_is_no_record_is_damage(text):
    lines = text.split("\n")
    lines[3] = "][,"
    assert any("not a JSON object" in str(words) for words in Journal.from_text("\n".join(lines)).damage)


def test_an_end_record_that_counts_otherwise_is_damage(text):
    assert Journal.from_text(text.replace('"finished": 4', '"finished": 5')).damage


@pytest.mark.parametrize("nothing", ["", "\n", "{}\n", '{"kind":"begin","schema":1}\n', "[[]]\n"])
def test_what_is_no_journal_is_refused(nothing):
    with pytest.raises(DamoverError, match="not a journal"):
        Journal.from_text(nothing)


@pytest.mark.parametrize(
    "race",
    [{}, {"heats": -1}, {"heats": 1, "others": 0.5}, {"heats": 1, "load": [1]}, {"heats": 1, "threads": [1, "2"]}],
)
def test_a_race_under_conditions_of_another_form_is_no_journal(race):
    with pytest.raises((KeyError, TypeError, ValueError)):
        RaceConditions.from_json(race)
