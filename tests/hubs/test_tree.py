import os

import pytest

from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.domain.revision import FileEntry
from pytest_damover.hubs import _hashing
from pytest_damover.hubs._tree import check_manifest, scan, verify

MODEL, CONFIG = "demo/phone", "configuration.json"
BAD_PATHS = ("", "/etc/passwd", "../x", "a/../x", "a//x", "./x", "a\\x", "C:x", "a\0x", "caf\udce9.bin", "\ud800")


@pytest.mark.parametrize("path", BAD_PATHS, ids=ascii)
def test_a_path_that_a_hub_must_not_list_is_refused_in_printable_words(path):
    with pytest.raises(DamoverError) as refusal:
        check_manifest([FileEntry(path, 0, "")], "demo/phone v1")
    assert refusal.value.faults[0].code is Code.REVISION_TREE
    assert str(refusal.value).encode()


@pytest.mark.parametrize("path", ["a", "net/weights.pt", "夜间/a b.txt", "a/b:c"])
def test_a_path_inside_the_folder_is_taken(path):
    entry = FileEntry(path, 0, "")
    assert check_manifest([entry], "demo/phone v1") == (entry,)


@pytest.fixture
def odd(tmp_path):
    """A folder with a file whose name is no UTF-8."""
    (tmp_path / "good.txt").write_text("good")
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.bin")).write_text("odd")
    except OSError:
        pytest.skip("this file system has no such names")
    return tmp_path


def test_a_file_name_that_is_not_utf_8_is_refused_by_name(odd):
    with pytest.raises(DamoverError, match=r"the name of caf\\udce9\.bin is not UTF-8") as refusal:
        scan(odd, "demo/phone v1")
    assert str(refusal.value).encode()


def test_a_file_name_that_is_not_utf_8_does_not_belong_to_a_revision(odd):
    files = scan_without_odd(odd)
    with pytest.raises(DamoverError, match=r"caf\\udce9\.bin does not belong") as refusal:
        verify(odd, files, "demo/phone v1")
    assert str(refusal.value).encode()


def scan_without_odd(folder):
    odd = folder / os.fsdecode(b"caf\xe9.bin")
    odd.rename(folder.parent / "aside")
    files = scan(folder, "demo/phone v1")
    (folder.parent / "aside").rename(odd)
    return files


@pytest.fixture
def swapped(monkeypatch):
    """A function that runs `swap` between the look at a tree and the opening of its files."""

    def arrange(swap):
        honest = _hashing._open

        def late(folder, path):
            swap()
            return honest(folder, path)

        monkeypatch.setattr(_hashing, "_open", late)

    return arrange


def test_t6_a_file_swapped_for_a_link_after_the_look_is_not_followed(local, tmp_path, swapped):
    revision = local.resolve(MODEL, "v1")
    config = tmp_path / "hub" / MODEL / "v1" / CONFIG
    (tmp_path / "same.json").write_bytes(config.read_bytes())

    def swap():
        config.unlink(missing_ok=True)
        config.symlink_to(tmp_path / "same.json")
        swapped(lambda: None)

    swapped(swap)
    with pytest.raises(DamoverError, match=r"configuration\.json cannot be read"):
        local.fetch(revision)


def test_t6_a_folder_swapped_for_a_link_after_the_look_is_not_followed(local, tmp_path, swapped):
    revision = local.resolve(MODEL, "v1")
    net = tmp_path / "hub" / MODEL / "v1" / "net"

    def swap():
        if not net.is_symlink():
            net.rename(tmp_path / "same-net")
            net.symlink_to(tmp_path / "same-net", target_is_directory=True)

    swapped(swap)
    with pytest.raises(DamoverError, match=r"net/weights\.pt cannot be read"):
        local.fetch(revision)


def test_t6_a_file_that_grows_while_it_is_read_is_refused(local, tmp_path, monkeypatch):
    revision = local.resolve(MODEL, "v1")
    config = tmp_path / "hub" / MODEL / "v1" / CONFIG
    honest, states = os.fstat, []

    def fstat(descriptor):
        state = honest(descriptor)
        if state.st_size == 2:
            states.append(state)
            config.write_bytes(b"{} ")
        return state

    monkeypatch.setattr(_hashing.os, "fstat", fstat)
    with pytest.raises(DamoverError, match=r"configuration\.json was changed while it was read"):
        local.fetch(revision)
    assert states


def test_large_trees_are_hashed_in_threads_and_judged_alike(tmp_path, monkeypatch):
    for number in range(6):
        (tmp_path / f"{number}.bin").write_bytes(bytes([number]) * 100_000)
    plain = scan(tmp_path, "here")
    monkeypatch.setattr(_hashing, "_WORTH_THREADS_BYTES", 0)
    monkeypatch.setattr(_hashing.os, "cpu_count", lambda: 4)
    assert scan(tmp_path, "here") == plain
    assert verify(tmp_path, plain, "here") == tmp_path
    for name in ("2.bin", "4.bin"):
        (tmp_path / name).write_bytes(b"x" * 100_000)
    with pytest.raises(DamoverError) as refusal:
        verify(tmp_path, plain, "here")
    assert [fault.found.split()[0] for fault in refusal.value.faults] == ["2.bin", "4.bin"]
