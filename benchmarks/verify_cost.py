"""What it costs to know which bytes were judged.

    python benchmarks/verify_cost.py [--revisions v1.0.0,v2.1.0] [--rounds 3]

Three questions. How much of a whole demo run (`pytest --revisions A,B`, a process of its own) goes into hashing: each
revision is read into a manifest, verified before it is loaded and again after the run. What a second fetch from an
unchanged store asks of the hub: a fake hub on loopback serves the demo's files to the real client and counts. How fast
a revision of realistic size is verified: 200 MB in one file and in eight, read from the page cache.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType

from pytest_damover import hubs
from pytest_damover.hubs._tree import scan, verify

ROOT = Path(__file__).parent.parent
MODEL = "demo/damoyolo_phone"
LIMIT_PERCENT = 3.0
SYNTHETIC_BYTES = 200_000_000


def seconds(function: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def checked(names: list[str]) -> None:
    """Everything that a run of `names` does to know its bytes: resolve, verify before, verify after."""
    hub = hubs.open_hub("local", ROOT)
    revisions = [hubs.resolve(hub, MODEL, name, {}) for name in names]
    folders = [hub.fetch(revision) for revision in revisions]
    for folder, revision in zip(folders, revisions, strict=True):
        verify(folder, revision.files, revision.name)


def demo_run(names: list[str]) -> None:
    """One whole run as the README starts it, without other plugins."""
    plain = [sys.executable, "-m", "pytest", "-q", "-p", "pytest_damover.plugin.hooks"]
    command = [*plain, "--revisions", ",".join(names)]
    environment = {**os.environ, "MODELSCOPE_LOG_LEVEL": "40", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    if done.returncode not in (0, 1, 20):
        raise SystemExit(f"the run ended {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")


def share_of_a_run(names: list[str], rounds: int) -> None:
    demo_run(names)  # not counted: it reads every library from the disk
    checks_s = statistics.median(seconds(lambda: checked(names)) for _ in range(max(rounds, 5)))
    run_s = statistics.median(seconds(lambda: demo_run(names)) for _ in range(rounds))
    share = 100 * checks_s / run_s
    print(f"hashing and verifying: {checks_s * 1000:.1f} ms of a run of {run_s:.1f} s")
    print(f"that is {share:.2f} % (wanted: below {LIMIT_PERCENT:.0f} %)")
    if share >= LIMIT_PERCENT:
        raise SystemExit("too dear")


def fake_hub_module() -> ModuleType:
    """The tests' server, which speaks the hub's protocol."""
    path = ROOT / "tests/hubs/conftest.py"
    spec = importlib.util.spec_from_file_location("fake_hub", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def second_fetch(name: str) -> None:
    """What the hub is asked for when the store has the revision already."""
    module = fake_hub_module()
    os.environ.update(module.NO_WAITING)
    server, folder = module.FakeHub(), ROOT / "hub" / MODEL / name
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    server.publish("tags", name, files)
    with tempfile.TemporaryDirectory() as store:
        hub = hubs.open_hub(f"modelscope:{server.endpoint}", ROOT, Path(store))
        revision = hub.resolve(module.MODEL, name)
        first_s, first = seconds(lambda: hub.fetch(revision)), len(server.downloads())
        requests = len(server.requests)
        second_s, again = seconds(lambda: hub.fetch(revision)), len(server.requests) - requests
    server.close()
    print(f"first fetch: {first} downloads, {first_s:.2f} s; second: {again} requests, {second_s * 1000:.1f} ms")
    if again or first != len(files):
        raise SystemExit("a second fetch must ask nothing")


def throughput() -> None:
    """GB/s of `scan` and `verify` on synthetic revisions."""
    block = os.urandom(1 << 20)
    for count in (1, 8):
        with tempfile.TemporaryDirectory() as place:
            folder, size = Path(place), SYNTHETIC_BYTES // count
            for number in range(count):
                (folder / f"{number}.bin").write_bytes((block * (size // len(block) + 1))[:size])
            files = scan(folder, "synthetic")
            took = min(seconds(partial(verify, folder, files, "synthetic")) for _ in range(5))
            print(f"200 MB in {count} file(s): {took:.2f} s, {SYNTHETIC_BYTES / took / 1e9:.2f} GB/s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--revisions", default="v1.0.0,v2.1.0")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    names = options.revisions.split(",")
    throughput()
    second_fetch(names[0])
    share_of_a_run(names, options.rounds)


if __name__ == "__main__":
    main()
