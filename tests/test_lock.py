import json
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_damover import anatomy
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.domain.revision import FileEntry, Revision
from pytest_damover.domain.safety import Reason, Safety, SafetyClass
from pytest_damover.hubs import open_hub
from pytest_damover.lock import Consent, Lock, check_consent, check_locked, differences, read_lock, write_lock

A, B, C = ("a" * 64, "b" * 64, "c" * 64)
AT = "2026-01-31T12:00:00+00:00"
RUNS = Safety(
    SafetyClass.EXECUTES_CODE,
    (
        Reason("class_map.pkl", "imports os.system"),
        Reason("damoyolo.py", "a Python file"),
        Reason("x.pt", "imports builtins.eval"),
        Reason("y.py", "a Python file"),
    ),
)
DATA = Safety(SafetyClass.SAFETENSORS)


def revision(tag="v1", model="demo/phone", weights=A, name=None, extra=()):
    files = (FileEntry("configuration.json", 2, C), FileEntry("weights.pt", 700, weights), *extra)
    return Revision(name or tag, tag, model, "local", "f" * 40, files)


def lock_of(*revisions, consents=()):
    keyed = {(revision.model, revision.tag): revision for revision in revisions}
    return Lock(keyed, {one.digest: one for one in consents})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "revisions.lock"


def refused(call, *arguments):
    with pytest.raises(DamoverError) as refusal:
        call(*arguments)
    return refusal.value


def test_what_is_written_is_read(path):
    written = lock_of(revision("v2", weights=B), revision("v1"), consents=[Consent(revision().digest, "Ann", AT)])
    write_lock(path, written)
    assert read_lock(path) == written


def test_the_text_does_not_depend_on_the_order_and_a_changed_file_is_two_changed_lines(path):
    write_lock(path, lock_of(revision("v1"), revision("v2")))
    first = path.read_text()
    write_lock(path, lock_of(revision("v2"), revision("v1")))
    assert path.read_text() == first
    write_lock(path, lock_of(revision("v2"), revision("v1", weights=B)))
    changed = [line for line in path.read_text().splitlines() if line not in first.splitlines()]
    assert len(changed) == 2


def test_a_consent_is_a_few_lines_of_its_own(path):
    write_lock(path, lock_of(revision("v1")))
    before = path.read_text().splitlines()
    write_lock(path, lock_of(revision("v1"), consents=[Consent(revision().digest, "安 <ann@example.org>", AT)]))
    after = [line.strip(" ,") for line in path.read_text().splitlines() if line not in before]
    assert after[1:] == [f'"{revision().digest}": {{', f'"at": "{AT}"', '"by": "安 <ann@example.org>"']


def test_an_unchanged_revision_passes_under_any_alias(path):
    write_lock(path, lock_of(revision("v1")))
    check_locked(path, [revision("v1", name="current")])


def test_t7_a_moved_tag_is_refused_with_each_file_named(path):
    write_lock(path, lock_of(revision("v1")))
    moved = revision("v1", weights=B, extra=(FileEntry("evil.py", 1, B),))
    error = refused(check_locked, path, [moved])
    assert [fault.code for fault in error.faults] == [Code.LOCK] * 2
    assert "damover lock v1" in str(error)
    assert "evil.py is new" in str(error)
    assert "weights.pt was 700 bytes with SHA-256 aaaaaaaaaaaa and is 700 bytes with SHA-256 bbbbbbbbbbbb" in str(error)


@pytest.mark.parametrize("other", [revision("v2"), revision("v1", model="demo/tablet")])
def test_a_revision_that_is_not_locked_is_refused(path, other):
    write_lock(path, lock_of(revision("v1")))
    with pytest.raises(DamoverError, match=f"{other.model} {other.tag} is not locked"):
        check_locked(path, [revision("v1"), other])


def test_a_file_that_is_gone_is_named():
    assert differences(revision().files, revision().files[:1]) == ("weights.pt is gone",)


def test_w7_a_file_name_cannot_break_the_line(path):
    evil = "x\n::add-mask::y\x1b[31m.py"
    (told,) = differences((), [FileEntry(evil, 1, A)])
    assert told == r"'x\n::add-mask::y\x1b[31m.py' is new"
    safety = Safety(SafetyClass.EXECUTES_CODE, (Reason(evil, "a Python file"),))
    (fault,) = refused(check_consent, path, [(revision("v1"), safety)]).faults
    assert fault.found.isprintable()
    assert differences((), [FileEntry("夜间/类.py", 1, A)]) == ("夜间/类.py is new",)


def test_a_missing_lock_is_refused(path):
    assert refused(read_lock, path).faults[0].code is Code.LOCK


def test_a_run_that_must_be_locked_is_told_both_ways_out(path):
    (fault,) = refused(check_locked, path, [revision("v1"), revision("v2")]).faults
    assert fault.code is Code.LOCK
    assert "damover lock v1 v2" in fault.next_step
    assert "damover_locked = false" in fault.next_step


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": 3, "models": {}}', '{"schema": 2, "consents": {}, "models": {"m": []}}', "7"]
)
def test_another_file_is_no_lock(path, text):
    path.write_text(text)
    assert refused(read_lock, path).faults[0].code is Code.LOCK


