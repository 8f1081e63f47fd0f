"""A run that never ran: what is drawn, and what the gate is told of it."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from pytest_damover.domain.errors import DamoverError
from pytest_damover.domain.gate import compare_candidates, judge
from pytest_damover.domain.rehearsing.trials import changed_twin, drawn, recorded, stage
from pytest_damover.domain.verdict import Answer


@pytest.fixture(scope="module")
def run(build):
    """Twelve cases in one suite and three in another; v2 misses one of them."""
    cases = [build.case(f"c{place}", ["night"] if place % 2 else []) for place in range(12)]
    others = [build.case(f"d{place}", suite="cups") for place in range(3)]
    planned = build.plan([build.suite(cases), build.suite(others, name="cups")])
    return build.run(planned, build.outcomes(planned, v2={"c3": "failed"}))


@pytest.fixture(scope="module")
def on(run):
    return stage(run, run.plan.baseline, run.plan.candidates[0])


def entries_of(run, on):
    both = recorded(run, run.plan.revisions)
    return [on.entry(one.case, on.baseline_end(one, one.found[0]), one.found[1]) for one in both]


def test_everything_that_ended_on_both_sides_is_recorded(run):
    both = recorded(run, run.plan.revisions)
    assert [len(one.found[1]) for one in both] == [1] * 3 + [0] + [1] * 11
    assert both[0].size_px == (50, 90), "the least that holds every box, for the journal does not say it"
    without = replace(run, journal=replace(run.journal, finished=run.journal.finished[1:]))
    assert len(recorded(without, run.plan.revisions)) == 14


def test_a_run_without_detections_is_refused(run):
    bare = tuple(replace(end, detections=None) for end in run.journal.finished)
    with pytest.raises(DamoverError, match="detections of v1 and v2: none recorded"):
        recorded(replace(run, journal=replace(run.journal, finished=bare)), run.plan.revisions)


def test_a_run_without_a_policy_is_refused(run):
    suites = tuple(replace(suite, policy=None) for suite in run.plan.suites)
    with pytest.raises(DamoverError, match="no suite of the run has a policy"):
        stage(replace(run, plan=replace(run.plan, suites=suites)), run.plan.baseline, run.plan.candidates[0])


def test_played_again_in_full_a_run_gives_the_same_regressions(run, on):
    again = on.run_of(entries_of(run, on))
    (compared,) = compare_candidates(again, on.policies)
    assert Counter(case.change.value for case in compared.cases) == {"kept": 14, "regression": 1}


def test_what_was_wrong_with_the_run_is_not_on_trial(run):
    broken = replace(
        run,
        plan=replace(run.plan, narrowed=("-k night",)),
        journal=replace(run.journal, ended=None, verified=(), run_id="other"),
    )
    on = stage(broken, run.plan.baseline, changed_twin(run.plan.baseline))
    known = recorded(run, [on.baseline])
    again = on.run_of([on.entry(one.case, on.baseline_end(one, one.found[0]), one.found[0]) for one in known])
    (answer,) = judge(again, compare_candidates(again, on.policies), on.policies).candidates
    assert answer.verdict is Answer.PASS


def test_draws_are_as_many_of_each_suite_and_come_back(run, on):
    entries = entries_of(run, on)
    images = drawn(entries, np.random.default_rng(0))
    assert Counter(entry.case.suite for entry in images) == {"phone": 12, "cups": 3}
    names = [entry.case.name for entry in images]
    assert len(set(names)) < len(names)
    often = Counter(e.case.name for seed in range(400) for e in drawn(entries, np.random.default_rng(seed)))
    assert all(300 < often[entry.case.name] < 500 for entry in entries), "each about once a draw"
    assert len(drawn([*entries, *entries], np.random.default_rng(0), sides=2)) == 15


def test_images_of_one_group_come_and_go_together(run, on):
    def grouped(entry, place):
        return replace(entry, case=replace(entry.case, group=f"camera{place % 3}"))

    entries = [grouped(entry, place) for place, entry in enumerate(entries_of(run, on)[:12])]
    for seed in range(20):
        images = drawn(entries, np.random.default_rng(seed))
        sizes = Counter(entry.case.group for entry in images)
        assert list(sizes.values()) == [4, 4, 4], "three draws, each a group of its own with all its images"
        kinds = {name: {entry.case.name for entry in images if entry.case.group == name} for name in sizes}
        assert all({int(name[1:]) % 3 for name in names} == {int(group[6])} for group, names in kinds.items())


def test_a_case_drawn_twice_is_two_cases_of_two_images(run, on):
    entry = entries_of(run, on)[0]
    again = on.run_of([entry, entry])
    suite = again.plan.suites[0]
    assert len({case.name for case in suite.cases}) == len({case.image_path for case in suite.cases}) == 2
    (images,) = [one for one in on.findings(again) if one.rule == "evidence.images" and one.suite == "phone"]
    assert images.value == 2


def test_fewer_draws_change_nothing_else(build, run):
    policy = {**build.POLICY, "ap50": {"margin": 0.1, "resamples": 500}}
    suites = tuple(replace(suite, policy=policy) for suite in run.plan.suites)
    on = stage(replace(run, plan=replace(run.plan, suites=suites)), *run.plan.revisions)
    quick = on.with_resamples(2).policies["phone"]
    assert quick.ap50.resamples == 2
    assert replace(quick, ap50=on.policies["phone"].ap50) == on.policies["phone"]
    assert on.with_resamples(900).policies == on.policies
