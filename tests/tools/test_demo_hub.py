"""The committed revisions are whole ModelScope repository folders of a reasonable size."""

from __future__ import annotations

import json
import pickletools
import zipfile
from pathlib import Path

import pytest

HUB = Path(__file__).resolve().parents[2] / "hub" / "demo" / "damoyolo_phone"
REVISIONS = ("v1.0.0", "v1.1.0", "v2.0.0", "v2.1.0")
FILES = {"README.md", "configuration.json", "damoyolo.py", "structure.txt", "class_map.pkl", "damoyolo_phone.pt"}


@pytest.mark.parametrize("name", REVISIONS)
def test_folder_is_whole_and_small(name: str) -> None:
    files = [path for path in (HUB / name).iterdir() if path.is_file()]
    assert {path.name for path in files} == FILES
    assert sum(path.stat().st_size for path in files) < 3_000_000


@pytest.mark.parametrize("name", REVISIONS)
def test_configuration_names_the_task(name: str) -> None:
    configuration = json.loads((HUB / name / "configuration.json").read_text(encoding="utf-8"))
    assert configuration["task"] == "domain-specific-object-detection"


@pytest.mark.parametrize("name", REVISIONS)
def test_model_card_states_what_was_measured(name: str) -> None:
    card = (HUB / name / "README.md").read_text(encoding="utf-8")
    assert name in card
    for word in (
        "AP50",
        "night",
        "occluded",
        "seed",
        "parameters",
        "Apache-2.0",
        "python -m tools.train_demo_revisions",
    ):
        assert word in card


@pytest.mark.parametrize("name", REVISIONS)
def test_class_map_is_plain_data(name: str) -> None:
    opcodes = {opcode.name for opcode, _, _ in pickletools.genops((HUB / name / "class_map.pkl").read_bytes())}
    assert not opcodes & {"GLOBAL", "STACK_GLOBAL", "REDUCE", "BUILD", "INST", "OBJ", "NEWOBJ"}


def test_weights_differ() -> None:
    contents = {zipfile.ZipFile(HUB / name / "damoyolo_phone.pt").testzip() for name in REVISIONS}
    assert contents == {None}
    assert len({(HUB / name / "damoyolo_phone.pt").read_bytes() for name in REVISIONS}) == len(REVISIONS)
