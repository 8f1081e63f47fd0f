"""T6: each check of a tree, taken out, lets some tampered tree through; so each of them is needed and tested."""

import inspect
import os
import types

import pytest

from pytest_damover.domain.errors import DamoverError
from pytest_damover.hubs import _hashing, _tree


def extra(folder):
    (folder / "more.py").write_text("")


def missing(folder):
    (folder / "a.json").unlink()


def changed(folder):
    (folder / "net" / "b.pt").write_bytes(b"B")


def hard_linked(folder):
    os.link(folder / "a.json", folder.parent / "another-name")


def empty_folder(folder):
    (folder / "plugins").mkdir()


# what is taken out -> module, what its source has, what the mutant has instead, the tree that only this check refuses
MUTATIONS = {
    "what does not belong": (_tree, "if odd or path not in expected\n", "if odd\n", extra),
    "what is missing": (_tree, "sorted(expected.keys() - listed.keys())", "()", missing),
    "what has other bytes": (_tree, "if sha256 != wanted.sha256:", "if False:", changed),
    "what has more names": (_hashing, "if state.st_nlink != 1:", "if False:", hard_linked),
    "what is empty": (_tree, "if prefix and not entries:", "if False:", empty_folder),
}


def mutant(module, old, new):
    """`_hashing` and `_tree` with `new` for the one `old` in the source of `module`."""
    spaces = {}
    for known in (_hashing, _tree):
        source = inspect.getsource(known)
        if known is module:
            assert source.count(old) == 1, f"{source.count(old)} times {old!r}: mend the table"
            source = source.replace(old, new)
        spaces[known] = types.ModuleType(known.__name__)
        exec(compile(source, f"<{known.__name__}, mutated>", "exec"), spaces[known].__dict__)
    for name in ("OddFileError", "kind_of", "mapped", "size_and_sha256"):
        setattr(spaces[_tree], name, getattr(spaces[_hashing], name))
    return spaces[_hashing], spaces[_tree]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "v1" / "net").mkdir(parents=True)
    (tmp_path / "v1" / "a.json").write_bytes(b"a")
    (tmp_path / "v1" / "net" / "b.pt").write_bytes(b"b")
    return tmp_path / "v1"


@pytest.mark.parametrize("name", MUTATIONS)
def test_t6_without_a_check_a_tampered_tree_gets_through(folder, name):
    module, old, new, tamper = MUTATIONS[name]
    _, without = mutant(module, old, new)
    files = _tree.scan(folder, "v1")
    tamper(folder)
    with pytest.raises(DamoverError):
        _tree.verify(folder, files, "v1")
    assert without.verify(folder, files, "v1") == folder


def test_t6_without_the_check_bytecode_would_be_part_of_a_revision(folder):
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "a.pyc").write_bytes(b"")
    _, without = mutant(_tree, "if BYTECODE_FOLDER in path.split", "if False and path.split")
    assert len(without.scan(folder, "v1")) == 3
    with pytest.raises(DamoverError, match="__pycache__ was left by Python"):
        _tree.scan(folder, "v1")


def test_t6_without_the_flag_a_swapped_file_would_be_followed(folder):
    without, _ = mutant(_hashing, 'getattr(os, "O_NOFOLLOW", 0) |', "")
    (folder / "same").symlink_to("a.json")
    assert without.size_and_sha256(folder, "same")[0] == 1
    with pytest.raises(OSError, match="symbolic links"):
        _hashing.size_and_sha256(folder, "same")
