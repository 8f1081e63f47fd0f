"""What plan and journal say in English is Chinese on a Chinese page: no sentence of ours stays as it was written."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pytest_damover import remake, store
from pytest_damover.anatomy import formats
from pytest_damover.domain.case import Expected, case_from_data
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.expectations import evaluate_all
from pytest_damover.domain.golden import drift
from pytest_damover.domain.golden_result import Tolerance
from pytest_damover.report import html
from pytest_damover.report.pictures import no_pictures
from pytest_damover.report.words import words_in
from pytest_damover.report.words.retold import LONGEST, retold

RUNS = Path(__file__).parents[1] / "data/runs"
# three words in a row, as they stand in no name, no command and no key
SENTENCE = re.compile(r"(?:(?<![\w./-])[A-Za-z][a-z']+[ ,;:]+){2,}[A-Za-z][a-z']+(?![\w/])")
TELLING = (
    "baseline-crashed", "broken-case", "candidate-crashed", "clean", "ended-otherwise", "flips-lost", "golden-missing",
    "goldens-compared", "goldens-written", "identical-revisions", "item-error", "killed-while-writing",
    "latency-undecided", "line-not-json", "narrowed", "never-ended", "no-consent", "no-end-record", "not-verified",
    "pass-with-every-rule", "policy-faults", "records-after-the-end", "regression", "resume-counts", "resumed",
    "revision-changed", "sequence-gap", "skipped-item", "torn-line", "waived-case", "weak-spot", "wrong-counts",
)  # fmt: skip
COMMAND = re.compile(r"damover [a-z]+(?: [a-z]+)*")
A_PERSONS_OWN = ("labelled wrongly, see #812",)


class Shown(HTMLParser):
    """Every text that a reader or a screen reader has of a page, but what stands in a command."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.silent: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "pre"):
            self.silent.append(tag)
        self.texts += [value for name, value in attrs if value and name in ("aria-label", "title", "data-label")]

    def handle_endtag(self, tag: str) -> None:
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.texts.append(data)


def sentences(texts: list[str]) -> set[str]:
    kept = {COMMAND.sub("", text) for text in texts if not text.lstrip().startswith("pytest ")}
    for own in A_PERSONS_OWN:
        kept = {text.replace(own, "") for text in kept}
    return {text for text in kept if SENTENCE.search(text)}


@pytest.mark.parametrize("name", TELLING)
def test_a_chinese_page_has_no_english_sentence_of_ours(name: str) -> None:
    judged = remake.judge_folder(store.open_run_folder(RUNS / name))
    page = html.render(judged.run, judged.verdict, judged.comparisons, no_pictures, "zh")
    assert sentences(Shown(page).texts) == set()


def test_the_look_for_english_sees_some() -> None:
    judged = remake.judge_folder(store.open_run_folder(RUNS / "skipped-item"))
    page = html.render(judged.run, judged.verdict, judged.comparisons, no_pictures, "en")
    assert len(sentences(Shown(page).texts)) > 20


def found(*objects: tuple[str, float, list[float]]) -> Detections:
    labels, scores, boxes = zip(*objects, strict=True) if objects else ((), (), ())
    return Detections(np.array(boxes, dtype=float).reshape(-1, 4), np.array(scores, dtype=float), tuple(labels))


HERE, BESIDE, FAR = [10.0, 10, 50, 50], [12.0, 10, 50, 50], [200.0, 200, 240, 240]
SEEN = (
    found(),
    found(("phone", 0.9, HERE), ("phone", 0.85, BESIDE)),
    found(("phone", 0.3, HERE)),
    found(("cup", 0.9, HERE), ("phone", 0.2, [45, 45, 80, 80])),
    found(("cup", 0.2, HERE)),
    found(("phone", 0.9, FAR)),
    found(*(("phone", 0.9 - step / 100, [20.0 * step, 0, 20 * step + 15, 15]) for step in range(9))),
)
DEMANDS: tuple[dict[str, Any], ...] = (
    {"min_objects": 1, "max_objects": 1},
    {"min_objects": 2, "labels": ["phone"]},
    {"max_objects": 0},
    {"min_objects": 1, "max_objects": 2, "labels": ["phone", "cup"]},
    {"labels": ["cup"]},
    {"expected_boxes": [{"box": HERE, "label": "phone"}]},
    {"expected_boxes": [{"box": [x, 300, x + 9, 309], "label": "phone"} for x in range(0, 80, 10)]},
    {"expected_boxes": [{"box": HERE, "label": "phone"}, {"box": BESIDE, "label": "phone"}]},
    {"forbidden_regions": [[0, 0, 100, 100]]},
    {"no_duplicates": True},
)


