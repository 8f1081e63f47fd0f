"""What is wrong with a file that a person wrote, and why a run does not begin, is told in Chinese on a Chinese page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_damover import documents, hubs, lock, suites
from pytest_damover.detectors._device import choose_device
from pytest_damover.doctor import _confinement, _device, _hub, _lock, _packages, _store
from pytest_damover.documents._breaches import form
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.revision import FileEntry, Revision, check_name
from pytest_damover.domain.safety import Reason, Safety, SafetyClass
from pytest_damover.images import open_image
from pytest_damover.references import resolve_reference
from pytest_damover.report.words.retold import retold
from pytest_damover.settings import Settings

# two words in a row that are neither a command, a name nor a value
SENTENCE = re.compile(r"(?<![\w./'\"-])[A-Za-z][a-z']+ [a-z']+ ?[a-z']*(?![\w/])")
CASE = {"name": "a", "image_path": "a.jpg", "expected": {"min_objects": 1}}
EVIDENCE = {"min_cases": 1, "min_images": 1, "min_objects": 1, "min_slice_images": 1}
WAIVER = {"id": "W-1", "expires": "2026-12-31", "scope": {"rule": "ap50.margin"}}
CASES: tuple[Any, ...] = (
    [], {}, {**CASE, "sevrity": 1}, {**CASE, "x": 1, "y": 2}, {**CASE, "name": ""}, {**CASE, "severity": "bad"},
    {**CASE, "image_sha256": "zz"}, {**CASE, "slices": ["a", "a"]}, {**CASE, "slices": [""]}, {**CASE, "group": " "},
    {**CASE, "description": "x" * 5000}, {**CASE, "q": 1, "r": 1, "s": 1, "t": 1, "u": 1, "v": 1},
)  # fmt: skip
EXPECTED: tuple[dict[str, Any], ...] = (
    {}, {"golden": {}}, {"golden": False}, {"golden": {"box_px": 9}}, {"min_objects": "1"}, {"no_duplicates": 3},
    {"min_objects": 3, "max_objects": 1}, {"expected_boxes": [{}]}, {"labels": []}, {"labels": [""]},
    {"forbidden_regions": [[1]]}, {"forbidden_regions": [[5, 5, 1, 1]]}, {"min_objects": 1, "iou_threshold": 0},
)  # fmt: skip
POLICIES: tuple[dict[str, Any], ...] = (
    {"schema": 2}, {"evidence": {}}, {"evidence": {**EVIDENCE, "min_cases": 0}}, {"ap50": {}}, {"ap50": {"margin": 2}},
    {"ap50": {"margin": 0.1, "resamples": 3}}, {"ap50": {"slices": {"night": 0}}}, {"first_release": {}},
    {"ap50": {"slices": {"blur:x": 0.1}}}, {"memory": {"max_mb": 0}}, {"recall": {"at": "x"}}, {"latncy": {}},
)  # fmt: skip
WAIVERS: tuple[dict[str, Any], ...] = (
    {"id": ""}, {"expires": "x"}, {"expires": "2026-13-31"}, {"scope": {}}, {"scope": {"rule": "A b"}},
    {"scope": {"rule": "ap50", "cases": ["b"]}}, {"scope": {"cases": ["b"], "slice": "n"}}, {"reason": "x" * 5000},
)  # fmt: skip
JSON = (
    b"", b"{", b"{1", b'{"a" 1}', b"[1 2]", b"{} {}", b'{"a":1,"a":2}', b"[NaN]", b'["\\ud800"]', b"\xff", b'"\n"',
    b'"', b"[" * 65 + b"]" * 65, b"[" + b"7," * 100_001 + b"7]",
)  # fmt: skip
TOML = (
    b"a", b"a =", b"a = 1\na = 2", b"a = nan", b"a = 2026-01-01", b"\xff", b"[x", b'a = "', b"a = [1", b"[a]\n[a]",
    b"a = 1 2", b"!",
)  # fmt: skip
REVISION = Revision("v1", "v1", "acme/phone", "local", None, (FileEntry("weights.pt", 3, "0" * 64),))
REASONS = (Reason("data.pkl", "imports os.system"), Reason("a.py", "a Python file"))
RUNS_CODE = Safety(SafetyClass.EXECUTES_CODE, REASONS)


def of_files(tmp_path: Path) -> Iterator[Fault]:
    for number, data in enumerate([*CASES, *({**CASE, "expected": expected} for expected in EXPECTED)]):
        suite = suites.Suite("phone", tmp_path / f"s{number}", tmp_path)
        (suite.root / "cases").mkdir(parents=True)
        (suite.root / "cases/a.json").write_text(json.dumps(data))
        yield from (fault for case in suite.all_cases() for fault in getattr(case, "faults", ()))
    for policy in POLICIES:
        data = {"schema": 1, "evidence": EVIDENCE, **policy}
        yield from documents.schema_faults(data, "policy", "gate.toml", Code.POLICY)
    for waiver in WAIVERS:
        yield from suites.waiver_faults({"schema": 1, "waiver": [{**WAIVER, **waiver}]}, "waivers.toml", Code.WAIVERS)
    yield from suites.waiver_faults({"schema": 1, "waiver": [WAIVER, WAIVER]}, "waivers.toml", Code.WAIVERS)


def refused(call: Callable[[], object]) -> tuple[Fault, ...]:
    with pytest.raises(DamoverError) as refusal:
        call()
    return refusal.value.faults


def of_reading(tmp_path: Path) -> Iterator[Fault]:
    for text in JSON:
        yield from refused(lambda text=text: documents.parse_json(text, "a.json", Code.CASE_FILE))
    for text in TOML:
        yield from refused(lambda text=text: documents.parse_toml(text, "gate.toml", Code.POLICY))
    yield from refused(lambda: documents.read_bytes(tmp_path / "none", "none", Code.POLICY))
    yield from refused(lambda: documents.check_size(b" " * (documents.MAX_BYTES + 1), "a.json", Code.CASE_FILE))
    (tmp_path / "no.jpg").write_text("x")
    for name in ("../a.jpg", "none.jpg", "."):
        yield from refused(lambda name=name: resolve_reference(tmp_path, name))
    yield from refused(lambda: open_image(tmp_path / "no.jpg", "no.jpg").pixels)


def of_revisions(tmp_path: Path) -> Iterator[Fault]:
    yield from refused(lambda: check_name("a b", "--revisions"))
    yield from refused(lambda: hubs.check_model("phone"))
    yield from hubs.unknown_model("acme/phone", "local", "acme/cup", "damover revisions").faults
    yield from hubs.unknown_revision("acme/phone", "v9", "local", ()).faults
    yield from refused(lambda: lock.check_locked(tmp_path / lock.FILE_NAME, [REVISION]))
    yield from refused(lambda: lock.check_consent(tmp_path / lock.FILE_NAME, [(REVISION, RUNS_CODE)]))
    yield from refused(lambda: choose_device("cuda:1", lambda: 1))
    yield from refused(lambda: choose_device("gpu", lambda: 1))


def of_doctor(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "hub/acme/phone/v1").mkdir(parents=True)
    for keys in ({"device": "cuda:1"}, {"hub": "local", "model": "acme/phone"}, {"hub": "modelscope"}):
        settings = Settings(tmp_path, {f"damover_{key}": value for key, value in (*keys.items(), ("offline", "true"))})
        for check in (*_hub.checks(settings), _device.check(settings), *_lock.checks(settings), *_store.checks()):
            yield from (check.found, check.advice)
    for check in (*_packages.checks(runs_models=True), *_confinement.checks()):
        yield from (check.found, check.advice)


@pytest.mark.parametrize("source", [of_files, of_reading, of_revisions, of_doctor])
def test_no_english_sentence_is_left(source, tmp_path):
    every = list(dict.fromkeys(map(str, source(tmp_path))))
    assert len(every) >= 8
    for text in every:
        chinese = re.sub(r"(?:damover|pytest|pip) [-\w. ]+", "", retold(text))
        assert not SENTENCE.search(chinese), chinese
        numbers = [sorted(re.findall(r"\d+(?:\.\d+)?", each)) for each in (retold(text), text)]
        assert numbers[0] == numbers[1], retold(text)


@pytest.mark.parametrize("kind", ["case", "policy", "waivers", "golden"])
def test_whatever_a_schema_allows_is_told(kind):
    root = documents.schema(kind)
    waiting: list[Any] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            waiting += node.values()
            if "type" in node or "pattern" in node:
                chinese = retold(f"allowed: {form(node, root)}")
                assert not SENTENCE.search(chinese), chinese
        elif isinstance(node, list):
            waiting += node