def test_the_first_schema_is_refused_by_number_with_the_command_that_writes_a_new_lock(path):
    path.write_text('{"schema": 1, "models": {"demo/phone": {"v2": {}, "v1": {}}}}')
    (fault,) = refused(read_lock, path).faults
    assert (fault.found, fault.allowed) == ("schema 1", "schema 2")
    assert fault.next_step.endswith("damover lock v1 v2")


def edited(path, change):
    """A lock of v1 with a consent, changed by hand."""
    write_lock(path, lock_of(revision("v1"), consents=[Consent(revision().digest, "Ann", AT)]))
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    return revision().digest


def test_a_lock_edited_by_hand_contradicts_itself(path):
    edited(path, lambda data: data["models"]["demo/phone"]["v1"]["files"]["weights.pt"].update(sha256=B))
    with pytest.raises(DamoverError, match="its digest is not that of its files"):
        read_lock(path)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"by": "", "at": AT}, "by '': nobody"),
        ({"by": " ", "at": AT}, "by ' ': nobody"),
        ({"by": None, "at": AT}, "by None: nobody"),
        ({"by": "Ann", "at": "yesterday"}, "at 'yesterday': no moment"),
        ({"by": "Ann", "at": "2026-02-30T12:00:00+00:00"}, "no moment"),
        ({"by": "Ann", "at": "2026-01-31T12:00:00"}, "no moment"),
        ({"by": "Ann", "at": "2026-01-31T12:00:00+08:00"}, "no moment"),
        ({"by": "Ann", "at": 7}, "no moment"),
        ({"by": "Ann", "at": AT, "until": AT}, "the keys at, by, until"),
        ({"by": "Ann"}, "not a lock"),
        ("Ann", "not a lock"),
    ],
    ids=str,
)
def test_a_consent_edited_by_hand_is_refused(path, entry, said):
    edited(path, lambda data: data["consents"].update({revision().digest: entry}))
    assert said in str(refused(read_lock, path))


def test_every_fault_of_a_lock_is_told_at_once(path):
    edited(path, lambda data: data["consents"].update({"abc": {"by": "", "at": ""}, "*": {"by": "Ann", "at": AT}}))
    told = [(fault.where, fault.found) for fault in refused(read_lock, path).faults]
    assert len(told) == 4
    assert ("revisions.lock: consent to '*'", "is no digest") in told


def test_utc_may_be_written_with_a_z(path):
    digest = edited(path, lambda data: data["consents"][revision().digest].update(at="2026-01-31T12:00:00Z"))
    assert read_lock(path).consents[digest].at == "2026-01-31T12:00:00Z"


def test_what_runs_nothing_needs_neither_consent_nor_lock(path):
    assert check_consent(path, [(revision("v1"), DATA)]) == {}


def test_t10_without_a_lock_nothing_is_consented_to(path):
    (fault,) = refused(check_consent, path, [(revision("v1"), RUNS), (revision("v2", weights=B), DATA)]).faults
    assert (fault.code, fault.where, fault.next_step) == (Code.CONSENT, "demo/phone v1", "damover lock --consent v1")
    assert "class_map.pkl: imports os.system; damoyolo.py: a Python file; " in fault.found
    assert "and 1 more" in fault.found


def test_t10_consent_of_the_same_bytes_is_handed_back(path):
    consent = Consent(revision().digest, "Ann", AT)
    write_lock(path, lock_of(revision("v1"), consents=[consent]))
    assert check_consent(path, [(revision("v9"), RUNS)]) == {consent.digest: consent}


def test_t10_a_new_digest_with_the_old_consent_is_refused(path):
    """The tag moved: neither its name nor its owner's carries the consent over to other bytes."""
    consent = Consent(revision().digest, "Ann", AT)
    write_lock(path, lock_of(revision("v1"), consents=[consent]))
    moved = revision("v1", weights=B)
    (fault,) = refused(check_consent, path, [(revision("v1"), RUNS), (moved, RUNS)]).faults
    assert f"Ann consented to other bytes, of digest {consent.digest[:12]}" in fault.found
    assert moved.digest[:12] in fault.allowed


def test_t10_another_revision_of_the_same_owner_has_no_consent(path):
    write_lock(path, lock_of(revision("v1"), consents=[Consent(revision().digest, "Ann", AT)]))
    other = replace(revision("v1", weights=B), model="demo/tablet")
    assert refused(check_consent, path, [(other, RUNS)]).faults[0].where == "demo/tablet v1"


def test_a_broken_lock_is_told_when_consent_is_looked_for(path):
    path.write_text("{}")
    assert refused(check_consent, path, [(revision("v1"), RUNS)]).faults[0].code is Code.LOCK


def test_this_repository_has_locked_its_demo_and_consented_to_it():
    root, model = Path(__file__).parents[1], "demo/damoyolo_phone"
    hub = open_hub("local", root)
    revisions = [hub.resolve(model, info.name) for info in hub.list_revisions(model) if "-" not in info.name]
    check_locked(root / "revisions.lock", revisions)
    pairs = [(one, anatomy.safety_of(hub.fetch(one), one.files)) for one in revisions]
    assert {consent.by for consent in check_consent(root / "revisions.lock", pairs).values()} == {"pytest-damover"}
