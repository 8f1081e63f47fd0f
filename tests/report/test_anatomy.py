"""What moved, in a sentence, in tables, on the page, in the summary and on a terminal."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_damover.domain.anatomy import Aspect, Change, Difference
from pytest_damover.domain.safety import Reason, Safety, SafetyClass
from pytest_damover.report import html, markdown
from pytest_damover.report.anatomy_lines import difference_lines
from pytest_damover.report.pictures import no_pictures
from pytest_damover.report.terminal import text_width
from pytest_damover.report.views.anatomy import MOST_REASONS, MOST_ROWS, headline, percent, tables
from pytest_damover.report.words import words_in

CONF = Change(Aspect.THRESHOLD, "model.head.nms_conf_thre", "0.05", "0.25")
NMS = Change(Aspect.THRESHOLD, "model.head.nms_iou_thre", "0.6", "0.5")
README = Change(Aspect.FILE, "README.md", "10 bytes", "12 bytes")
HOSTILE = "<img src=x onerror=alert(1)>\x1b[31m\u202e"


def told(*changes: Change, lang: str = "en", **fields: Any) -> str:
    return headline(Difference(changes, **fields), words_in(lang))


def test_one_aspect_is_named() -> None:
    assert told(CONF) == "Only the confidence threshold moved: model.head.nms_conf_thre 0.05 → 0.25."
    assert told(NMS) == "Only the NMS threshold moved: model.head.nms_iou_thre 0.6 → 0.5."
    assert told(CONF, NMS).startswith("Only thresholds moved: ")
    assert (
        told(Change(Aspect.INPUT_SIZE, "dataset.size", "32", "64"))
        == "Only the input size moved: dataset.size 32 → 64."
    )
    assert told(Change(Aspect.CLASSES, "1", "phone", "")) == "Only the class map moved: 1 phone → not there."
    assert told(Change(Aspect.CONFIG, "a", "1", "2")).startswith("Only the configuration moved: ")
    assert told(Change(Aspect.TENSOR, "a", "", "F32 [1]")).startswith("Only tensors were added, removed")
    assert told(Change(Aspect.FILE, "a.bin", "x", "y")).startswith("Only files differ that are not read")
    assert told(CONF, lang="zh").startswith("仅置信度阈值改变")


def test_weights_alone_are_named_with_how_far_they_moved() -> None:
    moved = {"weights_shared": 580, "weights_changed": 579}
    assert told(**moved, relative_weight_change=0.0308) == (
        "Only the weights moved: 579 of 580 tensors hold other numbers, relative change 3.08%."
    )
    assert told(**moved).startswith("Only counters in the weights moved: 579 of 580")


def test_several_aspects_are_counted_and_never_called_one() -> None:
    text = told(CONF, Change(Aspect.CLASSES, "1", "a", "b"), weights_shared=3, weights_changed=2)
    assert text == "Several things moved at once: 1 threshold, 1 class, the numbers of 2 tensors."
    assert told(Change(Aspect.TENSOR, "a", "", "F32 [1]"), weights_shared=3, weights_changed=2).startswith("Several")


def test_documents_do_not_hide_that_one_thing_moved() -> None:
    assert told(CONF, README).endswith("0.25. Beside that only documents differ: README.md.")
    assert told(README) == "Nothing that is loaded differs, only documents: README.md."
    assert told() == "No file differs."


def test_what_was_not_read_forbids_the_word_only() -> None:
    unread = {"unread": ("candidate, w.pt: cut off",)}
    assert told(**unread) == told(README, **unread) == "Not all could be read, so nothing is known of what moved."
    text = told(CONF, **unread)
    assert "Only" not in text
    assert (
        text
        == "Of what could be read, this moved: 1 threshold. Not all could be read, so what else moved is not known."
    )
    assert "仅" not in told(CONF, lang="zh", **unread)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "0%"), (0.0308, "3.08%"), (1.884, "188%"), (0.5, "50.0%"), (4e-9, "0.000000400%"), (274.3, "274×"),
     (None, "–"), (float("nan"), "–")],
)  # fmt: skip
def test_shares_have_three_digits(value: float | None, shown: str) -> None:
    assert percent(value) == shown


def test_long_tables_say_what_they_leave_out() -> None:
    many = tuple(Change(Aspect.CONFIG, f"key{number}", "1", "2") for number in range(MOST_ROWS + 7))
    (group,) = tables(Difference(many, unread=("x",) * 40), words_in("en"))["groups"]
    assert (len(group["rows"]), group["more"], group["total"]) == (MOST_ROWS, 7, MOST_ROWS + 7)
    assert any("7 more" in line for line in difference_lines(Difference(many), "a", "b", "en", 80))


def told_run(make: Any, difference: Difference | None, safety: dict[str, Safety]) -> Any:
    run = make.make_run(
        {"v1": make.GOOD, "v2": make.GOOD},
        count=4,
        safety=safety,
        differences={} if difference is None else {"v2": difference},
    )
    return make.judged(run)


def test_page_and_summary_say_it(make: Any) -> None:
    reasons = tuple(Reason(f"f{number}.py", "a Python file") for number in range(MOST_REASONS + 2))
    safety = {"v1": Safety(SafetyClass.SAFETENSORS), "v2": Safety(SafetyClass.EXECUTES_CODE, reasons)}
    made = told_run(make, Difference((CONF,), unread=("w.pt: cut off",), weights_shared=2), safety)
    for lang, word in (("en", "runs code from its folder"), ("zh", "会执行其目录中的代码")):
        page = html.render(*made, no_pictures, lang)
        assert page.index('id="findings"') < page.index('id="anatomy"') < page.index('id="files"')
        for text in (word, "model.head.nms_conf_thre", "w.pt: cut off", "f0.py", "executes-code", "safetensors"):
            assert text in page
        assert words_in(lang)("more", n=2) in page
    assert "**Anatomy**: Of what could be read, this moved: 1 threshold" in markdown.render(*made, "en")


def test_no_section_where_nothing_is_known(make: Any) -> None:
    made = told_run(make, None, {})
    assert 'id="anatomy"' not in html.render(*made, no_pictures, "en")
    assert "Anatomy" not in markdown.render(*made, "en")


def test_a_revision_alone_has_its_class_shown(make: Any) -> None:
    run = make.make_run({"v1": make.GOOD}, count=4, alone=True, safety={"v1": Safety(SafetyClass.WEIGHTS_ONLY)})
    page = html.render(*make.judged(run), no_pictures, "en")
    assert "pickles of tensors and plain containers" in page
    assert "Read from the revision&#39;s files" in page


def test_what_the_files_say_is_escaped_everywhere(make: Any) -> None:
    change = Change(Aspect.CONFIG, HOSTILE, HOSTILE, f"::add-mask::{HOSTILE}")
    difference = Difference((change,), 2, 1, 0.5, ((HOSTILE, 0.5),), ())
    safety = {"v2": Safety(SafetyClass.EXECUTES_CODE, (Reason(HOSTILE, HOSTILE),))}
    made = told_run(make, difference, safety)
    page = html.render(*made, no_pictures, "en")
    assert "<img src=x" not in page
    assert "\x1b" not in page + markdown.render(*made, "en")
    lines = difference_lines(
        Difference((change, Change(Aspect.FILE, "::x", "", "##[y")), unread=("::z",)), "::a", "b", "en", 60
    )
    for line in lines:
        assert not line.lstrip().startswith("::")
        assert "\x1b" not in line and "\u202e" not in line and "##[" not in line  # noqa: PT018 - one line, one demand


@pytest.mark.parametrize("width", [1, 40, 60, 200])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_terminal_lines_fit(lang: str, width: int) -> None:
    wide = Change(Aspect.CONFIG, "键" * 90, "值" * 90, "x" * 300)
    difference = Difference((CONF, wide, README), 5, 3, 0.25, (("a" * 90, 0.5),), ("u" * 300,))
    lines = difference_lines(difference, "v1", "v2", lang, width)
    assert all(text_width(line) <= max(width, 40) for line in lines)
    assert lines[0] == "v1 → v2"
