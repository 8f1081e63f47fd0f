import os

import pytest

from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.domain.revision import FileEntry
from pytest_damover.hubs._tree import check_manifest, scan, verify

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
