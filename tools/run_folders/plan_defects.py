"""Defects of the plan: it is not the whole, or not what may be judged."""

from __future__ import annotations

import copy

from tools.run_folders.defects import defect
from tools.run_folders.folder import Folder


@defect("nothing-planned", "nothing-planned", "The plan holds no item.")
def nothing_planned(run: Folder) -> None:
    run.plan["items"] = []
    run.records = [record for record in run.records if record["kind"] not in ("start", "finish")]


@defect("case-not-planned", "cases-not-planned", "A case of the suite was not planned on the candidate.")
def case_not_planned(run: Folder) -> None:
    run.plan["items"].remove(["toy", "day", "detect", "v2"])
    run.drop("day", "v2")


@defect("narrowed", "narrowed", "The command line asked for a part of the suites.")
def narrowed(run: Folder) -> None:
    run.plan["narrowed"] = ["-k night"]


@defect("broken-case", "broken-cases", "A case file could not be read.")
def broken_case(run: Folder) -> None:
    run.suite["broken"] = ["suites/toy/cases/lost.json: line 1 column 2: Expecting value  [case-file]"]


@defect("unknown-suite", "unknown-suite", "An item belongs to a suite that the plan does not have.")
def unknown_suite(run: Folder) -> None:
    run.add(run.plan_item("elsewhere", "a", "detect", "v2"))


@defect("ambiguous-revisions", "ambiguous-revisions", "One name stands for two revisions.")
def ambiguous_revisions(run: Folder) -> None:
    other = copy.deepcopy(run.plan["candidates"][0])
    other["files"][0][1:] = [1, "e" * 64]
    run.plan["candidates"].append(other)


@defect("no-consent", "no-consent", "The candidate executes code when it is loaded, and nobody consented.")
def no_consent(run: Folder) -> None:
    run.plan["safety"] = {"v2": {"kind": "executes-code", "reasons": [["model.py", "a Python file"]]}}


@defect("identical-revisions", "identical-revisions", "Two names of the same bytes are no comparison.")
def identical_revisions(run: Folder) -> None:
    _make_identical(run)
    run.plan["items"] = [item for item in run.plan["items"] if item[3] == "v1"]
    for case in ("day", "night"):
        run.drop(case, "v2")


@defect("identical-allowed", "identical-allowed", "Two names of the same bytes, compared on demand: no defect.")
def identical_allowed(run: Folder) -> None:
    _make_identical(run)
    run.plan["allow_identical"] = True


def _make_identical(run: Folder) -> None:
    run.plan["candidates"] = [{**run.plan["baseline"], "name": "v2", "requested": "v2", "tag": "v2"}]


@defect("policy-faults", "policy-faults", "The policy file has a fault.")
def policy_faults(run: Folder) -> None:
    _without_policy(run)
    run.suite["policy_faults"] = [
        'suites/toy/gate.toml: $.evidence: no key "min_cases"\n'
        "    allowed: the keys min_cases, min_images, min_objects, min_slice_images, device\n"
        "    next: damover schema policy  [policy]"
    ]


@defect("no-policy", "no-policy", "The suite has no policy: nothing can be decided.")
def no_policy(run: Folder) -> None:
    _without_policy(run)


def _without_policy(run: Folder) -> None:
    run.suite.update(policy=None, policy_digest="", rules=[])


@defect("rule-not-applied", "rule-not-applied", "The plan lists a rule that nothing was judged by.", sealed=False)
def rule_not_applied(run: Folder) -> None:
    run.suite["rules"].append(["sharpness", None])
    run.stamp()
