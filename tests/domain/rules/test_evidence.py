import dataclasses

from pytest_damover.domain.verdict import Answer

INCONCLUSIVE = Answer.INCONCLUSIVE


def test_evidence_counts_what_ran_on_both_sides(build):
    cases = [build.case("a"), build.case("b"), build.case("c", boxes=None, min_objects=1)]
    policy = {**build.POLICY, "evidence": {"min_cases": 3, "min_images": 3, "min_objects": 3, "min_slice_images": 1}}
    plan = build.plan([build.suite(cases, policy)])
    verdict = build.answer(build.run(plan, build.outcomes(plan, v1={"a": "skipped"})))
    found = build.findings(verdict)
    assert [found[f"evidence.{what}", None].value for what in ("cases", "images", "objects")] == [2, 2, 1]
    assert {found[f"evidence.{what}", None].verdict for what in ("cases", "images", "objects")} == {INCONCLUSIVE}
    assert found["evidence.cases", None].limit == 3


def test_one_image_in_two_cases_is_one_image(build):
    twin = dataclasses.replace(build.case("b"), image_path="images/a.jpg")
    plan = build.plan([build.suite([build.case("a"), twin])])
    found = build.findings(build.answer(build.run(plan)))
    assert (found["evidence.cases", None].value, found["evidence.images", None].value) == (2, 1)


def test_copies_of_one_image_are_one_image(build):
    images = {f"images/{name}.jpg": "7" * 64 for name in "ab"}
    plan = build.plan([build.suite([build.case(name) for name in "abc"], images=images)])
    found = build.findings(build.answer(build.run(plan)))
    assert (found["evidence.cases", None].value, found["evidence.images", None].value) == (3, 2)
