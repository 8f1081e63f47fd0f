"""Code and schemas say the same: what is written is described, what is described is written, all else is refused."""

from __future__ import annotations

import copy
import dataclasses
import json

import pytest

from pytest_damover import documents, remake, store
from pytest_damover.domain import journal
from pytest_damover.domain.anatomy import Aspect, Change, Difference
from pytest_damover.domain.case import case_from_data
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.domain.golden_file import Asker, Golden, GoldenKey, Setting
from pytest_damover.domain.golden_result import GoldenOutcome, GoldenResult, Tolerance
from pytest_damover.domain.journal import Finished, ItemOutcome, Orphans, Outcome, Resumed
from pytest_damover.domain.plan_file import plan_from_text, plan_to_text
from pytest_damover.domain.revision import FileEntry, Revision
from pytest_damover.domain.run import Plan, PlanItem, PlannedRule, SuitePlan
from pytest_damover.domain.safety import Reason, Safety, SafetyClass
from pytest_damover.domain.slicing.image_properties import ImageProperties
from pytest_damover.domain.timing.race_conditions import RaceConditions
from pytest_damover.domain.verdict import Answer
from pytest_damover.domain.waiver import WaiverFile

SHA = "ab" * 32
POLICY = {"schema": 1, "evidence": {"min_cases": 1, "min_images": 1, "min_objects": 0, "min_slice_images": 1}}
WAIVERS = {
    "schema": 1,
    "waiver": [{"id": "W-1", "owner": "A", "reason": "b", "expires": "2026-12-31", "scope": {"cases": ["a"]}}],
}
CASE = {"name": "a", "image_path": "a.png", "expected": {"min_objects": 1}}
ITEM = "toy/a:detect@v1"


def revision(name):
    return Revision(name, f"tag-{name}", "acme/phones", "local", "c0ffee", (FileEntry("w.pt", 3, SHA),), "latest")


SUITE = SuitePlan(
    name="toy",
    root="suites/toy",
    cases=(case_from_data(CASE, "toy", "suites/toy/cases/a.json", SHA),),
    broken=("cases/b.json: no",),
    policy=POLICY,
    policy_source="suites/toy/gate.toml",
    policy_faults=("gate.toml: no",),
    test_severities={"test_toy.py::test_x": "minor"},
    policy_digest=SHA,
    rules=(PlannedRule("ap50"), PlannedRule("ap50", "night"), PlannedRule("flips.labels", label="phone")),
    images={"a.png": SHA},
    goldens={"v1/cases/a.cpu.fp32.json": SHA},
    tests={"suites/toy/test_toy.py": SHA},
    waivers=WaiverFile("suites/toy/waivers.toml", SHA, WAIVERS, ("waivers.toml: no",)),
)
PLAN = Plan(
    run_id="run-1",
    created_at="2026-01-01T00:00:00+00:00",
    command="pytest --revisions v1,v2",
    detector="replay",
    device="cpu",
    baseline=revision("v1"),
    candidates=(revision("v2"),),
    suites=(SUITE,),
    items=(PlanItem("toy", "a", "detect", "v1"),),
    narrowed=("-k night",),
    left_out=("needs a GPU: test_x",),
    runner="process",
    allow_identical=True,
    safety={"v1": Safety(SafetyClass.EXECUTES_CODE, (Reason("model.py", "a Python file"),))},
    consents={"v1": "A. Tester"},
    differences={"v2": Difference((Change(Aspect.FILE, "w.pt", "1", ""),), 3, 2, 0.5, (("w", 0.5),), ("x.bin: no",))},
    notes=("locked",),
    code="0.1.0 abc",
)
GOLDEN = GoldenResult("a", GoldenOutcome.DRIFT, "v1/cases/a.cpu.fp32.json", "fp16", ("no",), Tolerance(3, 0.1, "so"))
ORPHANS = Orphans("toy", ("v1/cases/b.cpu.fp32.json",), "test_x did not run to its end")
END = Finished(
    item=ITEM,
    outcome=ItemOutcome.FAILED,
    reason="no",
    device="cpu",
    duration_ns=5,
    image_size_px=(6, 7),
    image_properties=ImageProperties(12.5, 48.4123, 170_000),
    detections={"boxes": [[1.0, 2.0, 3.0, 4.0]], "scores": [0.5], "labels": ["phone"]},
    failed_expectations=(Outcome("min_objects", False, "found 0"),),
    pairs_ns=((1, 2),),
    crashed=True,
    taken_from="run-0",
    goldens=(GOLDEN,),
    race=RaceConditions(
        heats=3,
        thrown_away=1,
        load=(0.1, 0.5),
        clock_mhz=(2900.0, 3000.0),
        governor="powersave",
        temperature_c=61.0,
        others=1,
        threads=(1, 2),
        peak_bytes=(3, 4),
        gpu_peak_bytes=(5, 6),
        loads_ns=((7, 8),),
        peaks_bytes=((3, 4), (3, 5)),
        gpu_peaks_bytes=((5, 6),),
        crowded=(3, 4),
    ),
)
RESUMED = Resumed("run-0", SHA, SHA, {"os": "x"}, 1)


