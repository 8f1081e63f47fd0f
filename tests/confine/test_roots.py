import os
import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("the guards are Linux's", allow_module_level=True)

import pytest_damover
from pytest_damover.confine import _landlock, _roots

HOME, MODEL, ME = Path("/own"), Path("/models/v1"), 4711


def _rules(gpu=False):
    return dict(_roots.rules(HOME, [MODEL], gpu, ME))


def test_one_folder_is_its_own_and_the_model_is_read():
    rules = _rules()
    assert rules[HOME] & _landlock.WRITE_FILE
    assert rules[MODEL] == _landlock.READ
    writable = [path for path, access in rules.items() if access & _landlock.WRITE_FILE]
    assert writable == [HOME, Path("/dev/null"), Path("/dev/zero"), Path("/dev/full")]


@pytest.mark.parametrize("gpu", [False, True])
@pytest.mark.parametrize(
    "path", ["/", "/home", "/root", "/tmp", "/run", "/var", "/etc", "/proc", "/dev", "/opt", "/mnt"]
)
def test_no_rule_is_as_wide_as_that(gpu, path):
    assert Path(path) not in _rules(gpu)


def test_the_project_is_not_read_but_this_package_is_wherever_it_is():
    package = Path(pytest_damover.__file__).parent
    covered = [path for path in _rules() if package == path or package.is_relative_to(path)]
    assert covered
    assert package.parent not in _rules()
    assert Path.cwd() not in _rules()


def test_a_module_in_a_folder_of_its_own_opens_only_itself(tmp_path):
    (tmp_path / "lone.py").write_text("")
    (tmp_path / "packed").mkdir()
    (tmp_path / "packed/__init__.py").write_text("")
    code = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import lone, packed
from pytest_damover.confine import _roots
rules = dict(_roots.rules(Path("/own"), [], False, 1))
print([Path(sys.argv[1], name) in rules for name in ("", "lone.py", "packed")])
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[False, True, True]"


def test_libraries_are_read_but_no_entry_that_holds_more(monkeypatch, tmp_path):
    entries = ["/", "/home", str(Path.home()), "", "relative", str(tmp_path)]
    monkeypatch.setenv("LD_LIBRARY_PATH", os.pathsep.join(entries))
    assert list(_roots._libraries()) == [tmp_path.resolve()]


def test_a_gpu_needs_more(monkeypatch):
    monkeypatch.setattr(_roots, "_GPU_NODES", ("nul*",))
    more = _rules(gpu=True)
    assert more[Path("/dev/null")] & _landlock.IOCTL_DEV
    assert more[Path(f"/proc/{ME}/task")] & _landlock.WRITE_FILE
    assert Path("/sys") in more
    assert Path("/sys") not in _rules()
