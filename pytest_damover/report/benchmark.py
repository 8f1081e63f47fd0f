"""`benchmark.json`: the times of the races in pytest-benchmark's form, for `pytest-benchmark compare`."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from pytest_damover.domain.journal import Finished
from pytest_damover.domain.run import LATENCY, PlanItem, Run

FENCE = 1.5
"""Beyond so many interquartile ranges from the quartiles a time is an outlier, as pytest-benchmark counts them."""


def render(run: Run) -> str | None:
    """The file; None where no race took any times."""
    races = [
        (item, run.finished[item.key])
        for item in run.plan.items
        if item.probe == LATENCY and item.key in run.finished and run.finished[item.key].pairs_ns
    ]
    entries = [entry for item, end in races for entry in _entries(run, item, end)]
    if not entries:
        return None
    environment = dict(run.journal.environment)
    data = {
        "machine_info": {"node": environment.get("machine", ""), **environment},
        "commit_info": {},
        "benchmarks": entries,
        "datetime": run.plan.created_at,
        "version": run.plan.code,
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _entries(run: Run, item: PlanItem, end: Finished) -> Iterator[dict[str, Any]]:
    baseline = run.plan.baseline
    names = ("" if baseline is None else baseline.name, item.revision)
    for side, revision in enumerate(names):
        times_s = [pair[side] / 1e9 for pair in end.pairs_ns if _is_time(pair[side])]
        if len(times_s) >= 2:
            name = f"{LATENCY}[{revision}]"
            yield {
                "group": f"{item.suite}: {names[0]} and {names[1]}",
                "name": name,
                "fullname": f"{run.plan.suite(item.suite).root}::{name}",
                "params": {"revision": revision},
                "param": revision,
                "extra_info": {"device": end.device, "raced_with": names[1 - side]},
                "options": {},
                "stats": {**_stats(times_s), "data": times_s},
            }


def _is_time(value: object) -> bool:
    return type(value) is int and value > 0


def _stats(times_s: Sequence[float]) -> dict[str, Any]:
    """What pytest-benchmark tells of two or more times in seconds."""
    mean, stddev = statistics.mean(times_s), statistics.stdev(times_s)
    low, _, high = statistics.quantiles(times_s, n=4, method="inclusive")
    floor, ceiling = low - FENCE * (high - low), high + FENCE * (high - low)
    inside = [time for time in times_s if floor <= time <= ceiling]
    apart = sum(abs(time - mean) > stddev for time in times_s)
    return {
        "min": min(times_s),
        "max": max(times_s),
        "mean": mean,
        "stddev": stddev,
        "rounds": len(times_s),
        "median": statistics.median(times_s),
        "iqr": high - low,
        "q1": low,
        "q3": high,
        "iqr_outliers": len(times_s) - len(inside),
        "stddev_outliers": apart,
        "outliers": f"{apart};{len(times_s) - len(inside)}",
        "ld15iqr": min(inside),
        "hd15iqr": max(inside),
        "ops": 1 / mean,
        "total": sum(times_s),
        "iterations": 1,
    }
