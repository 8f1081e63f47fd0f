import dataclasses

import pytest

from pytest_damover.domain.safety import Reason, Safety, SafetyClass
from pytest_damover.domain.verdict import Answer

ERROR, INCONCLUSIVE, PASS = Answer.ERROR, Answer.INCONCLUSIVE, Answer.PASS
LOADED = (("v1", {}), ("v2", {}))
UNCHANGED = (("v1", ()), ("v2", ()))
CODE = Safety(SafetyClass.EXECUTES_CODE, (Reason("damoyolo.py", "a Python file"),))


def answer(build, planned, **journal):
    return build.answer(build.run(planned, **journal))


def test_hashed_again_and_unchanged_is_a_proof_that_counts_the_files(build, day_night):
    verdict = answer(build, day_night, loads=LOADED, verified=UNCHANGED)
    assert build.reasons(verdict, "revisions") == {(PASS, "unchanged")}
    assert build.findings(verdict)["revisions", None].n == 2


@pytest.mark.parametrize("side", ["v1", "v2"])
def test_t8_a_file_that_changed_during_the_run_is_inconclusive_and_named(build, day_night, side):
    seen = tuple((name, ("weights.pt has 4 bytes instead of 3",) if name == side else ()) for name, _ in UNCHANGED)
    verdict = answer(build, day_night, loads=LOADED, verified=seen)
    assert verdict.verdict is INCONCLUSIVE
    assert build.reasons(verdict, "revisions") == {(INCONCLUSIVE, "revision-changed")}
    assert f"{side} changed while it was judged: weights.pt" in build.findings(verdict)["revisions", None].message


def test_t8_a_revision_that_nobody_looked_at_again_is_inconclusive(build, day_night):
    verdict = answer(build, day_night, loads=LOADED, verified=UNCHANGED[:1])
    assert build.reasons(verdict, "revisions") == {(INCONCLUSIVE, "not-verified")}


def test_t8_who_drops_the_load_records_too_is_found_by_the_detections(build, day_night):
    verdict = answer(build, day_night, loads=(), verified=())
    assert verdict.verdict is INCONCLUSIVE
    assert build.reasons(verdict, "revisions") == {(INCONCLUSIVE, "not-verified")}


def test_an_interrupted_run_is_reported_as_that(build, day_night):
    verdict = answer(build, day_night, loads=LOADED, ended=None)
    assert build.reasons(verdict, "revisions") == {(PASS, "unchanged")}
    assert verdict.verdict is INCONCLUSIVE


def test_t10_code_that_ran_without_consent_is_an_error_whatever_it_scored(build, day_night):
    planned = dataclasses.replace(day_night, safety={"v1": CODE, "v2": CODE}, consents={"v1": "Ann, 2026-01-01"})
    verdict = answer(build, planned, loads=LOADED, verified=UNCHANGED)
    assert verdict.verdict is ERROR
    assert build.reasons(verdict, "revisions") == {(ERROR, "no-consent")}


def test_t10_consent_or_no_code_is_enough(build, day_night):
    planned = dataclasses.replace(
        day_night, safety={"v1": CODE, "v2": Safety(SafetyClass.SAFETENSORS)}, consents={"v1": "Ann, 2026-01-01"}
    )
    verdict = answer(build, planned, loads=LOADED, verified=UNCHANGED)
    assert build.reasons(verdict, "revisions") == {(PASS, "unchanged")}


def test_t4_identical_revisions_are_compared_when_that_is_asked_for(build):
    twin = build.revision("v1-again", "v1")
    cases = [build.case("night_1"), build.case("day_1")]
    planned = build.plan([build.suite(cases)], baseline="v1", candidates=[twin], allow_identical=True)
    verdict = build.answer(build.run(planned))
    assert build.reasons(verdict, "identical") == {(PASS, "identical-allowed")}
    assert ("regressions.critical", None) in build.findings(verdict)
    assert verdict.verdict is PASS
