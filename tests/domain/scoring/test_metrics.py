import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.detection import EMPTY, Detections
from pytest_damover.domain.scoring.matching import match_images, match_images_at
from pytest_damover.domain.scoring.metrics import (
    average_precision,
    class_average_precisions,
    mean_average_precision,
    ranked_classes,
    weighted_average_precisions,
)
from pytest_damover.domain.scoring.precision_curves import RECALLS
from pytest_damover.domain.scoring.resampling import image_weights

A, B, AWAY = (0.0, 0.0, 10.0, 10.0), (50.0, 0.0, 60.0, 10.0), (200.0, 0.0, 210.0, 10.0)


def truths(*boxes, label="phone"):
    return [GroundTruth(box, label) for box in boxes]


def ap(truth_lists, found, weights=None, strays=True):
    return average_precision(match_images(truth_lists, found, 0.5), weights, strays)


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        ([(A, 0.9), (AWAY, 0.8), (B, 0.7)], (51 + 50 * 2 / 3) / 101),  # hit, false alarm, hit
        ([(A, 0.9), (B, 0.8), (AWAY, 0.7)], 1.0),  # a false alarm below every hit costs nothing
        ([(AWAY, 0.9), (A, 0.8)], 51 * 0.5 / 101),  # false alarm, hit, one object never found
        ([(A, 0.9), (A, 0.8), (B, 0.7)], (51 + 50 * 2 / 3) / 101),  # a duplicate is a false alarm
        ([(AWAY, 0.9)], 0.0),
        ([], 0.0),
    ],
)
def test_by_hand(build, objects, expected):
    found = build.detections(*((box, score, "phone") for box, score in objects))
    assert ap([truths(A, B)], [found]) == pytest.approx(expected, abs=1e-15)


def test_g9_no_ground_truth_is_no_data(build):
    assert ap([[]], [build.detections((A, 0.9, "phone"))]) is None
    assert ap([], []) is None
    assert ap([truths(A)], [EMPTY], weights=[0]) is None


def test_g9_a_class_that_is_never_found_counts_and_one_that_no_case_knows_costs_precision(build):
    """The pair of pycocotools' issue 55: a class never found is 0 there too, one that no case knows is left out."""
    found = build.detections((AWAY, 0.95, "cat"), (A, 0.9, "phone"))
    known = [truths(A) + truths(B, label="remote")]
    assert ap(known, [found], strays=False) == pytest.approx(1 / 2)
    assert ap(known, [found]) == pytest.approx((1 / 1.5 + 0) / 2)
    assert ap([[]], [found]) is None


@pytest.mark.parametrize(
    ("cat", "labels", "expected"),
    [
        (0.9, ("phone", "remote"), 2 / 3),  # each class has seen half a stray and its hit
        (0.9, ("phone", "phone"), (51 * 2 / 3 + 50 * 2 / 3) / 101),  # one class: a plain false alarm
        (0.8, ("phone", "remote"), 2 / 3),  # as sure as the hits, and given before them
        (0.7, ("phone", "remote"), 1.0),  # below every hit
    ],
)
def test_g9_strays_by_hand(build, cat, labels, expected):
    known = [truths(A, label=labels[0]) + truths(B, label=labels[1])]
    found = [build.detections((AWAY, cat, "cat"), (A, 0.8, labels[0]), (B, 0.8, labels[1]))]
    assert ap(known, found) == pytest.approx(expected, abs=1e-12)
    assert ap(known, found, strays=False) == pytest.approx(1.0)


def test_g9_only_the_best_hundred_strays_of_a_class_and_image_count(build):
    strays = [(AWAY, 0.9, "cat")] * 130 + [(AWAY, 0.9, "dog")]
    assert ap([truths(A)], [build.detections(*strays, (A, 0.8, "phone"))]) == pytest.approx(1 / 102)


def test_false_alarms_in_images_without_objects_count(build):
    alarm = build.detections((AWAY, 0.95, "phone"))
    assert ap([truths(A), []], [build.detections((A, 0.9, "phone")), alarm]) == pytest.approx(0.5)


