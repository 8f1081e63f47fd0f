"""The journal: one JSON line for each thing that began, started, finished, ended, in the order it happened.

{"seq":0,"kind":"begin","schema":1,"run_id":…,"plan_digest":…,"environment":{…}}
{"seq":1,"kind":"start","item":"phone/single_phone:detect@v1.0.0"}
{"seq":2,"kind":"load","revision":"v1.0.0","facts":{"threads":1,"score_threshold":0.05,…}}
{"seq":3,"kind":"finish","item":…,"outcome":"passed","device":"cpu","duration_ns":…,…}
{"seq":8,"kind":"verify","revision":"v1.0.0","faults":[]}
{"seq":9,"kind":"end","reason":"finished","counts":{"started":…,"finished":…}}

A `finish` also says `"crashed":true` when its process crashed, hung, ran out of memory or lost its GPU, and under
`goldens` what became of each golden that its item asked for. What goldens of a suite nobody asked for any more is told
before the end: {"seq":9,"kind":"goldens","suite":"phone","orphans":["v1/cases/a.cpu.fp32.json"],"unknown":""}

The journal of a run that goes on where another was interrupted holds, right after `begin`, one record for each run it
took something over from, then those runs' `load`, `start` and `finish` records with sequence numbers of its own; what
was taken over says so, and the counts of `end` count it too:

{"seq":1,"kind":"resume","run_id":…,"plan_digest":…,"journal_digest":…,"environment":{…},"items":1}
{"seq":4,"kind":"finish","item":…,…,"taken_from":<the run_id of a resume record>}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pytest_damover.domain.damage import Damage, DamageKind, records_of
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.golden_result import GoldenResult
from pytest_damover.domain.slicing.image_properties import ImageProperties
from pytest_damover.domain.timing.race_conditions import RaceConditions

JOURNAL_SCHEMA = 2
FINISHED = "finished"
"""The reason of an end record after which nothing was left to do."""


class ItemOutcome(str, Enum):
    """What became of one planned item on its revision, before any comparison."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one expectation; `message` says what was demanded and what was found."""

    kind: str
    passed: bool
    message: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of one item.

    `detections` is the JSON form of `Detections` (not decoded until somebody needs it); `image_size_px` is width,
    height; `image_properties` says what its pixels are like; `pairs_ns` holds (baseline, candidate) times of one image
    in nanoseconds and `race` what they were taken under, for a latency item only. `crashed` says that the process it
    ran in crashed, hung, ran out of memory or lost its GPU; `taken_from` is the id of the interrupted run that it was
    taken over from; `goldens` are those that it was compared with, or lacked.
    """

    item: str
    outcome: ItemOutcome
    reason: str = ""
    device: str = ""
    duration_ns: int = 0
    image_size_px: tuple[int, int] | None = None
    image_properties: ImageProperties | None = None
    detections: Mapping[str, Any] | None = None
    failed_expectations: tuple[Outcome, ...] = ()
    pairs_ns: tuple[tuple[int, int], ...] = ()
    crashed: bool = False
    taken_from: str = ""
    goldens: tuple[GoldenResult, ...] = ()
    race: RaceConditions | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data; keys without content are left out."""
        data: dict[str, Any] = {"kind": "finish", "item": self.item, "outcome": self.outcome.value}
        if self.reason:
            data["reason"] = self.reason
        data["device"] = self.device
        data["duration_ns"] = self.duration_ns
        if self.image_size_px is not None:
            data["image_size_px"] = self.image_size_px
        if self.image_properties is not None:
            data["image_properties"] = self.image_properties
        if self.detections is not None:
            data["detections"] = self.detections
        if self.failed_expectations:
            data["failed_expectations"] = [(miss.kind, miss.message) for miss in self.failed_expectations]
        if self.pairs_ns:
            data["pairs_ns"] = self.pairs_ns
        if self.race is not None:
            data["race"] = self.race.to_json()
        if self.crashed:
            data["crashed"] = True
        if self.taken_from:
            data["taken_from"] = self.taken_from
        if self.goldens:
            data["goldens"] = [golden.to_json() for golden in self.goldens]
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finished:
        """The inverse of `to_json`."""
        size = data.get("image_size_px")
        return cls(
            item=data["item"],
            outcome=ItemOutcome(data["outcome"]),
            reason=data.get("reason", ""),
            device=data["device"],
            duration_ns=data["duration_ns"],
            image_size_px=None if size is None else (size[0], size[1]),
            image_properties=ImageProperties.from_json(data.get("image_properties")),
            detections=data.get("detections"),
            failed_expectations=tuple(Outcome(kind, False, text) for kind, text in data.get("failed_expectations", ())),
            pairs_ns=tuple((first, second) for first, second in data.get("pairs_ns", ())),
            crashed=_is_bool(data.get("crashed", False)),
            taken_from=_text(data.get("taken_from", "")),
            race=None if "race" not in data else RaceConditions.from_json(data["race"]),
            goldens=tuple(map(GoldenResult.from_json, data.get("goldens", ()))),
        )


@dataclass(frozen=True, slots=True)
class Resumed:
    """An interrupted run that this one took something over from: `items` of its ends; digests of its two files."""

    run_id: str
    plan_digest: str
    journal_digest: str
    environment: Mapping[str, Any]
    items: int

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "kind": "resume",
            "run_id": self.run_id,
            "plan_digest": self.plan_digest,
            "journal_digest": self.journal_digest,
            "environment": dict(self.environment),
            "items": self.items,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Resumed:
        """The inverse of `to_json`."""
        if type(data["environment"]) is not dict or type(data["items"]) is not int:
            raise TypeError("a resume without an environment and a number of items")
        return cls(
            _text(data["run_id"]),
            _text(data["plan_digest"]),
            _text(data["journal_digest"]),
            data["environment"],
            data["items"],
        )