def messages() -> list[str]:
    told = []
    for number, demand in enumerate(DEMANDS):
        data = {"name": f"case{number}", "image_path": "a.jpg", "expected": demand}
        expected: Expected = case_from_data(data, "phone", "cases/a.json", "0" * 64).expected
        told += [
            f"{one.kind}: {one.message}" for seen in SEEN for one in evaluate_all(expected, seen) if not one.passed
        ]
    return list(dict.fromkeys(told))


def test_what_expectations_say_is_told_in_chinese_with_every_number() -> None:
    every = messages()
    assert len(every) > 25
    for message in every:
        chinese = retold(message)
        assert not SENTENCE.search(chinese), chinese
        assert sorted(re.findall(r"\d+(?:\.\d+)?", chinese)) == sorted(re.findall(r"\d+(?:\.\d+)?", message)), chinese


def test_drift_is_told_in_chinese() -> None:
    golden = found(("phone", 0.9, HERE), ("phone", 0.8, FAR))
    for other in SEEN:
        for line in drift(golden, other, Tolerance()):
            assert not SENTENCE.search(retold(line)), retold(line)
            assert retold(line) != line


def test_every_kind_of_code_is_named_in_chinese() -> None:
    for what in formats.CODE_SUFFIXES.values():
        assert re.search("[\u4e00-\u9fff]", retold(what)), what


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("needs a GPU, this run is on cpu: a.py::test_b[v1]", "需要 GPU，而本次在 cpu 上运行：a.py::test_b[v1]"),
        ("compares two revisions, this run judges one alone: a.py::b", "需要两个版本，而本次仅评判一个：a.py::b"),
        ("only a part of suites/phone was asked for", "仅指定了 suites/phone 的一部分"),
        ("--lf was given", "使用了 --lf"),
        ("imports os.system (in 'data.pkl')", "导入 os.system（在 'data.pkl' 中）"),
        ("seccomp: no sockets; own user and network namespace", "seccomp：禁止套接字；独立的用户与网络命名空间"),
        ("v2: its process ended (SIGKILL) during: detect a\n    next: look  [runner]",
         "v2：进程在 detect a 期间结束（SIGKILL）\n    下一步：look  [runner]"),
        ("cpu: in use by another run (pid 7 of li, since 2026-01-02 03:04:05 UTC) and still after 3600 s",
         "cpu：另一次运行正在使用（进程 7，用户 li，自 2026-01-02 03:04:05 UTC 起），等待 3600 秒后仍未释放"),
        ("cpu: in use by another run (it does not say which) and still after 0 s",
         "cpu：另一次运行正在使用（未写明是哪一次），等待 0 秒后仍未释放"),
        ("a person's own words", "a person's own words"),
        ("the keys are lost", "the keys are lost"),
        ("at least one of them failed", "at least one of them failed"),
        ("the door is not locked", "the door is not locked"),
        ("set aside, from the customer", "set aside, from the customer"),
        ("unknown key supplier", "unknown key supplier"),
        ("{0} {x} {", "{0} {x} {"),
    ],
)  # fmt: skip
def test_a_sentence_is_told_anew_and_another_stays(english: str, chinese: str) -> None:
    assert retold(english) == chinese
    assert words_in("zh").retell(english) == chinese
    assert words_in("en").retell(english) == english


@pytest.mark.parametrize("piece", ["missing a at ", "expected ", "a: ", "found 1 of 2 ", "a, b; ", " and 3 more", "("])
def test_no_text_takes_long(piece: str) -> None:
    before = time.process_time()
    for text in (
        piece * 2000,
        (piece * LONGEST)[:LONGEST],
        f"expected {piece * 200} at score >= 0.5, found 1: {piece * 90}",
    ):
        retold(text)
    assert time.process_time() - before < 2.0
