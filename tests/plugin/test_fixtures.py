"""The fixtures of Python tests in a suite."""

from __future__ import annotations

import json

import pytest

NOTHING = {"boxes": [], "scores": [], "labels": []}


def test_every_fixture_is_what_the_contract_says(toy):
    toy.test_file(
        """
import numpy as np
from PIL import Image

def test_detector(detector, revision, device, cases):
    assert revision.name in ("v1", "v2") and len(revision.digest) == 64
    assert device == "cpu"
    image = cases.image("one")
    for form in (image, image.path, str(image.path), Image.open(image.path), image.pixels):
        found = detector(form)
        assert found.labels == ("phone",)
    assert set(cases) == {"one", "two", "three", "four"}
    assert cases["one"].slices == ("night",)

def test_model(model):
    assert "detections" in model

def test_pair(pair, revision, cases):
    baseline, candidate = pair
    assert pair.baseline is baseline and pair.candidate is candidate
    assert revision.name == "v2"
    assert len(baseline(cases.image("one"))) == len(candidate(cases.image("one")))

def test_latency(latency, cases):
    times = latency([cases.image("one")], rounds=3)
    assert len(times.calls_ns) == 3 and times.median_ms > 0

def test_benchmark(benchmark, detector, cases):
    assert len(benchmark(detector, cases.image("one"))) == 1
"""
    )
    result = toy.compare()
    result.assert_outcomes(passed=8 + 9)
    assert result.ret == 0
    assert {item[1] for item in toy.plan["items"] if item[2] == "test"} == {
        f"test_toy.py::test_{name}" for name in ("detector", "model", "pair", "latency", "benchmark")
    }


def test_benchmark_without_its_package_calls_once(toy):
    toy.test_file(
        "def test_it(benchmark, detector, cases):\n    assert len(benchmark(detector, cases.image('one'))) == 1\n"
        "    assert len(benchmark.pedantic(detector, args=(cases.image('one'),), rounds=3)) == 1\n"
    )
    assert toy.compare("-p", "no:benchmark").ret == 0


def test_a_python_test_that_only_the_candidate_fails_is_a_regression(toy):
    toy.test_file(
        "import pytest\n\n@pytest.mark.severity('critical')\ndef test_it(revision):\n    assert revision.name == 'v1'\n"
    )
    result = toy.compare()
    result.assert_outcomes(passed=9, failed=1)
    assert result.ret == 1
    assert toy.bad_findings() == [("regressions.critical", "FAIL")]


def test_a_python_test_that_both_fail_is_a_known_failure(toy):
    toy.test_file("def test_it(revision):\n    assert False\n")
    result = toy.compare()
    result.assert_outcomes(passed=8, xfailed=2)
    assert result.ret == 0


def test_g13_a_python_test_that_is_skipped_is_no_pass(toy):
    toy.test_file("import pytest\n\ndef test_it(revision):\n    pytest.skip('not today')\n")
    assert toy.compare().ret == 20
    assert toy.verdict["counts"]["skipped"] == 2


def test_a_python_test_that_errs_is_an_error(toy):
    toy.test_file(
        "import pytest\n\n@pytest.fixture\ndef broken():\n    raise OSError\n\n"
        "def test_it(revision, broken):\n    pass\n"
    )
    assert toy.compare().ret == 21


def test_a_failing_test_that_asks_for_no_revision_fails_the_run(toy):
    toy.test_file("def test_it():\n    assert False\n")
    assert toy.compare().ret == 1


def test_a_gpu_test_without_a_gpu_is_left_out_and_said_so(toy):
    toy.test_file("import pytest\n\n@pytest.mark.gpu\ndef test_it(detector):\n    assert False\n")
    result = toy.compare()
    result.assert_outcomes(passed=8, skipped=2)
    assert result.ret == 0
    assert len(toy.plan["left_out"]) == 2
    assert "needs a GPU" in (toy.root / "reports/latest/report.html").read_text()


def test_a_policy_that_asks_for_a_gpu_is_not_content_without_one(toy):
    toy.policy((toy.suite / "gate.toml").read_text().replace("[evidence]", '[evidence]\ndevice = "cuda"'))
    assert toy.compare().ret == 20


def test_an_unknown_severity_is_a_usage_error(toy):
    toy.test_file("import pytest\n\n@pytest.mark.severity('huge')\ndef test_it(revision):\n    pass\n")
    assert toy.compare().ret == pytest.ExitCode.USAGE_ERROR


GOLDEN = "def test_it(golden, detector, cases):\n    golden(detector(cases.image('one')), 'one')\n"


def test_g6_a_missing_golden_is_inconclusive(toy):
    toy.test_file(GOLDEN)
    assert toy.compare().ret == 20


def test_g6_writing_goldens_never_passes_and_then_they_match(toy):
    toy.test_file(GOLDEN)
    assert toy.compare("--damover-update-golden").ret == 20
    assert (toy.root / "golden/toy/v1/tests/one.cpu.fp32.json").is_file()
    assert toy.compare().ret == 0


def test_drift_from_a_golden_is_a_failure(toy):
    toy.test_file(GOLDEN)
    toy.compare("--damover-update-golden")
    toy.revision("v1.1", one={"boxes": [[10.0, 10.0, 55.0, 50.0]], "scores": [0.9], "labels": ["phone"]})
    result = toy.run("--revisions", "v1,v1.1")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*drift from golden one*", "*phone at [[]10 10 50 50] has moved 5 px*"])


def test_benchmark_groups_the_revisions_of_a_test_and_leaves_a_group_of_the_tests_own(toy):
    pytest.importorskip("pytest_benchmark")
    toy.test_file(
        "import pytest\n\n"
        "def test_it(benchmark, detector, cases):\n    benchmark(detector, cases.image('one'))\n\n"
        "@pytest.mark.benchmark(group='mine')\n"
        "def test_own(benchmark, detector, cases):\n    benchmark(detector, cases.image('one'))\n"
    )
    assert toy.compare("--benchmark-json", "times.json").ret == 0
    told = json.loads((toy.root / "times.json").read_text())["benchmarks"]
    assert sorted((one["group"], one["param"]) for one in told) == [
        ("mine", "v1"),
        ("mine", "v2"),
        ("test_toy.py::test_it", "v1"),
        ("test_toy.py::test_it", "v2"),
    ]
    assert toy.compare("--benchmark-disable").ret == 0
