"""A home is removed whatever the model's code left in it."""

import os
import subprocess
import sys

import pytest

from pytest_damover.runners._clearing import clear_away

DEPTH = 3000


def nested(folder, depth):
    """That many folders in one another, a file in the last."""
    folder.mkdir()
    here = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)


def test_a_folder_of_any_depth_is_removed(tmp_path):
    nested(tmp_path / "home", DEPTH)
    clear_away(tmp_path / "home")
    assert not any(tmp_path.iterdir())


def test_names_like_those_that_are_used_on_the_way_are_removed(tmp_path):
    home = tmp_path / "home"
    for place in (".clearing-1/a/.clearing-2", ".clearing-2/b", "c/.clearing-1/d"):
        (home / place).mkdir(parents=True)
        (home / place / "file").touch()
    clear_away(home)
    assert not any(tmp_path.iterdir())


def test_no_link_is_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    home = tmp_path / "home"
    home.mkdir()
    (home / "folder").symlink_to(outside)
    (home / "file").symlink_to(outside / "kept")
    (tmp_path / "link").symlink_to(outside)
    clear_away(home)
    clear_away(tmp_path / "link")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "outside"]
    assert (outside / "kept").exists()


def test_what_is_not_there_is_no_fault(tmp_path):
    clear_away(tmp_path / "home")


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such modes there")
@pytest.mark.parametrize("mode", [0o300, 0o500, 0o000], ids=oct)
def test_a_folder_that_nobody_may_look_into_is_removed(tmp_path, mode):
    home = tmp_path / "home"
    (home / "hidden/inner").mkdir(parents=True)
    (home / "hidden/inner/file").touch()
    for folder in (home, home / "hidden", home / "hidden/inner"):
        os.chown(folder, *(2 * [os.getuid() or 65534]))
    (home / "hidden/inner").chmod(mode)
    (home / "hidden").chmod(mode)
    tmp_path.chmod(0o777)
    script = (
        "import os, sys; from pathlib import Path; from pytest_damover.runners._clearing import clear_away; "
        "os.getuid() or (os.setgid(65534), os.setuid(65534)); clear_away(Path('home'))"
    )  # root may look into everything, so it becomes somebody else
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)
    assert not list(home.rglob("*"))
