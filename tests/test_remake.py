"""Everything right of the journal is made again from plan and journal alone, byte for byte."""

import base64
import hashlib
import json
import re
import shutil
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from pytest_damover import remake, store
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.settings import read_settings

CLEAN = Path(__file__).parent / "data/runs/clean"


@pytest.fixture
def folder(judged_project):
    return store.open_run_folder(judged_project / "reports/latest")


def test_the_verdict_has_the_bytes_that_the_run_wrote(folder):
    assert remake.judge_folder(folder).verdict.to_text().encode() == folder.verdict.read_bytes()


def test_verdict_report_and_summary_are_made_again_byte_for_byte(judged_project, folder):
    made = (folder.verdict, folder.report, folder.summary, folder.junit, folder.ctrf)
    before = [path.read_bytes() for path in made]
    for path in made:
        path.unlink()
    remake.remake(folder, judged_project, read_settings(judged_project).get("lang", "en"))
    assert [path.read_bytes() for path in made] == before


def test_another_policy_is_another_answer(folder):
    strict = {
        "schema": 1,
        "evidence": {"min_cases": 2, "min_images": 1, "min_objects": 0, "min_slice_images": 1},
        "regressions": {"major": 2},
    }
    assert remake.judge_folder(folder).verdict.verdict.value == "FAIL"
    assert remake.judge_folder(folder, strict).verdict.verdict.value == "PASS"


def test_a_picture_that_is_gone_or_another_one_leaves_a_report_without_it(judged_project, folder):
    before = len(folder.report.read_bytes())
    (judged_project / "suites/toy/images/lost.png").unlink()
    remake.remake(folder, judged_project, "en")
    assert len(folder.report.read_bytes()) < before


def test_a_picture_that_was_changed_after_the_run_is_not_shown(judged_project, folder):
    before = folder.report.read_text(encoding="utf-8").count("data:image/jpeg")
    Pillow.new("RGB", (200, 100), (1, 2, 3)).save(judged_project / "suites/toy/images/lost.png")
    remake.remake(folder, judged_project, "en")
    assert 0 <= folder.report.read_text(encoding="utf-8").count("data:image/jpeg") < before


def test_w4_nothing_of_a_picture_but_its_pixels_is_in_the_report(judged_project, folder):
    """A PNG that says where it was taken, holds a comment, and is a page and an archive as well."""
    picture = judged_project / "suites/toy/images/lost.png"
    before, where, comment = picture.read_bytes(), Pillow.Exif(), PngInfo()
    where[0x8825] = {29: "GPS-MARK"}
    comment.add_text("Comment", "COMMENT-MARK <script>alert(1)</script>", zip=False)
    Pillow.new("RGB", (200, 100), (1, 2, 3)).save(picture, exif=where, pnginfo=comment)
    with picture.open("ab") as file:
        file.write(b"<html><script>TAIL-MARK</script>PK\x03\x04")
    marks = (b"GPS-MARK", b"COMMENT-MARK", b"TAIL-MARK", b"<script", b"PK\x03\x04")
    assert all(mark in picture.read_bytes() for mark in marks)
    old, new = (hashlib.sha256(one).hexdigest() for one in (before, picture.read_bytes()))
    folder.plan.write_text(folder.plan.read_text().replace(old, new))
    remake.remake(folder, judged_project, "en")
    page = folder.report.read_bytes()
    pictures = [base64.b64decode(one) for one in re.findall(rb"data:image/jpeg;base64,([^\"]+)", page)]
    assert any(max(Pillow.open(BytesIO(one)).getpixel((5, 5))) < 8 for one in pictures)
    assert [mark for one in pictures for mark in (*marks, b"Exif") if mark in one] == []
    assert [mark for mark in marks[:3] if mark in page] == []


def test_one_changed_byte_of_the_plan_is_no_pass(folder):
    text = folder.plan.read_text()
    folder.plan.write_text(text.replace('"margin":0.1', '"margin":0.9'))
    verdict = remake.judge_folder(folder).verdict
    reasons = {finding.reason for candidate in verdict.candidates for finding in candidate.findings}
    assert verdict.verdict.value == "ERROR"
    assert any("plan" in reason for reason in reasons)


