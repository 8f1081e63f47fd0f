"""A golden's file is named by the test that asks for it, never by what a model says."""

from __future__ import annotations

import json

import pytest

from pytest_damover.domain.detection import Detections
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.plugin.golden import GoldenFixture, Held, Shown

HOSTILE = ("../../x", "/etc/passwd", "a\nb", "..", "C:\\x", "\x00", "x" * 5000, "夜")
TEST = "def test_it(golden, detector, cases):\n    golden(detector(cases.image('one')), 'one')\n"


@pytest.mark.parametrize("label", HOSTILE)
def test_b8_a_label_names_no_file(toy, label):
    toy.revision("v3", default={"boxes": [[1, 2, 3, 4]], "scores": [0.9], "labels": [label]})
    toy.test_file(TEST)
    toy.run("--revisions", "v3", "--damover-update-golden")
    path = toy.root / "golden/toy/v3/tests/one.cpu.fp32.json"
    assert [one for one in (toy.root / "golden").rglob("*") if one.is_file()] == [path]
    assert json.loads(path.read_text())["detections"]["labels"] == [label]


@pytest.mark.parametrize("name", [*HOSTILE, "", ".hidden", "-rf", "a/b", "a b", "one\n", "x" * 101])
def test_b8_a_name_that_leads_anywhere_else_is_refused(name):
    golden = GoldenFixture(state=None, suite="toy", revision=None, shown=Shown(), held=Held())
    with pytest.raises(DamoverError) as refusal:
        golden(Detections.of((), (), ()), name)
    assert refusal.value.faults[0].code is Code.GOLDEN
