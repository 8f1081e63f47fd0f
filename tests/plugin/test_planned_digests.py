"""The plan pins what a run rests on: one other byte of it is another plan, and an image that is swapped is an error."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
from PIL import Image

from pytest_damover.detectors import replay
from pytest_damover.plugin import pinning

GOLDEN = "golden/toy/v1/tests/one.cpu.fp32.json"
GOLDEN_TEST = """
def test_golden(detector, cases, golden):
    golden(detector(cases.image("one")), "one")
"""
SWAP_AFTER_THE_PLAN = """
import pathlib

IMAGE = pathlib.Path(__file__).parent / "suites/toy/images/two.png"


def pytest_runtest_logreport(report):
    IMAGE.write_bytes((IMAGE.parent / "three.png").read_bytes())
"""


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def pinned(toy):
    """The toy project with a golden and a Python test."""
    toy.test_file(GOLDEN_TEST)
    (toy.root / "suites/conftest.py").write_text("")
    toy.compare("--damover-update-golden")
    return toy


def test_g1_everything_that_a_run_rests_on_is_in_the_plan(pinned):
    assert pinned.compare().ret == 0
    (suite,) = pinned.plan["suites"]
    names = ("one", "two", "three", "four")
    assert suite["images"] == {
        f"images/{name}.png": sha256(pinned.suite / f"images/{name}.png") for name in sorted(names)
    }
    assert suite["goldens"] == {
        f"{name}/tests/one.cpu.fp32.json": sha256(pinned.root / GOLDEN.replace("v1", name)) for name in ("v1", "v2")
    }
    assert set(suite["tests"]) == {"suites/conftest.py", "suites/toy/test_toy.py"}
    assert suite["tests"]["suites/toy/test_toy.py"] == sha256(pinned.suite / "test_toy.py")
    assert {digest for _, digest, _ in suite["cases"]} == {sha256(path) for path in pinned.suite.glob("cases/*.json")}
    assert len(suite["policy_digest"]) == 64
    assert pinned.plan["code"] == pinning.code()


def test_g1_the_plan_is_on_the_disk_before_a_model_loads(toy, monkeypatch):
    seen, fsync, load = [], os.fsync, replay.load

    def noted_fsync(descriptor):
        seen.append(f"synced {Path('/proc/self/fd', str(descriptor)).readlink()}")
        fsync(descriptor)

    def noted_load(*arguments, **keywords):
        (plan,) = toy.root.glob("reports/2*/plan.json")
        seen.append(f"loaded, {len(json.loads(plan.read_text())['items'])} items planned")
        return load(*arguments, **keywords)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(replay, "load", noted_load)
    assert toy.compare().ret == 0
    loaded = seen.index("loaded, 8 items planned")
    folder = (toy.root / "reports/latest").resolve()
    assert any(line.startswith(f"synced {folder}/.writing.") for line in seen[:loaded])
    assert f"synced {folder}" in seen[:loaded]


def test_what_will_judge_is_known_before_anything_runs(pinned):
    pinned.policy((pinned.suite / "gate.toml").read_text() + "[ap50]\nmargin = 0.5\nslices = {night = 0.5}\n")
    pinned.compare()
    planned = {(rule, name) for rule, name in pinned.plan["suites"][0]["rules"]}
    found = {(finding["rule"], finding["slice"]) for finding in pinned.findings() if finding["suite"] == "toy"}
    assert {("ap50", None), ("ap50", "night"), ("regressions.critical", None)} <= planned <= found


def _one_byte(path):
    path.write_bytes(path.read_bytes() + b"\n")


def _one_pixel(path):
    Image.new("RGB", (64, 64), (1, 2, 3)).save(path)


CHANGES = {
    "a golden": ("goldens", GOLDEN, _one_byte),
    "a test": ("tests", "suites/toy/test_toy.py", _one_byte),
    "a conftest.py above the suite": ("tests", "suites/conftest.py", _one_byte),
    "an image": ("images", "suites/toy/images/two.png", _one_pixel),
    "a case": ("cases", "suites/toy/cases/two.json", _one_byte),
    "a number of the policy": ("policy_digest", "suites/toy/gate.toml", None),
}


@pytest.mark.parametrize("what", CHANGES)
def test_g11_one_changed_byte_is_another_plan(pinned, what):
    key, name, change = CHANGES[what]
    pinned.compare()
    before = pinned.plan["suites"][0]
    path = pinned.root / name
    if change is None:
        path.write_text(path.read_text().replace("min_cases = 2", "min_cases = 3"))
    else:
        change(path)
    pinned.compare()
    after = pinned.plan["suites"][0]
    assert before[key] != after[key]
    assert {other for other in before if before[other] != after[other]} <= {key, "policy"}


def test_a_comment_in_the_policy_is_no_other_policy(pinned):
    pinned.compare()
    before = pinned.plan["suites"][0]["policy_digest"]
    path = pinned.suite / "gate.toml"
    path.write_text(path.read_text() + "# reviewed\n")
    pinned.compare()
    assert pinned.plan["suites"][0]["policy_digest"] == before


def test_b3_an_image_that_is_swapped_after_the_plan_is_an_error_that_names_it(toy):
    (toy.root / "conftest.py").write_text(SWAP_AFTER_THE_PLAN)
    assert toy.compare().ret == 21
    (record,) = {r["item"]: r for r in toy.journal if r.get("outcome") == "error" and "v1" in r["item"]}.values()
    assert record["item"] == "toy/two:detect@v1"
    assert "images/two.png" in record["reason"]
    assert toy.plan["suites"][0]["images"]["images/two.png"] in record["reason"]


def test_an_image_that_is_not_there_is_not_in_the_plan_and_an_error_when_its_case_runs(toy):
    (toy.suite / "images/one.png").unlink()
    assert toy.compare().ret == 21
    assert "images/one.png" not in toy.plan["suites"][0]["images"]


def test_how_many_cases_their_authors_did_not_pin_is_a_note_of_the_plan(toy):
    toy.case("five", image_sha256=sha256(toy.suite / "images/four.png"))
    toy.compare()
    assert [note for note in toy.plan["notes"] if "image_sha256" in note] == [
        "suite toy: 4 of 5 cases have no image_sha256: this run holds on to the images that it found"
    ]


def test_many_images_are_pinned_in_the_order_of_the_cases(toy):
    for number in range(pinning.WORTH_THREADS + 10):
        toy.case(f"case_{number:03}")
    toy.compare()
    images = toy.plan["suites"][0]["images"]
    assert list(images) == [data["image_path"] for _, _, data in toy.plan["suites"][0]["cases"]]
    assert all(sha256(toy.suite / name) == digest for name, digest in images.items())