@pytest.mark.parametrize("lines", [1, 2, 5, -1])
def test_a_journal_that_stops_early_is_no_pass(folder, lines):
    kept = folder.journal.read_text().splitlines(keepends=True)[:lines]
    folder.journal.write_text("".join(kept))
    policy = json.loads(folder.plan.read_text())["suites"][0]["policy"]
    lenient = {**policy, "regressions": {"major": 9}, "ap50": {"margin": 0.99}}
    assert remake.judge_folder(folder, lenient).verdict.verdict.value == "INCONCLUSIVE"


@pytest.mark.parametrize("file", ["plan", "journal"])
def test_a_byte_too_many_at_the_end_is_no_pass_also_where_it_is_no_character(tmp_path, file):
    shutil.copytree(CLEAN, tmp_path / "run")
    folder = store.open_run_folder(tmp_path / "run")
    assert _answer(folder) == "PASS"
    with getattr(folder, file).open("ab") as opened:
        opened.write(b"\x80")
    assert _answer(folder) == {"plan": Code.RUN_FOLDER, "journal": "ERROR"}[file]
    if file == "journal":
        digest = hashlib.sha256(folder.journal.read_bytes()).hexdigest()
        assert remake.judge_folder(folder).verdict.journal_digest == digest


NO_PLANS = ("", "[]", "null", "{}", '{"schema": 1}', '{"schema": 2}', '{"schema": 2, "suites": [7]}', "[" * 100_000)


@pytest.mark.parametrize("text", NO_PLANS, ids=lambda text: text[:20])
def test_a_plan_of_another_form_is_refused(folder, text):
    folder.plan.write_text(text, encoding="utf-8")
    assert _answer(folder) == Code.RUN_FOLDER


PARTS = (
    ("suites",),
    ("suites", 0, "cases"),
    ("suites", 0, "cases", 0, 2),
    ("suites", 0, "cases", 0, 2, "expected"),
    ("suites", 0, "policy"),
    ("items",),
    ("items", 0),
    ("candidates",),
    ("baseline", "files"),
    ("narrowed",),
)


@pytest.mark.parametrize("value", [None, {}, "x", 7, [[]]], ids=repr)
@pytest.mark.parametrize("path", PARTS, ids=lambda path: ".".join(map(str, path)))
def test_a_plan_with_a_part_of_another_form_is_refused_or_no_pass(folder, path, value):
    data = part = json.loads(folder.plan.read_text())
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    folder.plan.write_text(json.dumps(data))
    assert _answer(folder) != "PASS"


RECORD_PARTS = (
    "item",
    "outcome",
    "device",
    "duration_ns",
    "detections",
    "failed_expectations",
    "pairs_ns",
    "kind",
    "seq",
)


@pytest.mark.parametrize("value", [None, {}, "x", -7, [[]]], ids=repr)
@pytest.mark.parametrize("key", RECORD_PARTS)
def test_a_journal_with_a_part_of_another_form_is_refused_or_no_pass(folder, key, value):
    lines = folder.journal.read_text().splitlines()
    lines[2] = json.dumps({**json.loads(lines[2]), key: value})
    folder.journal.write_text("\n".join([*lines, ""]))
    assert _answer(folder) != "PASS"


def _answer(folder):
    """The verdict, or the code of the refusal; nothing else may come out."""
    try:
        return remake.judge_folder(folder).verdict.verdict.value
    except DamoverError as error:
        return error.faults[0].code


def test_half_a_character_anywhere_in_a_plan_is_judged_or_refused_and_no_traceback(tmp_path):
    shutil.copytree(CLEAN, tmp_path / "run")
    folder = store.open_run_folder(tmp_path / "run")
    whole = folder.plan.read_text()
    for word in ("detections.json", "local", "suites/toy", "acme/phones", "2026-01-01", "desk", "day", "replay"):
        folder.plan.write_text(whole.replace(word, "\\ud800"))
        assert _answer(folder) != "PASS" or word not in whole
        if _answer(folder) == "ERROR":
            folder.verdict.unlink(missing_ok=True)
            remake.remake(folder, tmp_path, "en")
            assert json.loads(folder.verdict.read_text())["verdict"] == "ERROR"