def write_journal(path):
    writer = store.JournalWriter(path)
    writer.begin("run-1", SHA, {"os": "x"})
    writer.start(ITEM)
    writer.load("v1", {"threads": 1})
    writer.finish(END)
    writer.verify("v1", ("w.pt changed",))
    writer.goldens(ORPHANS)
    writer.end("finished")
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def records(tmp_path):
    """A record of every kind, with everything in it that can be."""
    by_kind = {record["kind"]: record for record in write_journal(tmp_path / "journal.jsonl")}
    return {**by_kind, "resume": {"seq": 1, **RESUMED.to_json()}}


def faults(data, kind, part=""):
    return documents.schema_faults(data, kind, "x", Code.RUN_FOLDER, part)


@pytest.mark.parametrize(
    "known", [PLAN, SUITE, END, RESUMED, GOLDEN, ORPHANS, revision("v1"), PLAN.differences["v2"]], ids=type
)
def test_nothing_is_left_at_its_default_here_so_that_a_new_field_is_noticed(known):
    for field in dataclasses.fields(known):
        assert getattr(known, field.name) not in (field.default, "", (), {}, None), field.name


def test_a_golden_keeps_its_schema_comes_back_and_with_a_key_less_or_one_more_is_refused():
    key = GoldenKey(Asker.CASE, "a", "v1", Setting("cuda", "nvidia-h200", "fp16"))
    found = Detections.of([[0.1, 2, 3, 4]], [0.123456789012345], ["phone"])
    golden = Golden(key, "v1.0", SHA, SHA, Tolerance(3, 0.1, "so"), found)
    data = golden.to_json()
    assert faults(data, "golden") == ()
    back = Golden.from_json(data)
    assert dataclasses.replace(back, detections=found) == golden
    assert back.detections.to_json() == found.to_json()
    assert [name for name, mutant in mutants(data) if faults(mutant, "golden") == ()] == []


def test_a_whole_plan_keeps_its_schema_and_comes_back():
    text = plan_to_text(PLAN)
    assert faults(json.loads(text), "plan") == ()
    assert plan_from_text(text) == PLAN


def test_every_kind_of_record_keeps_its_schema(records):
    assert set(records) == set(documents.alternatives("journal")) == {"begin", *journal._KINDS}
    for kind, record in records.items():
        assert faults(record, "journal", kind) == faults(record, "journal") == ()


def places(data, at=()):
    """The path of every object in the data that a schema can say something about, itself first."""
    if isinstance(data, dict):
        yield at
    for key, part in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from places(part, (*at, key))


def at(data, path):
    for step in path:
        data = data[step]
    return data


FREE = (
    "environment",
    "facts",
    "policy",
    "cases",
    "safety",
    "consents",
    "differences",
    "images",
    "goldens",
    "tests",
    "data",
)
"""Objects whose keys are names that somebody gave, or that another schema describes."""


