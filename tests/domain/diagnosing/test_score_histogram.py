from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.diagnosing.score_histogram import ScoreHistogram, score_histogram
from pytest_damover.domain.scoring.matching import match_images

A, B, C = ((50.0 * place, 0.0, 50.0 * place + 10, 10.0) for place in range(3))
AWAY = (900.0, 0.0, 910.0, 10.0)


def test_by_hand(build):
    found = build.detections((A, 0.9, "phone"), (AWAY, 0.7, "phone"), (B, 0.5, "phone"), (AWAY, 0.2, "phone"))
    table = match_images([[GroundTruth(A, "phone"), GroundTruth(B, "phone")]], [found], 0.5)
    assert score_histogram(table, 2) == ScoreHistogram((1, 1), (1, 1))


def test_the_ends_belong_to_the_outer_bins_and_what_is_to_ignore_to_none(build):
    found = build.detections((A, 1.0, "phone"), (AWAY, 0.0, "phone"), (C, 0.5, "phone"))
    known = [GroundTruth(A, "phone"), GroundTruth(C, "phone", ignore=True)]
    assert score_histogram(match_images([known], [found], 0.5), 4) == ScoreHistogram((0, 0, 0, 1), (1, 0, 0, 0))


def test_nothing_found_is_counted_nowhere(build):
    table = match_images([[GroundTruth(A, "phone")]], [build.detections()], 0.5)
    assert score_histogram(table, 3) == ScoreHistogram((0, 0, 0), (0, 0, 0))