def fuzzed(seed, images=12, classes=3, distinct_scores=20):
    """Whole-number boxes (so that x + width is exact), scores with ties, images without objects or detections."""
    rng = np.random.default_rng(seed)

    def some_boxes(count):
        corner = rng.integers(0, 40, (count, 2))
        return np.hstack([corner, corner + rng.integers(1, 30, (count, 2))]).astype(float)

    truth_lists, found = [], []
    for _ in range(images):
        boxes = some_boxes(int(rng.integers(0, 5)) * int(rng.random() < 0.8))
        labels = [f"class {index}" for index in rng.integers(0, classes, len(boxes))]
        truth_lists.append([GroundTruth(tuple(box), label) for box, label in zip(boxes, labels, strict=True)])
        near = boxes + rng.integers(-2, 3, boxes.shape) * (rng.random(boxes.shape) < 0.5)
        near[:, 2:] = np.maximum(near[:, 2:], near[:, :2] + 1)
        every = np.vstack([near, some_boxes(int(rng.integers(0, 5)))])
        names = labels + [f"class {index}" for index in rng.integers(0, classes + 1, len(every) - len(labels))]
        scores = rng.integers(0, distinct_scores + 1, len(every)) / distinct_scores
        order = rng.permutation(len(every))
        found.append(Detections.of(every[order], scores[order], [names[i] for i in order]))
    return truth_lists, found


def repeated(truth_lists, found, weights):
    """The images as a plain list in which each stands as often as it weighs."""
    places = np.repeat(np.arange(len(weights)), weights)
    return [truth_lists[i] for i in places], [found[i] for i in places]


def without_ties_inside_an_image(found, seed):
    rng = np.random.default_rng(seed)
    scores = [rng.choice(50, len(image), replace=False) / 50 for image in found]
    return [Detections(image.boxes, new, image.labels) for image, new in zip(found, scores, strict=True)]


def assert_exact(seed, used_weights):
    truth_lists, found = fuzzed(seed)
    found = without_ties_inside_an_image(found, seed)
    weights = np.random.default_rng(seed).multinomial(len(found), np.full(len(found), 1 / len(found)))
    naive = ap(*repeated(truth_lists, found, weights))
    weighted = ap(truth_lists, found, used_weights(weights))
    assert weighted is None if naive is None else weighted == pytest.approx(naive, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_weight_is_a_multiplicity(seed):
    assert_exact(seed, lambda weights: weights)


def test_dropping_multiplicities_is_noticed():
    """A resampler that keeps each drawn image once, as `np.unique` does, is not exact."""
    with pytest.raises(AssertionError):
        assert_exact(7, lambda weights: np.minimum(weights, 1))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 50))
def test_only_the_proportions_of_weights_matter(seed, factor):
    truth_lists, found = fuzzed(seed)
    weights = np.random.default_rng(seed).integers(0, 4, len(found)).astype(float)
    once, scaled = ap(truth_lists, found, weights), ap(truth_lists, found, weights * 2)
    assert once is None or (0 <= once <= 1 and scaled == pytest.approx(once, abs=1e-12))
    assert (ap(truth_lists, found, weights * factor) is None) == (once is None)


@pytest.mark.parametrize("strays", [True, False])
def test_each_of_many_draws_is_as_if_it_were_the_only_one(strays):
    """In some of them a class has lost all its ground truth, in others not."""
    truth_lists, found = fuzzed(11, images=6, classes=4)
    tables = match_images_at(truth_lists, found, (0.5, 0.7))
    weights = image_weights(6, 300, np.random.default_rng(4))
    classes = ranked_classes(*tables)
    known = np.array([weights[ranked.truth_image].sum(axis=0) > 0 for ranked in classes])
    assert (known.any(axis=1) & ~known.all(axis=1)).any()
    together = weighted_average_precisions(classes, weights, strays)
    alone = [mean_average_precision(tables, column, strays) for column in weights.T]
    assert together == pytest.approx([np.nan if value is None else value for value in alone], abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("strays", [True, False])
def test_a_curve_of_more_hits_than_recalls_is_drawn_as_the_only_one_is(strays):
    """Of those only the hits that reach a recall are looked at; a single draw goes hit by hit."""
    truth_lists, found = fuzzed(5, images=200, classes=1)
    tables = match_images_at(truth_lists, found, (0.5, 0.7))
    classes = ranked_classes(*tables)
    assert max(len(hits) for one in classes for ranking in one.rankings for hits in ranking.hits) > 2 * RECALLS
    weights = image_weights(200, 40, np.random.default_rng(4))
    together = weighted_average_precisions(classes, weights, strays)
    alone = [mean_average_precision(tables, column, strays) for column in weights.T]
    assert len(set(alone)) > 30
    assert together == pytest.approx(alone, abs=1e-12)


def test_ap_of_each_class_and_none_where_a_class_is_not_known(build):
    tables = match_images_at([truths(A) + truths(B, label="remote")], [build.detections((A, 0.9, "phone"))], (0.5, 0.9))
    assert class_average_precisions(tables) == {"phone": pytest.approx(1), "remote": 0}
    tables = match_images_at([truths(A)], [build.detections((AWAY, 0.95, "cat"), (A, 0.9, "phone"))], (0.5,))
    assert class_average_precisions(tables) == {"cat": None, "phone": pytest.approx(1 / 2)}
