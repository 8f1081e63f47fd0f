"""A golden's file is named by the test that asks for it, never by what a model says."""

from __future__ import annotations

import json

import pytest

from pytest_damover.domain.detection import Detections
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.plugin.golden import Golden

HOSTILE = ("../../x", "/etc/passwd", "a\nb", "..", "C:\\x", "\x00", "x" * 5000, "夜")


@pytest.mark.parametrize("label", HOSTILE)
def test_b8_a_label_names_no_file(tmp_path, label):
    folder = tmp_path / "golden/toy"
    found = Detections.of([[1, 2, 3, 4]], [0.9], [label])
    with pytest.raises(pytest.skip.Exception):
        Golden(folder, update=True)(found, "one")
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [
        "golden/toy/one.json"
    ]
    assert json.loads((folder / "one.json").read_text())["labels"] == [label]
    Golden(folder, update=False)(found, "one")


@pytest.mark.parametrize("name", [*HOSTILE, "", ".hidden", "-rf", "a/b", "a b", "one\n", "x" * 101])
@pytest.mark.parametrize("update", [True, False])
def test_b8_a_name_that_leads_anywhere_else_is_refused(tmp_path, name, update):
    with pytest.raises(DamoverError) as refusal:
        Golden(tmp_path / "golden/toy", update)(Detections.of((), (), ()), name)
    assert refusal.value.faults[0].code is Code.GOLDEN
    assert list(tmp_path.iterdir()) == []
