"""waivers.toml in a whole run: what it covers shows as xfailed, and pytest's red and green agree with the verdict."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

WAIVER = """\
[[waiver]]
id = "{id}"
owner = "li.wei@example.com"
reason = "being relabelled in #812"
expires = "{expires}"
[waiver.scope]
{scope}
"""
ONE = 'cases = ["one"]'
NOTHING = {"boxes": [], "scores": [], "labels": []}


def day(days: int) -> str:
    """The date so many days from now; far enough from midnight for no test."""
    return f"{datetime.now(timezone.utc) + timedelta(days=days):%Y-%m-%d}"


@pytest.fixture
def lossy(project):
    """Four cases; v2 loses the first."""
    for name in ("one", "two", "three", "four"):
        project.case(name)
    project.revision("v1")
    project.revision("v2", one=NOTHING)
    return project


def write(project, *scopes, expires=None):
    """A waiver for each scope: W-1, W-2, …"""
    texts = [
        WAIVER.format(id=f"W-{n}", scope=scope, expires=expires or day(99)) for n, scope in enumerate(scopes, start=1)
    ]
    (project.suite / "waivers.toml").write_text("schema = 1\n" + "".join(texts))


def waiver_findings(project):
    return [(found["verdict"], found["reason"]) for found in project.findings() if found["rule"] == "waiver"]


def test_g10_a_used_waiver_is_named_everywhere_and_its_case_is_xfailed(lossy):
    assert lossy.compare().ret == 1
    write(lossy, ONE)
    result = lossy.compare("-rx", "-v")
    assert result.ret == 0
    counts = result.parseoutcomes()
    assert (counts["xfailed"], counts.get("failed", 0)) == (1, 0)
    result.stdout.fnmatch_lines([f"XFAIL *::one?v2? - waived by W-1 (li.wei@example.com, until {day(99)})*"])
    result.stdout.fnmatch_lines(["*Waived: W-1 let through what the policy forbids*"])
    (use,) = lossy.verdict["waivers"]
    assert (use["id"], use["owner"], use["days_left"]) == ("W-1", "li.wei@example.com", 99)
    assert use["covered"] == [{"candidate": "v2", "what": "one"}]
    (counted,) = [found for found in lossy.findings() if found.get("waivers") and found["rule"] != "waiver"]
    assert (counted["rule"], counted["reason"], counted["waivers"]) == ("regressions.major", "waived", ["W-1"])
    folder = lossy.root / "reports/latest"
    for name in ("report.html", "summary.md"):
        text = (folder / name).read_text()
        assert text.count("W-1") >= 2
        assert "being relabelled in" in text


def test_g10_the_journal_keeps_the_failure(lossy):
    write(lossy, ONE)
    lossy.compare()
    ends = {record["item"]: record["outcome"] for record in lossy.journal if record["kind"] == "finish"}
    assert ends["toy/one:detect@v2"] == "failed"


@pytest.mark.parametrize(
    ("text", "verdict", "reason"),
    [
        (WAIVER.format(id="W-1", scope=ONE, expires=day(-1)), 1, "waiver-expired"),
        (WAIVER.format(id="W-1", scope=ONE, expires=day(9)).replace("li.wei@example.com", ""), 1, "waiver-ownerless"),
        (WAIVER.format(id="W-1", scope=ONE, expires=day(9)).replace("being relabelled in #812", ""), 1,
         "waiver-reasonless"),
    ],
    ids=["expired", "ownerless", "reasonless"],
)  # fmt: skip
def test_g10_a_waiver_that_does_not_hold_leaves_the_case_red(lossy, text, verdict, reason):
    (lossy.suite / "waivers.toml").write_text("schema = 1\n" + text)
    result = lossy.compare()
    assert result.ret == verdict
    assert result.parseoutcomes()["failed"] == 1
    assert waiver_findings(lossy) == [("FAIL", reason)]


def test_g10_an_unused_waiver_fails_a_run_that_is_green(lossy):
    write(lossy, ONE, 'cases = ["two"]')
    result = lossy.compare()
    assert (result.ret, result.parseoutcomes().get("failed", 0)) == (1, 0)
    assert waiver_findings(lossy) == [("PASS", "waiver-used"), ("FAIL", "waiver-unused")]


def test_g10_a_part_of_the_suite_claims_no_waiver_unused(lossy):
    write(lossy, 'cases = ["three"]')
    assert lossy.compare("-k", "two").ret == 20
    assert waiver_findings(lossy) == [("INCONCLUSIVE", "waiver-undecided")]


def test_g10_an_error_stays_an_error(lossy):
    lossy.test_file("def test_broken(detector, nowhere):\n    pass\n")
    write(lossy, ONE, 'cases = ["test_toy.py::test_broken"]')
    assert lossy.compare().ret == 21


@pytest.mark.parametrize("fixture", ["detector", "pair", ""])
def test_g10_a_python_test_is_waived_by_its_name(lossy, fixture):
    seen = {"detector": "revision.name == 'v1'", "pair": "False", "": "False"}[fixture]
    more = "revision, detector" if fixture == "detector" else fixture
    lossy.test_file(f"def test_it({more}):\n    assert {seen}\n")
    strict = lossy.compare()
    assert (strict.ret, strict.parseoutcomes()["failed"]) == (1, 2)
    write(lossy, ONE, 'cases = ["test_toy.py::test_it"]')
    result = lossy.compare()
    assert (result.ret, result.parseoutcomes().get("failed", 0)) == (0, 0)


def test_g10_all_faults_of_the_file_are_told_at_once_and_nothing_runs(lossy):
    text = WAIVER.format(id="W-1", scope='rule = "ap50"\ncases = ["one"]', expires="2026-02-30")
    (lossy.suite / "waivers.toml").write_text("schema = 1\n" + text)
    assert lossy.compare().ret == 21
    (found,) = [found for found in lossy.findings() if found["rule"] == "waiver"]
    assert (found["verdict"], found["reason"]) == ("ERROR", "waiver-faults")
    assert "is no day" in found["message"]
    assert "both cases and a rule" in found["message"]
    assert lossy.plan["suites"][0]["waivers"]["data"] is None
    assert not any(record["kind"] == "start" for record in lossy.journal)


def test_g10_with_workers_it_is_the_same(lossy):
    pytest.importorskip("xdist")
    write(lossy, ONE)
    result = lossy.compare("-n", "2", "-p", "xdist")
    assert result.ret == 0
    assert result.parseoutcomes()["xfailed"] == 1
    assert waiver_findings(lossy) == [("PASS", "waiver-used")]


def test_g10_an_interrupted_run_does_not_go_on_with_other_waivers(lossy):
    write(lossy, ONE)
    lossy.test_file("import pytest\n\ndef test_stop(device):\n    pytest.exit('enough')\n")
    assert lossy.compare().ret == 20
    write(lossy, ONE, expires=day(98))
    result = lossy.compare("--damover-resume", "reports/latest")
    assert result.ret == 4
    result.stdout.fnmatch_lines(["*another plan: suites.toy.waivers*"])


def test_g10_a_waiver_that_ends_soon_is_pointed_out(lossy):
    write(lossy, ONE, expires=day(14))
    lossy.compare().stdout.fnmatch_lines(["*Waivers end soon: *W-1", "*14 days left)"])
    write(lossy, ONE, expires=day(15))
    assert "Waivers end soon" not in lossy.compare().stdout.str()


def test_g10_no_gate_reads_no_waivers(lossy):
    write(lossy, ONE)
    assert lossy.compare("--damover-no-gate").ret == 1