@dataclass(frozen=True, slots=True)
class Orphans:
    """The goldens of one suite that nothing asks for, by path; `unknown` says why more of them may be, '' when none."""

    suite: str
    paths: tuple[str, ...]
    unknown: str = ""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Orphans:
        """Of a record of the journal."""
        return cls(_text(data["suite"]), tuple(map(_text, data["orphans"])), _text(data["unknown"]))


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal as it was read.

    `started` and `finished` are in file order and may hold an item twice: the judge says what that means. `ended` is
    the reason of the end record, None when there is none. `damage` lists what is wrong with the file itself. `loads`
    says of each revision that was loaded what its results depend on beside its files, as its detector tells it.
    `verified` says of each revision whose files were hashed again after the last item what was no longer as planned.
    `resumed` are the interrupted runs that something was taken over from; `orphans` the goldens nobody asked for.
    """

    run_id: str
    plan_digest: str
    environment: Mapping[str, Any]
    started: tuple[str, ...]
    finished: tuple[Finished, ...]
    ended: str | None
    damage: tuple[Damage, ...] = field(default=())
    loads: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    verified: tuple[tuple[str, tuple[str, ...]], ...] = ()
    resumed: tuple[Resumed, ...] = ()
    orphans: tuple[Orphans, ...] = ()

    @classmethod
    def from_text(cls, text: str, where: str = "journal.jsonl") -> Journal:
        """Read `journal.jsonl`; a torn last line is damage, a file that is no journal raises `DamoverError`."""
        return cls.from_records(*records_of(text), where)

    @classmethod
    def from_records(cls, records: Sequence[Mapping[str, Any]], damage: Sequence[Damage], where: str) -> Journal:
        """The journal that `records_of` a text are; `DamoverError` when they are none of a schema we know."""
        if not records or records[0].get("kind") != "begin" or records[0].get("schema") != JOURNAL_SCHEMA:
            found = f"not a journal{_schema_of(records)}"
            allowed = f"a first line of kind 'begin' and schema {JOURNAL_SCHEMA}"
            raise DamoverError(Fault(Code.RUN_FOLDER, where, found, allowed, "run the suite again"))
        try:
            return cls._from_records(records, [*damage])
        except (KeyError, TypeError, ValueError, IndexError) as error:
            found = f"a record of unknown form ({type(error).__name__}: {error})"
            raise DamoverError(Fault(Code.RUN_FOLDER, where, found, "records as this package writes them")) from error

    @classmethod
    def _from_records(cls, records: Sequence[Mapping[str, Any]], damage: list[Damage]) -> Journal:
        begin = records[0]
        by_kind: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
        for expected, record in enumerate(records):
            if record["seq"] != expected:
                text = f"record {expected} carries sequence number {record['seq']}"
                damage.append(Damage(DamageKind.SEQUENCE_GAP, text))
            if expected > 0:
                by_kind[record["kind"]].append(record)
        if not all(type(record["item"]) is str for record in (*by_kind["start"], *by_kind["finish"])):
            raise TypeError("an item that is no text")
        if not all(type(load["revision"]) is str and type(load["facts"]) is dict for load in by_kind["load"]):
            raise TypeError("a load without a revision's name and facts")
        if not all(type(seen["revision"]) is str and _are_texts(seen["faults"]) for seen in by_kind["verify"]):
            raise TypeError("a verification without a revision's name and faults")
        if len(by_kind["end"]) > 1 or (by_kind["end"] and records[-1]["kind"] != "end"):
            damage.append(Damage(DamageKind.RECORDS_AFTER_END, "records after the end record"))
        counts = {"started": len(by_kind["start"]), "finished": len(by_kind["finish"])}
        if by_kind["end"] and by_kind["end"][0]["counts"] != counts:
            text = f"the end record counts {by_kind['end'][0]['counts']}, the journal holds {counts}"
            damage.append(Damage(DamageKind.WRONG_COUNTS, text))
        return cls(
            run_id=begin["run_id"],
            plan_digest=begin["plan_digest"],
            environment=begin["environment"],
            started=tuple(record["item"] for record in by_kind["start"]),
            finished=tuple(Finished.from_json(record) for record in by_kind["finish"]),
            ended=by_kind["end"][0]["reason"] if by_kind["end"] else None,
            damage=tuple(damage),
            loads=tuple((load["revision"], load["facts"]) for load in by_kind["load"]),
            verified=tuple((seen["revision"], tuple(seen["faults"])) for seen in by_kind["verify"]),
            resumed=tuple(map(Resumed.from_json, by_kind["resume"])),
            orphans=tuple(map(Orphans.from_json, by_kind["goldens"])),
        )


_KINDS = ("resume", "start", "finish", "load", "verify", "goldens", "end")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _is_bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def _are_texts(values: object) -> bool:
    return isinstance(values, list) and all(type(value) is str for value in values)


def _schema_of(records: Sequence[Mapping[str, Any]]) -> str:
    known = bool(records) and records[0].get("kind") == "begin" and "schema" in records[0]
    return f" of ours: schema {records[0]['schema']!r:.40}" if known else ""
