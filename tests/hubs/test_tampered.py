"""T6: a tree that is not exactly the revision is refused with the file named, whichever hub it came from."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.domain.revision import FileEntry, Revision

MODEL = "demo/phone"
WEIGHTS, CONFIG = "net/weights.pt", "configuration.json"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and sockets of POSIX")


def extra(folder):
    (folder / "net" / "more.py").write_text("")


def missing(folder):
    (folder / CONFIG).unlink()


def changed(folder):
    (folder / WEIGHTS).chmod(0o644)
    (folder / WEIGHTS).write_bytes(b"weightS" * 100 + b"1")


def longer(folder):
    (folder / CONFIG).chmod(0o644)
    (folder / CONFIG).write_bytes(b"{} ")


def linked(folder):
    (folder / CONFIG).rename(folder.parent / "outside.json")
    (folder / CONFIG).symlink_to(folder.parent / "outside.json")


def linked_inside(folder):
    (folder / "net" / "copy.pt").symlink_to("weights.pt")


def linked_folder(folder):
    (folder / "net").rename(folder.parent / "outside-net")
    (folder / "net").symlink_to(folder.parent / "outside-net", target_is_directory=True)


def linked_root(folder):
    folder.rename(folder.parent / "outside")
    folder.symlink_to(folder.parent / "outside", target_is_directory=True)


def hard_linked(folder):
    os.link(folder / WEIGHTS, folder.parent / "another-name")


def pipe(folder):
    (folder / CONFIG).unlink()
    os.mkfifo(folder / CONFIG)


def device(folder):
    try:
        os.mknod(folder / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("devices cannot be made here")


def listening(folder):
    here = Path.cwd()
    os.chdir(folder)  # the address of a socket is short
    try:
        socket.socket(socket.AF_UNIX).bind("sock")
    finally:
        os.chdir(here)


def empty_folder(folder):
    (folder / "plugins").mkdir()


def bytecode(folder):
    (folder / "net" / "__pycache__").mkdir()
    (folder / "net" / "__pycache__" / "model.cpython-311.pyc").write_bytes(b"")


def folder_for_file(folder):
    (folder / CONFIG).unlink()
    (folder / CONFIG).mkdir()


TAMPERED = [
    (extra, r"net/more\.py does not belong"),
    (missing, r"configuration\.json is missing"),
    (changed, r"net/weights\.pt has SHA-256 \w+ instead of"),
    (longer, r"configuration\.json has 3 bytes instead of 2"),
    (linked, r"configuration\.json is not a regular file but a symbolic link"),
    (linked_inside, r"net/copy\.pt is not a regular file but a symbolic link"),
    (linked_folder, r"net is not a regular file but a symbolic link"),
    (linked_root, r"is not a folder but a symbolic link|is a symbolic link"),
    (hard_linked, r"net/weights\.pt has 2 hard links"),
    (pipe, r"configuration\.json is not a regular file but a named pipe"),
    (device, r"null is not a regular file but a device"),
    (listening, r"sock is not a regular file but a socket"),
    (empty_folder, r"plugins is an empty folder"),
    (bytecode, r"net/__pycache__/model\.cpython-311\.pyc does not belong"),
    (folder_for_file, r"configuration\.json is an empty folder"),
]
IDS = [tamper.__name__ for tamper, _ in TAMPERED]


@pytest.fixture(params=["local", "remote"])
def placed(request):
    """A hub, a revision of it, and the folder that it handed out for it."""
    hub = request.getfixturevalue(request.param)
    revision = hub.resolve(MODEL, "v1")
    return hub, revision, hub.fetch(revision)


@pytest.mark.parametrize(("tamper", "named"), TAMPERED, ids=IDS)
def test_t6_a_tampered_tree_is_refused_with_the_file_named(placed, tamper, named):
    hub, revision, folder = placed
    tamper(folder)
    with pytest.raises(DamoverError, match=named) as refusal:
        hub.fetch(revision)
    assert {fault.code for fault in refusal.value.faults} == {Code.REVISION_TREE}


UNREADABLE = [case for case in TAMPERED if case[0] not in (extra, missing, changed, longer)]


@pytest.mark.parametrize(("tamper", "named"), UNREADABLE, ids=[tamper.__name__ for tamper, _ in UNREADABLE])
def test_t6_an_odd_tree_is_not_even_resolved(local, tmp_path, tamper, named):
    tamper(tmp_path / "hub" / MODEL / "v1")
    expected = r"net/__pycache__ was left by Python" if tamper is bytecode else named
    with pytest.raises(DamoverError, match=expected) as refusal:
        local.resolve(MODEL, "v1")
    assert refusal.value.faults[0].code is Code.REVISION_TREE


def test_t6_everything_that_is_wrong_is_named_at_once(placed):
    hub, revision, folder = placed
    for tamper in (extra, hard_linked, pipe, linked_inside, empty_folder):
        tamper(folder)
    with pytest.raises(DamoverError) as refusal:
        hub.fetch(revision)
    text = str(refusal.value)
    assert len(refusal.value.faults) == 5
    assert all(name in text for name in ("net/more.py", WEIGHTS, CONFIG, "net/copy.pt", "plugins"))


def test_t6_a_revision_that_is_gone_is_refused_where_it_was_and_fetched_again_into_the_store(local, remote):
    for hub in (local, remote):
        revision = hub.resolve(MODEL, "v1")
        folder = hub.fetch(revision)
        folder.rename(folder.parent / ".elsewhere")
        if hub is remote:
            assert hub.fetch(revision) == folder
        else:
            with pytest.raises(DamoverError, match="is no folder"):
                hub.fetch(revision)


@pytest.mark.parametrize("level", ["demo", "demo/phone"])
def test_t6_a_linked_folder_above_the_revision_is_refused_and_a_linked_hub_is_not(local, tmp_path, level):
    revision = local.resolve(MODEL, "v1")
    outside = tmp_path / "outside"
    (tmp_path / "hub").rename(outside)
    (tmp_path / "hub").symlink_to(outside, target_is_directory=True)
    assert local.fetch(revision).name == "v1"
    (outside / level).rename(tmp_path / "moved")
    (outside / level).symlink_to(tmp_path / "moved", target_is_directory=True)
    for call in (lambda: local.fetch(revision), lambda: local.resolve(MODEL, "v1")):
        with pytest.raises(DamoverError, match=rf"{level} is not a folder but a symbolic link"):
            call()


BAD_PATHS = ["../evil.py", "/etc/evil", "a/../../evil", "a/..", "c:\\evil", "a//b", "", ".", "a\0b"]


@pytest.mark.parametrize("path", BAD_PATHS, ids=ascii)
def test_t6_a_manifest_whose_paths_leave_the_folder_is_refused(placed, path, tmp_path):
    hub, good, _ = placed
    files = (*good.files, FileEntry(path, 1, "0" * 64))
    revision = Revision("v1", "v1", MODEL, hub.name, good.commit, files)
    before = set(tmp_path.rglob("*"))
    with pytest.raises(DamoverError, match="the hub lists a file") as refusal:
        hub.fetch(revision)
    assert refusal.value.faults[0].code is Code.REVISION_TREE
    assert set(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("paths", "named"), [(("a", "a"), "a is listed twice"), (("a", "a/b"), "a is listed as a file and as a folder")]
)
def test_t6_a_manifest_that_contradicts_itself_is_refused(remote, paths, named):
    files = tuple(FileEntry(path, 1, f"{number}" * 64) for number, path in enumerate(paths))
    with pytest.raises(DamoverError, match=named):
        remote.fetch(Revision("v1", "v1", MODEL, remote.name, None, files))


def test_names_that_differ_in_case_are_two_files(loopback, remote):
    loopback.publish("tags", "v3", {"Net.py": b"a", "net.py": b"b"})
    folder = remote.fetch(remote.resolve(MODEL, "v3"))
    assert (folder / "net.py").read_bytes() == b"b"


RUN = [
    sys.executable,
    "-m",
    "pytest",
    "-q",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:hypothesispytest",
    "-p",
    "no:benchmark",
]
END_TO_END = [linked, linked_folder, hard_linked, pipe, empty_folder, bytecode]


@pytest.mark.slow
@pytest.mark.parametrize("tamper", END_TO_END)
def test_t6_a_run_over_a_tampered_tree_does_not_pass(judged_project, tamper):
    folder = judged_project / "hub/acme/phones/v1"
    (folder / "net").mkdir()
    (folder / WEIGHTS).write_bytes(b"weights")
    (folder / CONFIG).write_bytes(b"{}")
    tamper(folder)
    done = subprocess.run([*RUN, "--revisions", "v1,v2"], cwd=judged_project, capture_output=True, text=True)
    assert done.returncode not in (0, 1), done.stdout
    assert "[revision-tree]" in done.stdout + done.stderr
