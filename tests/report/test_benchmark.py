"""What the race leaves for pytest-benchmark is read by pytest-benchmark."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_damover import store
from pytest_damover.remake import judge_folder
from pytest_damover.report.benchmark import render

ROOT = Path(__file__).resolve().parents[2]


def rendered(name: str) -> str | None:
    return render(judge_folder(store.open_run_folder(ROOT / "tests/data/runs" / name)).run)


def test_pytest_benchmark_compares_both_sides(tmp_path) -> None:
    pytest.importorskip("pytest_benchmark")
    text = rendered("latency-over")
    assert text is not None
    (tmp_path / "benchmark.json").write_text(text, encoding="utf-8")
    columns = "--columns=min,max,mean,stddev,median,iqr,outliers,ops,rounds,iterations"
    command = [sys.executable, "-m", "pytest_benchmark", "compare", "benchmark.json", columns]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "latency[v1]" in done.stdout
    assert "latency[v2]" in done.stdout


def test_both_sides_with_what_they_took() -> None:
    first, second = json.loads(rendered("latency-over") or "")["benchmarks"]
    assert (first["param"], second["param"], first["group"] == second["group"]) == ("v1", "v2", True)
    assert first["stats"]["median"] == pytest.approx(0.0020000055)
    assert second["stats"]["median"] == pytest.approx(2 * first["stats"]["median"])
    assert (first["stats"]["rounds"], first["stats"]["min"]) == (16, 0.002)


def test_a_time_that_is_none_is_left_out_and_without_a_race_there_is_no_file() -> None:
    first, second = json.loads(rendered("latency-not-finite") or "")["benchmarks"]
    assert (first["stats"]["rounds"], second["stats"]["rounds"]) == (15, 16)
    assert rendered("latency-missing") is None