def mutants(data, optional=()):
    """One key removed, or one added, wherever keys are fixed."""
    for path in places(data):
        if any(step in FREE for step in path if isinstance(step, str)) and path[-1:] != ("v2",):
            continue
        if path[-1:] == ("test_severities",):
            continue
        for key in (*at(data, path), None):
            if (not path and key in optional) or (path == ("race",) and key not in ("heats", None)):
                continue
            mutant = copy.deepcopy(data)
            if key is None:
                at(mutant, path)["surprise"] = 1
            else:
                del at(mutant, path)[key]
            yield ".".join(map(str, (*path, key))), mutant


def test_a_plan_with_a_key_less_or_one_more_is_refused():
    seen = [name for name, mutant in mutants(json.loads(plan_to_text(PLAN))) if faults(mutant, "plan") == ()]
    assert seen == ["suites.0.waivers"]  # a suite may have none


def test_a_record_with_a_key_less_or_one_more_is_refused(records):
    optional = {field.name for field in dataclasses.fields(Finished) if field.default is not dataclasses.MISSING}
    optional -= {"device", "duration_ns"}
    for kind, record in records.items():
        leave_out = optional if kind == "finish" else ()
        assert [name for name, mutant in mutants(record, leave_out) if not faults(mutant, "journal", kind)] == []


def test_what_a_record_may_leave_out_it_may(records):
    bare = {"seq": 0, **Finished(ITEM, ItemOutcome.PASSED).to_json()}
    assert faults(bare, "journal", "finish") == ()
    assert bare.keys() < records["finish"].keys()


def test_the_schemas_describe_nothing_that_is_never_written(records):
    written = json.loads(plan_to_text(PLAN))
    plan = documents.schema("plan")
    definitions = plan["$defs"]
    assert set(plan["properties"]) == set(written)
    assert set(definitions["suite"]["properties"]) == set(written["suites"][0])
    assert set(definitions["revision"]["properties"]) == set(written["baseline"])
    assert set(definitions["safety"]["properties"]) == set(written["safety"]["v1"])
    assert set(definitions["difference"]["properties"]) == set(written["differences"]["v2"])
    for kind, record in records.items():
        assert set(documents.schema("journal")["$defs"][kind]["properties"]) == set(record)


def test_the_words_of_the_schemas_are_those_of_the_code():
    plan, records, verdict = (documents.schema(kind)["$defs"] for kind in ("plan", "journal", "verdict"))
    assert plan["safety"]["properties"]["kind"]["enum"] == [kind.value for kind in SafetyClass]
    aspects = plan["difference"]["properties"]["changes"]["items"]["prefixItems"][0]["enum"]
    assert set(aspects) == {aspect.value for aspect in Aspect}
    assert set(records["finish"]["properties"]["outcome"]["enum"]) == {outcome.value for outcome in ItemOutcome}
    assert verdict["answer"]["enum"] == [answer.value for answer in Answer]


@pytest.mark.parametrize("number", [0, 1, 3, 99, "2", None, 2.5])
@pytest.mark.parametrize("file", ["plan", "journal"])
def test_another_schema_is_refused_by_its_number(judged_project, file, number):
    folder = store.open_run_folder(judged_project / "reports/latest")
    path = getattr(folder, file)
    first, *rest = path.read_text().splitlines(keepends=True)
    path.write_text(json.dumps({**json.loads(first), "schema": number}) + "\n" + "".join(rest))
    with pytest.raises(DamoverError) as refusal:
        remake.read_run(folder)
    (fault,) = refusal.value.faults
    assert (fault.code, f"schema {number!r}" in fault.found) == (Code.RUN_FOLDER, True)
    assert "schema 2" in fault.allowed


def test_the_verdict_of_a_run_keeps_its_schema_and_a_key_less_breaks_it(judged_project):
    written = json.loads((judged_project / "reports/latest/verdict.json").read_text())
    assert faults(written, "verdict") == ()
    assert [name for name, mutant in mutants(written) if faults(mutant, "verdict") == ()] == []
