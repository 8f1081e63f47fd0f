"""A run folder in memory: change it, seal it, write it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from pytest_damover.domain.policy import policy_digest, policy_from_data
from pytest_damover.domain.rules.planned import planned_rules
from pytest_damover.domain.waiver import waivers_digest

Record = dict[str, Any]


@dataclass
class Folder:
    """Plan and journal as plain data; `tail` stands after the last whole line of the journal."""

    plan: dict[str, Any]
    records: list[Record]
    tail: str = ""
    lines_put_in: dict[int, str] = field(default_factory=dict)

    @property
    def suite(self) -> dict[str, Any]:
        """The one suite of the plan."""
        suite: dict[str, Any] = self.plan["suites"][0]
        return suite

    @property
    def policy(self) -> dict[str, Any]:
        """Its policy's data."""
        policy: dict[str, Any] = self.suite["policy"]
        return policy

    @property
    def plan_text(self) -> str:
        """The bytes of plan.json, as text."""
        return _line(self.plan)

    @property
    def journal_text(self) -> str:
        """The bytes of journal.jsonl, as text."""
        lines = [_line(record) for record in self.records]
        for place, line in self.lines_put_in.items():
            lines.insert(place, line + "\n")
        return "".join(lines) + self.tail

    def of_kind(self, kind: str) -> list[Record]:
        """The records of one kind, in order."""
        return [record for record in self.records if record["kind"] == kind]

    def end_of(self, case: str, revision: str) -> Record:
        """The finish record of one case on one revision."""
        return next(record for record in self.of_kind("finish") if record["item"] == item(case, revision))

    def drop(self, case: str, revision: str, kinds: tuple[str, ...] = ("start", "finish")) -> None:
        """Take the records of one item out of the journal."""
        gone = item(case, revision)
        self.records = [r for r in self.records if not (r["kind"] in kinds and r.get("item") == gone)]

    def add(self, key: str, **finish: Any) -> None:
        """Put in the start and the finish of an item that passed, before the revisions are hashed again."""
        place = self.records.index(self.of_kind("verify")[0])
        end = {"kind": "finish", "item": key, "outcome": "passed", "device": "cpu", "duration_ns": 1000, **finish}
        self.records[place:place] = [{"kind": "start", "item": key}, end]

    def plan_item(self, *parts: str) -> str:
        """Plan one more item; its key."""
        self.plan["items"].append(list(parts))
        suite, case, probe, revision = parts
        return f"{suite}/{case}:{probe}@{revision}"

    def seal(self) -> None:
        """Make digests, numbers and counts agree with the rest again, so that they are no second defect."""
        for suite in self.plan["suites"]:
            if suite["policy"] is not None:
                policy = policy_from_data(suite["policy"])
                rules = planned_rules(policy, alone=self.plan["baseline"] is None)
                suite["policy_digest"] = policy_digest(policy)
                suite["rules"] = [rule.to_json() for rule in rules]
            if (waivers := suite.get("waivers")) is not None and waivers["data"] is not None:
                waivers["digest"] = waivers_digest(waivers["data"])
        self.records = [{"seq": seq, **_without(record, "seq")} for seq, record in enumerate(self.records)]
        self.stamp()
        counts = {"started": len(self.of_kind("start")), "finished": len(self.of_kind("finish"))}
        for record in self.of_kind("end"):
            record["counts"] = counts

    def stamp(self) -> None:
        """Make the journal one of this plan."""
        self.records[0]["plan_digest"] = hashlib.sha256(self.plan_text.encode()).hexdigest()


def item(case: str, revision: str) -> str:
    """What the journal calls a case on a revision."""
    return f"toy/{case}:detect@{revision}"


def _without(record: Record, key: str) -> Record:
    return {name: value for name, value in record.items() if name != key}


def _line(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"
