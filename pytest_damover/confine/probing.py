"""What a confinement would be worth on this system, found by confining a process that has nothing else to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pytest_damover.confine.environment import scrubbed
from pytest_damover.domain.confinement import Confinement, Guard

SECONDS = 20.0
MEMORY_BYTES = 2**30

# the very files that this process runs, wherever they are: not what an import elsewhere might find
_BOOT = (
    "import sys, importlib.util as u; "
    "s = u.spec_from_file_location('pytest_damover', sys.argv[1]); "
    "m = u.module_from_spec(s); sys.modules['pytest_damover'] = m; s.loader.exec_module(m); "
    "from pytest_damover.confine import probing; probing.main()"
)


def probe() -> Confinement:
    """What would be in force in a child that computes on the CPU; every guard not prevented when it cannot be tried."""
    package = Path(__file__).parents[1] / "__init__.py"
    with tempfile.TemporaryDirectory(prefix="damover-") as folder:
        home = Path(folder)
        try:
            done = subprocess.run(
                [sys.executable, "-c", _BOOT, str(package)],
                env=scrubbed(os.environ, home),
                cwd=home,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                start_new_session=True,
                check=True,
            )
            return Confinement.from_json(json.loads(done.stdout))
        except subprocess.CalledProcessError as error:
            return _nothing((error.stderr.strip().splitlines() or [f"exit code {error.returncode}"])[-1])
        except (OSError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
            return _nothing(f"{type(error).__name__}: {error}")


def main() -> None:
    """Confine this process and print what is in force."""
    from pytest_damover.confine import confine

    print(json.dumps(confine(Path.cwd(), [], gpu=False, memory_bytes=MEMORY_BYTES).to_json()))


def _nothing(why: str) -> Confinement:
    return Confinement((), tuple((guard, f"it could not be tried ({why})") for guard in Guard))
