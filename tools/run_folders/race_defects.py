"""What a race tells beside its pairs: throughput with several images in a call, and where the time goes."""

from __future__ import annotations

from tools.run_folders.defects import defect
from tools.run_folders.folder import Folder
from tools.run_folders.policy_defects import SAME_PACE, race


def _batches(run: Folder, pairs: list[list[int]], **told: object) -> None:
    race(run, race={"heats": 2, "times": {"batches": [{"size": 4, "pairs_ns": pairs}], **told}})
    run.policy["throughput"] = {"min_ratio": 0.9, "batch_sizes": [4]}


FOURS = [[4_000_000 + turn, 4_000_000 + 2 * turn] for turn in range(24)]


@defect("throughput-lost", "over-limit", "With four images in a call the candidate does half as many a second.")
def throughput_lost(run: Folder) -> None:
    _batches(run, [[before, 2 * after] for before, after in FOURS])


@defect("throughput-cannot-batch", "cannot-batch", "The policy limits throughput and the detector cannot batch.")
def throughput_cannot_batch(run: Folder) -> None:
    race(run, race={"heats": 2, "times": {"unbatched": "the detector takes one image at a time"}})
    run.policy["throughput"] = {"min_ratio": 0.9, "batch_sizes": [1, 4]}


@defect(
    "too-few-pairs-thrown-away",
    "too-few-pairs",
    "A clock moved, and too few pairs were left.",
)
def too_few_pairs_thrown_away(run: Folder) -> None:
    race(run, SAME_PACE[:8], race={"heats": 2, "thrown_away": 5, "throttled": 2, "copies": 4})


@defect("race-phases", "within-limit", "A race that tells its phases: all that is gained is in postprocess.")
def race_phases(run: Folder) -> None:
    forward = [[1_000_000 + turn, 1_000_000 + turn] for turn in range(len(SAME_PACE))]
    postprocess = [[500_000 + turn, 250_000 + 2 * turn] for turn in range(len(SAME_PACE))]
    phases_ns = {"preprocess": forward, "forward": forward, "postprocess": postprocess}
    race(run, race={"heats": 2, "times": {"decode_ns": [900_000, 1_100_000], "phases_ns": phases_ns}})
