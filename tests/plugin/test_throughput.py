"""Calls with several images, raced at the sizes that the policy names, through pytest."""

import json

import pytest

from tests.plugin.conftest import POLICY

RULES = "[latency]\nmax_ratio = 50\npairs = 16\n[throughput]\nmin_ratio = {ratio}\nbatch_sizes = [1, 4]\npairs = 16\n"


@pytest.fixture
def raced(project):
    """Compares two revisions whose call with several images takes so many milliseconds, None: it cannot be made."""

    def compare(before_ms, after_ms, ratio=0.5, arguments=(), more=""):
        for name in ("one", "two", "three"):
            project.case(name)
        for tag, batch_ms in (("v1", before_ms), ("v2", after_ms)):
            path = project.revision(tag, latency_ms=1 if tag == "v1" else 1.001) / "detections.json"
            if batch_ms is not None:
                path.write_text(json.dumps({**json.loads(path.read_text()), "batch_ms": batch_ms}))
        project.policy(POLICY + RULES.format(ratio=ratio) + more)
        project.compare(*arguments)
        found = {one["rule"]: one for one in project.findings() if one["rule"].startswith("throughput")}
        assert found.keys() == {"throughput.1", "throughput.4"}
        return found

    return compare


def times_of(project):
    return next(one["race"]["times"] for one in project.journal if "race" in one)


def test_each_size_is_raced_and_judged_by_its_interval(raced, project):
    found = raced(5, 5)
    assert {one["verdict"] for one in found.values()} == {"PASS"}
    assert {one["n"] for one in found.values()} == {16}
    assert [(batch["size"], len(batch["pairs_ns"])) for batch in times_of(project)["batches"]] == [(1, 16), (4, 16)]
    assert found["throughput.4"]["baseline"] > 2 * found["throughput.1"]["baseline"]


def test_a_candidate_that_does_a_fifth_is_a_fail(raced):
    assert {(one["verdict"], one["reason"]) for one in raced(4, 20).values()} == {("FAIL", "over-limit")}


@pytest.mark.parametrize(("before_ms", "after_ms", "who"), [(5, None, "v2"), (None, None, "v1 and v2")])
def test_who_takes_one_image_at_a_time_says_so(raced, project, before_ms, after_ms, who):
    found = raced(before_ms, after_ms)
    assert {(one["verdict"], one["reason"]) for one in found.values()} == {("INCONCLUSIVE", "cannot-batch")}
    assert times_of(project) == {
        "decode_ns": times_of(project)["decode_ns"],
        "unbatched": f"the detector of {who} takes one image at a time",
    }


def test_loads_keep_the_order_of_octets_from_one_race_to_the_next(raced, project):
    raced(5, 5, more="[cold_start]\nmax_ms = 60000\n")
    loads = [record["revision"] for record in project.journal if record["kind"] == "load"][3:]
    assert len(loads) == 2 * 16
    assert list(zip(loads[::2], loads[1::2], strict=True)) == [
        ("v1", "v2"), ("v2", "v1"), ("v2", "v1"), ("v1", "v2")
    ] * 4  # fmt: skip


def test_decoding_is_told_once_for_each_image(raced, project):
    raced(None, None)
    told = times_of(project)["decode_ns"]
    assert len(told) == 3
    assert all(each > 0 for each in told)


@pytest.mark.modelscope
def test_the_same_in_child_processes(raced, project):
    found = raced(5, 5, arguments=("--damover-runner", "process"))
    assert {one["verdict"] for one in found.values()} == {"PASS"}
    assert len(times_of(project)["batches"]) == 2
