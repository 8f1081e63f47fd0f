"""`.ci/run` takes its commands from the README."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / ".ci/run"

pytestmark = pytest.mark.skipif(not (shutil.which("bash") and shutil.which("awk")), reason="needs bash and awk")


def test_it_is_a_strict_executable_script():
    assert os.access(SCRIPT, os.X_OK)
    assert SCRIPT.read_text(encoding="utf-8").splitlines()[0] == "#!/usr/bin/env bash"
    assert "\nset -euo pipefail\n" in SCRIPT.read_text(encoding="utf-8")
    subprocess.run(["bash", "-n", str(SCRIPT)], check=True)


@pytest.mark.parametrize("number", [1, 2])
def test_it_finds_the_blocks_of_the_readme(english, number):
    function = re.search(r"^block\(\) \{.*?^\}$", SCRIPT.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert function is not None
    command = ["bash", "-c", f"{function.group()}\nblock {number}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == english.blocks_in("sh")[number - 1]
