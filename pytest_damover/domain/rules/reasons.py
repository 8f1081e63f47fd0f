"""The stable words that say why a finding came out as it did."""

from __future__ import annotations

from enum import Enum


class Reason(str, Enum):
    """Why; a word is never renamed or reused."""

    COMPLETE = "complete"
    PLAN_CHANGED = "plan-changed"
    OTHER_RUN = "other-run"
    JOURNAL_DAMAGED = "journal-damaged"
    TORN_LINE = "torn-line"
    SEQUENCE_GAP = "sequence-gap"
    WRONG_COUNTS = "wrong-counts"
    RECORDS_AFTER_END = "records-after-end"
    INTERRUPTED = "interrupted"
    AMBIGUOUS_REVISIONS = "ambiguous-revisions"
    NOTHING_PLANNED = "nothing-planned"
    CASES_NOT_PLANNED = "cases-not-planned"
    NARROWED = "narrowed"
    BROKEN_CASES = "broken-cases"
    DUPLICATE_ITEMS = "duplicate-items"
    UNPLANNED_ITEMS = "unplanned-items"
    NEVER_STARTED = "never-started"
    UNKNOWN_SUITE = "unknown-suite"
    ITEM_ERRORS = "item-errors"
    MISSING_ITEMS = "missing-items"
    SKIPPED_ITEMS = "skipped-items"

    NO_CRASH = "no-crash"
    CRASHED = "crashed"
    BASELINE_CRASHED = "baseline-crashed"

    RESUMED = "resumed"
    RESUME_DAMAGED = "resume-damaged"
    OTHER_VERSIONS = "other-versions"
    OTHER_MACHINE = "other-machine"

    UNCHANGED = "unchanged"
    REVISION_CHANGED = "revision-changed"
    NOT_VERIFIED = "not-verified"
    NO_CONSENT = "no-consent"

    POLICY_FAULTS = "policy-faults"
    NO_POLICY = "no-policy"
    POLICY_READ = "policy-read"
    RULE_NOT_APPLIED = "rule-not-applied"

    CONTROL_STOPPED = "negative-control-stopped"
    CONTROL_PASSED = "negative-control-passed"
    CONTROL_UNDECIDED = "negative-control-undecided"

    IDENTICAL_REVISIONS = "identical-revisions"
    IDENTICAL_ALLOWED = "identical-allowed"
    DIFFERENT_REVISIONS = "different-revisions"

    ENOUGH = "enough"
    TOO_LITTLE = "too-little"
    OTHER_DEVICE = "other-device"
    WITHIN_LIMIT = "within-limit"
    OVER_LIMIT = "over-limit"
    UNDECIDED = "undecided"
    UNDECIDED_AMONG_SLICES = "undecided-among-slices"
    NOT_FINITE = "not-finite"
    NO_DATA = "no-data"
    NO_INTERVAL = "no-interval"
    SLICE_ABSENT = "slice-absent"
    SLICE_TOO_SMALL = "slice-too-small"
    LATENCY_MISSING = "latency-missing"
    LATENCY_FAILED = "latency-failed"
    TOO_FEW_PAIRS = "too-few-pairs"
