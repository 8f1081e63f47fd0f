"""Defects of the journal: what was planned did not run, not once, or is not told in full."""

from __future__ import annotations

from tools.run_folders.defects import defect
from tools.run_folders.folder import Folder, item


@defect("clean", "complete", "Nothing is wrong: every rule leaves a finding that passes.")
def clean(run: Folder) -> None:
    """Leave all as it is."""


@defect("no-end-record", "interrupted", "The end record is missing: the run was killed.")
def no_end_record(run: Folder) -> None:
    run.records.pop()


@defect("killed-while-writing", "interrupted", "The last line is torn and there is no end record.")
def killed_while_writing(run: Folder) -> None:
    run.records.pop()
    run.tail = '{"seq":99,"kind":"ver'


@defect("ended-otherwise", "interrupted", "The end record says that somebody pressed Ctrl-C.")
def ended_otherwise(run: Folder) -> None:
    run.records[-1]["reason"] = "interrupted"


@defect("item-twice", "duplicate-items", "An item ended twice.")
def item_twice(run: Folder) -> None:
    run.add(item("day", "v2"))


@defect("unplanned-item", "unplanned-items", "An item ran that nobody planned.")
def unplanned_item(run: Folder) -> None:
    run.add(item("stranger", "v2"))


@defect("skipped-item", "skipped-items", "An item was skipped.")
def skipped_item(run: Folder) -> None:
    run.end_of("day", "v2").update(outcome="skipped", reason="no golden")


@defect("item-error", "item-errors", "An item ended in an error: nobody knows what it would have shown.")
def item_error(run: Folder) -> None:
    run.end_of("day", "v2").update(outcome="error", reason="the image is missing")


@defect("missing-item", "missing-items", "A planned item has no record at all.")
def missing_item(run: Folder) -> None:
    run.drop("day", "v2")


@defect("never-ended", "missing-items", "An item started and never ended.")
def never_ended(run: Folder) -> None:
    run.drop("day", "v2", ("finish",))


@defect("never-started", "never-started", "An item ended without having started.")
def never_started(run: Folder) -> None:
    run.drop("day", "v2", ("start",))


@defect("torn-line", "torn-line", "Half a line follows the end record.", sealed=False)
def torn_line(run: Folder) -> None:
    run.tail = '{"seq":'


@defect("line-not-json", "journal-damaged", "A line in the middle is not JSON.", sealed=False)
def line_not_json(run: Folder) -> None:
    run.lines_put_in[3] = "\x00\x00\x00\x00"


@defect("wrong-counts", "wrong-counts", "The end record counts an end more than there is.", sealed=False)
def wrong_counts(run: Folder) -> None:
    run.records[-1]["counts"] = {"started": 4, "finished": 5}


@defect("sequence-gap", "sequence-gap", "A sequence number is missing.", sealed=False)
def sequence_gap(run: Folder) -> None:
    for record in run.records[5:]:
        record["seq"] += 1


@defect("records-after-the-end", "records-after-end", "A record follows the end record.")
def records_after_the_end(run: Folder) -> None:
    run.records.append({"kind": "verify", "revision": "v2", "faults": []})


@defect("other-plan-digest", "plan-changed", "The journal was written for another plan.", sealed=False)
def other_plan_digest(run: Folder) -> None:
    run.records[0]["plan_digest"] = "f" * 64


@defect("other-run-id", "other-run", "The journal is that of another run.", sealed=False)
def other_run_id(run: Folder) -> None:
    run.records[0]["run_id"] = "another"


@defect("revision-changed", "revision-changed", "A file of the candidate was no longer the same after the run.")
def revision_changed(run: Folder) -> None:
    run.of_kind("verify")[-1]["faults"] = ["detections.json: changed"]


@defect("not-verified", "not-verified", "Nobody looked whether the candidate was still the same after the run.")
def not_verified(run: Folder) -> None:
    run.records.remove(run.of_kind("verify")[-1])


@defect("candidate-crashed", "crashed", "The candidate's process crashed in a case, and the policy allows a failure.")
def candidate_crashed(run: Folder) -> None:
    run.policy["regressions"] = {"major": 1}
    run.end_of("day", "v2").update(outcome="failed", crashed=True, reason="killed by signal 11")
    del run.end_of("day", "v2")["detections"]


@defect("baseline-crashed", "baseline-crashed", "The baseline's process crashed in a case; the candidate's did not.")
def baseline_crashed(run: Folder) -> None:
    run.end_of("day", "v1").update(outcome="failed", crashed=True, reason="killed by signal 11")
    del run.end_of("day", "v1")["detections"]


def take_over(run: Folder, **environment: str) -> None:
    """The first case on the baseline was taken over from an interrupted run."""
    begin, end = run.records[0], run.of_kind("finish")[0]
    end["taken_from"] = "before"
    digests = {"plan_digest": "a" * 64, "journal_digest": "b" * 64}
    was = {**begin["environment"], **environment}
    run.records.insert(1, {"kind": "resume", "run_id": "before", **digests, "environment": was, "items": 1})


@defect("resumed", "resumed", "An item was taken over from an interrupted run, which is no defect.")
def resumed(run: Folder) -> None:
    take_over(run)


@defect("resume-counts", "resume-damaged", "More was taken over than the journal says.")
def resume_counts(run: Folder) -> None:
    take_over(run)
    run.of_kind("finish")[1]["taken_from"] = "before"


@defect("resume-other-versions", "other-versions", "What was taken over was made with another Python.")
def resume_other_versions(run: Folder) -> None:
    take_over(run, python="3.10.1")
