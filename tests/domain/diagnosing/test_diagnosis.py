from dataclasses import replace

import pytest

from pytest_damover.domain.comparing.comparison import compare
from pytest_damover.domain.comparing.measured import Cut, measured_images
from pytest_damover.domain.diagnosing.diagnosis import diagnose
from pytest_damover.domain.diagnosing.tide import ErrorKind
from pytest_damover.domain.journal import ItemOutcome

AWAY = [200.0, 0.0, 240.0, 80.0]


def found(*scores, away=()):
    boxes = [[10.0, 10.0, 50.0, 90.0]] * len(scores) + [AWAY] * len(away)
    return {"boxes": boxes, "scores": [*scores, *away], "labels": ["phone"] * len(boxes)}


def a_run(build, before, after, loads=None, **suite):
    """One image for each entry of the two lists; `loads`: what each revision says its cut is."""
    cases = [build.case(f"c{i}", **suite) for i in range(len(before))]
    planned = build.plan([build.suite(cases)], **({} if before[0] is not None else {"baseline": None}))
    ends = {}
    for item in planned.items:
        data = (before if item.revision == "v1" else after)[int(item.case[1:])]
        ends[item.key] = build.finished(item, detections=data)
    told = () if loads is None else tuple((name, {"score_threshold": cut}) for name, cut in loads)
    return build.run(planned, ends, loads=told)


def compared(run):
    return compare(run, run.plan.candidates[0], {})


def test_the_two_operating_points_by_hand(build):
    """FACTS: a side that is cut at 0.5 shows a lower AP50; at the shared cut both are cut there."""
    before = [found(0.9), found(0.3)]  # reports down to 0.05: finds both phones, one with a low score
    after = [found(0.9), found()]  # reports from 0.5 on
    run = a_run(build, before, after, loads=[("v1", 0.05), ("v2", 0.5)])
    (told,) = diagnose(run, compared(run))
    assert (told.images, told.objects, told.working_threshold, told.shared_cut) == (2, 2, 0.5, 0.5)
    assert told.baseline.cut == Cut(0.05, True)
    assert (told.baseline.ap50_native, told.candidate.ap50_native) == (1, pytest.approx(51 / 101))
    assert (told.baseline.ap50_shared, told.candidate.ap50_shared) == (pytest.approx(51 / 101), pytest.approx(51 / 101))
    assert (told.baseline.native.recall, told.baseline.shared.recall, told.baseline.working.recall) == (1, 0.5, 0.5)
    assert told.baseline.tide.counts[ErrorKind.MISSED] == 0
    assert told.candidate.tide.counts[ErrorKind.MISSED] == 1
    assert told.candidate.confusion.counts == ((1, 1), (0, 0))


def test_the_restoring_threshold_by_hand(build):
    before = [found(0.9), found(0.8), found(0.3)]
    after = [found(0.7), found(0.45), found(0.2, away=[0.4])]
    run = a_run(build, before, after)
    (told,) = diagnose(run, compared(run))
    assert told.baseline.working.recall == pytest.approx(2 / 3)
    assert told.candidate.working.recall == pytest.approx(1 / 3)
    assert (told.restoring.threshold, told.restoring.precision) == (0.45, 1)


def test_no_threshold_restores_what_is_not_reported(build):
    run = a_run(build, [found(0.9), found(0.8)], [found(0.7), found()])
    (told,) = diagnose(run, compared(run))
    assert told.restoring is None


@pytest.mark.parametrize(
    ("loads", "cut"),
    [
        ([("v2", 0.05)], Cut(0.05, True)),
        ([("v2", 0.05), ("v2", 0.1)], Cut(0.1, True)),  # loaded twice: from 0.1 on both have everything
        ([("v1", 0.05)], Cut(0.3, False)),
        ([("v2", 0.4)], Cut(0.3, False)),  # it reports less than it says
        ([("v2", -0.1)], Cut(0.3, False)),
        ([("v2", "0.05")], Cut(0.3, False)),
        ([("v2", float("nan"))], Cut(0.3, False)),
    ],
    ids=str,
)
def test_the_cut_is_what_the_detector_says_or_at_most_the_lowest_score(build, loads, cut):
    run = a_run(build, [found(0.9)], [found(0.3, 0.6)], loads)
    assert measured_images(run, compared(run), "phone").candidate_cut == cut


@pytest.mark.parametrize("stated", [True, 1.5])
def test_a_cut_that_is_no_score_is_not_believed(build, stated):
    loads = [("v1", stated), ("v2", stated)]
    sure, silent = a_run(build, [found(1.0)], [found(1.0)], loads), a_run(build, [found()], [found()], loads)
    assert measured_images(sure, compared(sure), "phone").candidate_cut == Cut(1.0, False)
    images = measured_images(silent, compared(silent), "phone")
    assert (images.candidate_cut, images.shared_cut) == (Cut(None, False), 0.0)


def test_a_revision_that_reports_nothing_and_says_nothing_has_no_cut(build):
    run = a_run(build, [found(0.2)], [found()])
    images = measured_images(run, compared(run), "phone")
    assert (images.candidate_cut, images.shared_cut) == (Cut(None, False), 0.2)


@pytest.mark.parametrize("side", ["baseline", "candidate"])
def test_unreadable_detections_are_left_out_and_named(build, side):
    good, bad = [found(0.9)] * 3, [found(0.9), {"boxes": [[0]]}, found(0.9)]
    run = a_run(build, *((bad, good) if side == "baseline" else (good, bad)))
    images = measured_images(run, compared(run), "phone")
    assert (len(images.truths), len(images.baseline), len(images.candidate)) == (2, 2, 2)
    assert images.unreadable == (side,)
    (told,) = diagnose(run, compared(run))
    assert (told.images, told.left_out) == (2, 1)


def test_what_did_not_run_on_both_sides_is_not_measured(build):
    run = a_run(build, [found(0.9)] * 2, [found(0.9)] * 2)
    ends = tuple(
        replace(end, outcome=ItemOutcome.SKIPPED) if end.item.endswith("c1:detect@v1") else end
        for end in run.journal.finished
    )
    run = replace(run, journal=replace(run.journal, finished=ends))
    assert len(measured_images(run, compared(run), "phone").truths) == 1


def test_each_case_counts_from_its_own_threshold(build):
    cases = [build.case("c0", confidence_threshold=0.5), build.case("c1", confidence_threshold=0.8)]
    planned = build.plan([build.suite(cases)])
    ends = {item.key: build.finished(item, detections=found(0.6)) for item in planned.items}
    run = build.run(planned, ends)
    (told,) = diagnose(run, compared(run))
    assert told.working_threshold is None
    assert (told.candidate.working.threshold, told.candidate.working.recall) == (None, 0.5)
    assert told.candidate.confusion.counts == ((1, 1), (0, 0))


def test_alone_there_is_nothing_to_restore(build):
    cases = [build.case("c0")]
    run = build.run(build.plan([build.suite(cases)], baseline=None))
    (told,) = diagnose(run, compared(run))
    assert (told.baseline, told.restoring) == (None, None)
    assert told.candidate.working.recall == 1


def test_without_ground_truth_there_is_nothing_to_diagnose(build):
    run = build.run(build.plan([build.suite([build.case("c0", boxes=None, min_objects=1)])]))
    assert diagnose(run, compared(run)) == ()
