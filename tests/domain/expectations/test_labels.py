from pytest_damover.domain.case import Expected
from pytest_damover.domain.expectations.labels import evaluate


def test_another_label_at_the_threshold_is_named(build):
    found = build.detections((build.PHONE, 0.9, "remote"), (build.PHONE, 0.9, "phone"), (build.PHONE, 0.4, "cat"))
    outcome = evaluate(Expected(labels=("phone",)), found)
    assert not outcome.passed
    assert outcome.message == "expected only phone at score >= 0.50, found remote 0.90 at [10 10 50 90]"


def test_only_allowed_labels_pass(build):
    assert evaluate(Expected(labels=("phone",)), build.detections((build.PHONE, 0.9, "phone"))).passed


def test_no_demand(build):
    assert evaluate(Expected(min_objects=1), build.detections()) is None
