"""What controller and workers tell each other, as JSON text: execnet carries neither half characters nor our types."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_damover import hubs, lock
from pytest_damover.domain.journal import Finished
from pytest_damover.domain.revision import Revision
from pytest_damover.hubs._locked import LockedHub
from pytest_damover.plugin.lineup import Lineup
from pytest_damover.plugin.options import Options

INPUT = "damover"
"""The key of `workerinput` under which a worker finds what the controller resolved."""

LANE = "damover_lane"
"""The key of `workerinput` under which a worker finds its number among those that live: which GPU is its own."""

ATTRIBUTE = "damover"
"""The attribute of a test report that carries an observation."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a worker is told before it begins: who is judged, and the file that pins the images of the plan."""

    lineup: Lineup
    pins: Path

    def to_text(self) -> str:
        """Text for `workerinput`."""
        lineup = self.lineup
        return json.dumps(
            {
                "baseline": lineup.baseline and lineup.baseline.to_json(),
                "candidates": [candidate.to_json() for candidate in lineup.candidates],
                "allow_identical": lineup.allow_identical,
                "notes": lineup.notes,
                "locked": isinstance(lineup.hub, LockedHub),
                "pins": str(self.pins),
            }
        )

    @classmethod
    def from_text(cls, text: str, options: Options) -> Assignment:
        """The inverse of `to_text`; the hub is opened here again and never asked what a name means."""
        data = json.loads(text)
        hub = hubs.open_hub(options.hub, options.project)
        if data["locked"]:
            hub = LockedHub(hub, lock.read_lock(options.project / lock.FILE_NAME))
        baseline = data["baseline"]
        lineup = Lineup(
            hub,
            None if baseline is None else Revision.from_json(baseline),
            tuple(map(Revision.from_json, data["candidates"])),
            data["allow_identical"],
            tuple(data["notes"]),
        )
        return cls(lineup, Path(data["pins"]))


@dataclass(frozen=True, slots=True)
class Observation:
    """What a worker adds to one test report.

    `finished` is the end of the item as far as it has come, None for an item that is in no plan; `case_digest` is the
    case as the worker read it, empty for a Python test; `loads` are the revisions loaded and their detectors' facts
    since the last report; `failed_outside` are failed tests that no suite knows of.
    """

    finished: Finished | None
    case_digest: str = ""
    loads: Sequence[tuple[str, Mapping[str, Any]]] = ()
    failed_outside: Sequence[str] = ()

    def to_text(self) -> str:
        """Text for the report's attribute."""
        data = {
            "finished": None if self.finished is None else self.finished.to_json(),
            "case_digest": self.case_digest,
            "loads": self.loads,
            "failed_outside": self.failed_outside,
        }
        return json.dumps(data, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Observation:
        """The inverse of `to_text`."""
        data = json.loads(text)
        return cls(
            finished=None if data["finished"] is None else Finished.from_json(data["finished"]),
            case_digest=data["case_digest"],
            loads=tuple((revision, facts) for revision, facts in data["loads"]),
            failed_outside=tuple(data["failed_outside"]),
        )
