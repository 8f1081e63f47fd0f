"""What a hostile model might try, each once in a free child and once in a confined one.

Run as a program: it takes a user and a mode and prints, for every canary, whether it got out. A canary that never gets
out of a free child proves nothing, so the tests want both.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import limits  # noqa: F401 - each registers its canaries
import network  # noqa: F401
import processes  # noqa: F401
import reading  # noqa: F401
import writing  # noqa: F401
from modes import MODES, SECONDS
from world import CANARIES, MEMORY_BYTES, Proof, World, end_world, libc, make_world

from pytest_damover import confine as confinement

PATIENCE_S = 2.0


def become(user: int) -> None:
    "x".encode("idna")  # imported now, as an ordinary user may not reach this Python's folder
    if user != os.getuid():
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
        libc.prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE: as after starting a program, /proc/self is one's own again


def try_one(name: str, mode: str) -> dict[str, object]:
    root = Path(tempfile.mkdtemp(prefix="canary-"))
    world = make_world(root)
    answer, answering = os.pipe()
    child = os.fork()
    if child == 0:
        _child(name, mode, world, answering)
    os.close(answering)
    with os.fdopen(answer) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    proof = CANARIES[name].proof
    result = json.loads(said) if said else {"reached": True, "said": f"broken: ended with status {status}"}
    seen = _seen(proof, world, result["reached"]) if proof else None
    end_world(world)
    shutil.rmtree(root, ignore_errors=True)
    return {
        "guard": CANARIES[name].guard,
        **result,
        "seen": seen,
        "escaped": (result["reached"] and seen is not False) or seen is True,
    }


def _seen(proof: Proof, world: World, reached: bool) -> bool:
    """What was reached may take a moment to show."""
    deadline_s = time.monotonic() + PATIENCE_S * reached
    while not (seen := proof(world)) and time.monotonic() < deadline_s:
        time.sleep(0.01)
    return seen


def _child(name: str, mode: str, world: World, answering: int) -> None:
    signal.alarm(SECONDS)
    result: dict[str, object] = {"confinement": None}
    os.setsid()
    if mode != "free":
        memory_bytes = None if mode == "gpu" else MEMORY_BYTES // 2
        MODES[mode]()
        state = confinement.confine(world.home, [world.model], mode == "gpu", memory_bytes)
        result["confinement"] = state.to_json()
    try:
        CANARIES[name].attempt(world)
        result |= {"reached": True, "said": ""}
    except (OSError, MemoryError, subprocess.SubprocessError) as error:
        result |= {"reached": False, "said": repr(error)}
    except BaseException as error:  # a broken canary is no prevented one
        result |= {"reached": True, "said": f"broken: {error!r}"}
    os.write(answering, json.dumps(result).encode())
    os._exit(0)


def main() -> None:
    user, mode = int(sys.argv[1]), sys.argv[2]
    if mode == "names":
        print(json.dumps(sorted(CANARIES)))
        return
    names = [name for name, one in CANARIES.items() if user == 0 or not one.only_root]
    become(user)
    print(json.dumps({name: try_one(name, mode) for name in names}))


if __name__ == "__main__":
    main()
