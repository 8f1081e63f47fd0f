"""Writes tests/data/night_blind.json.gz from a run of `pytest --revisions v1.0.0,v2.0.0` on the demo's suite.

    python -m tools.record_weak_spot reports/latest

Of each case: what its image is like, and the boxes with their scores (from 0.3 up, to a tenth of a pixel) of v1.0.0 and
of v2.0.0, which never saw a picture taken at night. The cases themselves are in suites/phone.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "tests/data/night_blind.json.gz"
LEAST_SCORE = 0.3


def main() -> None:
    """Read the journal of the run folder that is named, and write the record."""
    recorded: dict[str, list[Any]] = {}
    for line in (Path(sys.argv[1]) / "journal.jsonl").read_text().splitlines():
        record = json.loads(line)
        if record["kind"] == "finish" and ":detect@" in record["item"]:
            case = record["item"].partition("/")[2].partition(":")[0]
            recorded.setdefault(case, [record["image_properties"]]).append(_found(record["detections"]))
    text = json.dumps(recorded, separators=(",", ":"), sort_keys=True)
    TARGET.write_bytes(gzip.compress(text.encode(), mtime=0))


def _found(detections: dict[str, Any]) -> list[list[float]]:
    return [
        [*(round(edge, 1) for edge in box), round(score, 3)]
        for box, score in zip(detections["boxes"], detections["scores"], strict=True)
        if score >= LEAST_SCORE
    ]


if __name__ == "__main__":
    main()
