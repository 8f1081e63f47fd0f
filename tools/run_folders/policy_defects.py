"""What a policy stops: too little evidence, too many failures, a lower AP50, a longer time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tools.run_folders.defects import defect
from tools.run_folders.folder import Folder

NOTHING = {"boxes": [], "scores": [], "labels": []}
CASES = ("day", "night")
AP50 = {"margin": 0.2, "resamples": 200}
SAME_PACE = tuple((2_000_000 + turn, 2_000_000 + turn) for turn in range(16))
LONG = tuple((2_000_000 + turn, 2_000_000 + turn) for turn in range(664))
"""So many times it takes to tell a p99."""


def lose(run: Folder, *cases: str, revision: str = "v2") -> None:
    """A revision finds nothing in these cases, which the policy allows as far as regressions go."""
    run.policy["regressions"] = {"major": 9}
    for case in cases:
        miss = ["expected_boxes", "found 0 of 1 expected boxes"]
        found = {"outcome": "failed", "detections": NOTHING, "failed_expectations": [miss]}
        run.end_of(case, revision).update(found)


def race(run: Folder, pairs_ns: Sequence[Sequence[int]] | None = SAME_PACE, **finish: Any) -> None:
    """A race was planned, and run unless `pairs_ns` is None."""
    run.policy["latency"] = {"max_ratio": 1.1, "pairs": 16}
    key = run.plan_item("toy", "latency", "latency", "v2")
    if pairs_ns is not None:
        run.add(key, pairs_ns=[list(pair) for pair in pairs_ns], **finish)


def _all_in_one_slice(run: Folder) -> None:
    for data in (case[2] for case in run.suite["cases"]):
        data["slices"] = ["indoors"]


@defect("pass-with-every-rule", "within-limit", "Every rule that a policy can have is applied, and passes.")
def pass_with_every_rule(run: Folder) -> None:
    race(run)
    run.policy["evidence"]["device"] = "cpu"
    run.policy["failures"] = {"critical": 0, "major": 0, "minor": 0}
    _all_in_one_slice(run)
    run.policy["ap50"] = {**AP50, "relative_margin": 0.2, "slices": {"indoors": 0.3}, "minimum": 0.5}
    run.policy["ap"] = run.policy["ap50"]
    run.policy["flips"] = {"major": 0, "new_spurious": 0, "labels": {"phone": 0}, "slices": {"indoors": 0}}
    run.policy["recall"] = {**AP50, "at": "shared", "minimum": 0.5}
    run.policy["precision"] = {**AP50, "at": 0.3, "minimum": 0.5}


@defect("too-few-cases", "too-little", "The policy wants more cases than there are.")
def too_few_cases(run: Folder) -> None:
    run.policy["evidence"]["min_cases"] = 3


@defect("too-few-images", "too-little", "The policy wants more images than there are.")
def too_few_images(run: Folder) -> None:
    run.policy["evidence"]["min_images"] = 3


@defect("too-few-objects", "too-little", "The policy wants more known objects than there are.")
def too_few_objects(run: Folder) -> None:
    run.policy["evidence"]["min_objects"] = 3


@defect("other-device", "other-device", "The policy asks for a GPU, the run was on the CPU.")
def other_device(run: Folder) -> None:
    run.policy["evidence"]["device"] = "cuda"


@defect("lenient-policy", "negative-control-passed", "The policy would let a candidate through that finds nothing.")
def lenient_policy(run: Folder) -> None:
    run.policy["regressions"] = {"major": 9}


@defect("regression", "over-limit", "The candidate fails a case that the baseline passes, and none is allowed.")
def regression(run: Folder) -> None:
    lose(run, "day")
    run.policy["regressions"] = {"minor": 1}


@defect("failure", "over-limit", "Both fail a case: no regression, but one failure more than is allowed.")
def failure(run: Folder) -> None:
    lose(run, "day")
    lose(run, "day", revision="v1")
    run.policy["failures"] = {"major": 0}


@defect("ap50-lost", "over-limit", "The whole interval of the AP50 difference lies under the margin.")
def ap50_lost(run: Folder) -> None:
    run.policy["ap50"] = AP50
    lose(run, *CASES)


@defect("ap50-relative-lost", "over-limit", "The AP50 that is lost is more than the allowed share of the baseline's.")
def ap50_relative_lost(run: Folder) -> None:
    run.policy["ap50"] = {"relative_margin": 0.2, "resamples": 200}
    lose(run, *CASES)


@defect("ap-lost", "over-limit", "AP50:95 is lost, absolutely, relative to the baseline's, and below the floor.")
def ap_lost(run: Folder) -> None:
    run.policy["ap"] = {**AP50, "relative_margin": 0.2, "minimum": 0.5}
    lose(run, *CASES)


@defect("ap50-minimum", "over-limit", "The candidate's own AP50 lies under the floor.")
def ap50_minimum(run: Folder) -> None:
    lose(run, *CASES)
    run.policy["ap50"] = {"minimum": 0.5, "resamples": 200}


@defect("ap50-slice-lost", "over-limit", "The AP50 difference of a slice lies under its own margin.")
def ap50_slice_lost(run: Folder) -> None:
    _all_in_one_slice(run)
    lose(run, *CASES)
    run.policy["ap50"] = {"slices": {"indoors": 0.5}, "resamples": 200}


@defect("ap50-undecided", "undecided", "The interval of the AP50 difference holds the margin: more images are needed.")
def ap50_undecided(run: Folder) -> None:
    run.policy["ap50"] = AP50
    lose(run, "day")


def _copies(run: Folder, count: int, slices: Sequence[str]) -> tuple[str, ...]:
    """More cases like the first one, all in the same slices; their names."""
    first = len(run.suite["cases"])
    source, _, data = run.suite["cases"][0]
    like, names = data["name"], tuple(f"copy_{first + number:02}" for number in range(count))
    sides = [run.plan["baseline"]["name"], *(one["name"] for one in run.plan["candidates"])]
    for number, name in enumerate(names, start=first):
        image = f"images/{name}.png"
        run.suite["cases"].append(
            [source, f"{number:064}", {**data, "name": name, "image_path": image, "slices": list(slices)}]
        )
        run.suite["images"][image] = f"{number:064}"
        for side in sides:
            run.add(run.plan_item("toy", name, "detect", side), detections=run.end_of(like, side)["detections"])
    return names


@defect(
    "ap50-slices-undecided", "undecided-among-slices", "A slice is over its margin, and four slices were looked at."
)
def ap50_slices_undecided(run: Folder) -> None:
    names = ("indoors", "dark", "near", "still")
    lose(run, *_copies(run, 12, names)[:8])
    run.policy["ap50"] = {"slices": dict.fromkeys(names, 0.35), "resamples": 200}


@defect("ap50-warns", "over-limit", "A slice is over a margin that only warns: PASS, and the finding says so.")
def ap50_warns(run: Folder) -> None:
    _copies(run, 3, ["near"])
    lose(run, *_copies(run, 3, ["far"]))
    slices = {"near": 0.5, "far": {"margin": 0.35, "action": "warn"}}
    run.policy["ap50"] = {"slices": slices, "resamples": 200}


@defect("ap50-only-warns", "negative-control-passed", "A policy whose rules all warn stops nothing, so it is no gate.")
def ap50_only_warns(run: Folder) -> None:
    lose(run, *CASES)
    run.policy["ap50"] = {**AP50, "action": "warn"}


def _on_dark_pictures(run: Folder, count: int) -> tuple[str, ...]:
    """More cases, without slices of their own, on dark pictures; their names."""
    names = _copies(run, count, ())
    for name in names:
        for side in ("v1", "v2"):
            run.end_of(name, side)["image_properties"] = [20, 40, 500]
    run.policy["failures"] = {"major": len(names)}
    run.policy["discovery"] = {"margin": 0.1}
    return names


@defect("weak-spot", "weak-spot", "The candidate is blind on dark pictures, and no case says that it is dark.")
def weak_spot(run: Folder) -> None:
    names = _on_dark_pictures(run, 12)
    lose(run, *names)
    run.policy["regressions"] = {"major": len(names)}


@defect("no-weak-spot", "no-weak-spot", "The search for weak spots confirms none, which is no defect.")
def no_weak_spot(run: Folder) -> None:
    _on_dark_pictures(run, 4)


@defect("nothing-to-search", "too-little", "No slice is large enough to be searched for weak spots.")
def nothing_to_search(run: Folder) -> None:
    run.policy["evidence"]["min_slice_images"] = 9
    run.policy["discovery"] = {"margin": 0.1}


@defect("ap50-not-finite", "not-finite", "The candidate's detections of an image are missing.")
def ap50_not_finite(run: Folder) -> None:
    run.policy["ap50"] = AP50
    del run.end_of("day", "v2")["detections"]


@defect("ap50-no-data", "no-data", "No case knows its objects, so there is nothing to measure AP50 on.")
def ap50_no_data(run: Folder) -> None:
    run.policy["ap50"] = AP50
    run.policy["evidence"]["min_objects"] = 0
    for data in (case[2] for case in run.suite["cases"]):
        data["expected"] = {"min_objects": 1}


@defect("ap50-no-interval", "no-interval", "One image alone gives a number and no interval.")
def ap50_no_interval(run: Folder) -> None:
    run.policy["ap50"] = AP50
    run.policy["evidence"] = dict.fromkeys(run.policy["evidence"], 1)
    run.suite["cases"] = run.suite["cases"][:1]
    run.suite["images"] = {case[2]["image_path"]: "0" * 64 for case in run.suite["cases"]}
    kept = run.suite["cases"][0][2]["name"]
    run.plan["items"] = [item for item in run.plan["items"] if item[1] == kept]
    for case in CASES:
        if case != kept:
            run.drop(case, "v1")
            run.drop(case, "v2")


@defect("recall-lost", "over-limit", "The whole interval of the difference of recall lies under the margin.")
def recall_lost(run: Folder) -> None:
    run.policy["recall"] = AP50
    lose(run, *CASES)


@defect("recall-minimum", "over-limit", "The candidate's own recall lies under the floor.")
def recall_minimum(run: Folder) -> None:
    run.policy["recall"] = {"minimum": 0.5, "resamples": 200}
    lose(run, *CASES)


@defect("recall-undecided", "undecided", "The interval of the difference of recall holds the margin.")
def recall_undecided(run: Folder) -> None:
    run.policy["recall"] = AP50
    lose(run, "day")


@defect("precision-minimum", "over-limit", "Three of four detections are false alarms.")
def precision_minimum(run: Folder) -> None:
    run.policy["precision"] = {"at": "native", "minimum": 0.5, "resamples": 200}
    for case in CASES:
        found = run.end_of(case, "v2")["detections"]
        for key, alarm in (("boxes", [21, 1, 30, 12]), ("scores", 0.3), ("labels", "phone")):
            found[key] = [*found[key], *[alarm] * 3]


@defect("precision-no-data", "no-data", "The candidate reports nothing, so nothing can be right or wrong.")
def precision_no_data(run: Folder) -> None:
    run.policy["precision"] = AP50
    lose(run, *CASES)


@defect("slice-absent", "slice-absent", "The policy names a slice that no case is in.")
def slice_absent(run: Folder) -> None:
    run.policy["ap50"] = {**AP50, "slices": {"fog": 0.1}}


@defect("slice-too-small", "slice-too-small", "The policy names a slice with fewer images than it wants.")
def slice_too_small(run: Folder) -> None:
    run.policy["ap50"] = {**AP50, "slices": {"night": 0.5}}
    run.policy["evidence"]["min_slice_images"] = 2


@defect("flips-lost", "over-limit", "The candidate loses an object that the baseline finds, and none is allowed.")
def flips_lost(run: Folder) -> None:
    lose(run, "day")
    run.policy["flips"] = {"major": 0, "labels": {"phone": 0}, "slices": {"day": 0}}


@defect("flips-new-spurious", "over-limit", "The candidate reports a box that stands for no object and is new.")
def flips_new_spurious(run: Folder) -> None:
    found = run.end_of("day", "v2")["detections"]
    run.end_of("day", "v2")["detections"] = {
        "boxes": [*found["boxes"], [0, 0, 4, 4]],
        "scores": [*found["scores"], 0.8],
        "labels": [*found["labels"], "cup"],
    }
    run.policy["flips"] = {"new_spurious": 0}


@defect("label-absent", "label-absent", "The policy names a label that no object has.")
def label_absent(run: Folder) -> None:
    run.policy["flips"] = {"major": 0, "labels": {"phnoe": 2}}


@defect("latency-over", "over-limit", "The candidate takes twice the baseline's time.")
def latency_over(run: Folder) -> None:
    race(run, [(before, 2 * after) for before, after in SAME_PACE])


@defect("latency-undecided", "undecided", "The interval of the ratio of times holds the limit.")
def latency_undecided(run: Folder) -> None:
    paces = (1.3, 1.3, 1.3, 1.3, 0.95, 0.95, 0.95, 0.95) * 2
    race(run, [(before, int(after * pace)) for (before, after), pace in zip(SAME_PACE, paces, strict=True)])


@defect("latency-not-finite", "not-finite", "A time of the race is negative.")
def latency_not_finite(run: Folder) -> None:
    race(run, ((-1, 2_000_000), *SAME_PACE[1:]))


@defect("latency-missing", "latency-missing", "The policy has a latency rule and no race was planned.")
def latency_missing(run: Folder) -> None:
    run.policy["latency"] = {"max_ratio": 1.1, "pairs": 16}


@defect("latency-failed", "latency-failed", "The candidate failed in the race.")
def latency_failed(run: Folder) -> None:
    race(run, outcome="failed", reason="a box without area")


@defect("too-few-pairs", "too-few-pairs", "The race took fewer pairs of times than the policy wants.")
def too_few_pairs(run: Folder) -> None:
    race(run, SAME_PACE[:8])


@defect("latency-percentiles", "within-limit", "Limits in milliseconds on the candidate's own times, and all are kept.")
def latency_percentiles(run: Folder) -> None:
    race(run, LONG)
    run.policy["latency"] = {"max_ms": 3, "p90_ms": 3, "p99_ms": 3}


@defect("latency-too-slow", "over-limit", "The candidate's own percentiles lie beyond what the policy allows.")
def latency_too_slow(run: Folder) -> None:
    race(run, LONG)
    run.policy["latency"] = {"max_ms": 1, "p90_ms": 1, "p99_ms": 1}


LOADS = [[200_000_000 + turn, 210_000_000 + turn] for turn in range(16)]
COSTS = {"heats": 2, "peak_bytes": [500_000_000, 600_000_000], "loads_ns": LOADS}


def _costs(run: Folder, ratio: float, most: float) -> None:
    for name, unit in (("memory", "mb"), ("size", "mb"), ("cold_start", "ms")):
        run.policy[name] = {"max_ratio": ratio, f"max_{unit}": most}


@defect("costs-within", "within-limit", "Memory, size and cold start have limits, and all are kept.")
def costs_within(run: Folder) -> None:
    race(run, race=COSTS)
    _costs(run, 2.0, 1000)


@defect("costs-over", "over-limit", "Memory, size and cold start are over their limits.")
def costs_over(run: Folder) -> None:
    race(run, race=COSTS)
    _costs(run, 0.5, 0.000001)


@defect("parameters-over", "over-limit", "The candidate has half as many parameters again, and may have a tenth more.")
def parameters_over(run: Folder) -> None:
    _parameters(run, 20_000_000, 30_000_000)
    run.policy["parameters"] = {"max_ratio": 1.1, "max_millions": 25}


def _parameters(run: Folder, *counts: int) -> None:
    for load, count in zip(run.of_kind("load"), counts, strict=True):
        load["facts"]["parameters"] = count


@defect("costs-missing", "cost-missing", "Memory and cold start have limits, and the race measured neither.")
def costs_missing(run: Folder) -> None:
    race(run, race={"heats": 2})
    run.policy["memory"], run.policy["cold_start"] = {"max_mb": 1000}, {"max_ratio": 2, "max_ms": 1000}


@defect("gpu-shared", "gpu-shared", "Another compute process was on the GPU during the race.")
def gpu_shared(run: Folder) -> None:
    race(run, race={"heats": 2, "others": 1})


@defect("latency-copies", "too-few-pairs", "Sixteen pairs of times of which twelve are copies.")
def latency_copies(run: Folder) -> None:
    race(run, SAME_PACE[:4] * 4)


@defect("resume-other-machine", "other-machine", "A race was taken over from another machine.")
def resume_other_machine(run: Folder) -> None:
    race(run, taken_from="before")
    was = {**run.records[0]["environment"], "system": "Darwin"}
    digests = {"plan_digest": "a" * 64, "journal_digest": "b" * 64}
    run.records.insert(1, {"kind": "resume", "run_id": "before", **digests, "environment": was, "items": 1})
