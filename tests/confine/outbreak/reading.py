"""Attempts to read what is nobody else's business."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from world import SECRET, World, canary, want


@canary("environment")
def own_variables(_world: World) -> None:
    want(SECRET in os.environ.get("TOKEN", "") or SECRET.encode() in Path("/proc/self/environ").read_bytes())


@canary("environment")
def variables_of_a_program_it_starts(_world: World) -> None:
    want(SECRET in subprocess.run(["/bin/sh", "-c", "env"], capture_output=True, text=True, check=True).stdout)


@canary("reading")
def private_key(world: World) -> None:
    want((world.outside / "id_ed25519").read_text() == SECRET)


@canary("reading")
def project_by_a_program(world: World) -> None:
    shown = subprocess.run(["/bin/cat", str(world.victim)], capture_output=True, text=True, check=False).stdout
    want(shown == SECRET)


@canary("reading")
def project_by_a_new_python(world: World) -> None:
    code = f"print(open({str(world.victim)!r}).read(), end='')"
    python = shutil.which("python3", path="/usr/bin") or sys.executable
    want(subprocess.run([python, "-IS", "-c", code], capture_output=True, text=True, check=False).stdout == SECRET)


@canary("reading")
def project_by_a_grandchild(world: World) -> None:
    reading, writing = os.pipe()
    if os.fork() == 0:
        if os.fork() == 0:
            try:
                os.write(writing, world.victim.read_bytes())
            finally:
                os._exit(0)
        os._exit(0)
    os.close(writing)
    want(os.read(reading, 64) == SECRET.encode())


@canary("reading")
def project_by_a_symbolic_link(world: World) -> None:
    (world.home / "link").symlink_to(world.victim)
    want((world.home / "link").read_text() == SECRET)


@canary("reading")
def project_by_a_hard_link(world: World) -> None:
    (world.home / "hard").hardlink_to(world.victim)
    want((world.home / "hard").read_text() == SECRET)


@canary("reading")
def project_by_the_root_of_a_process(world: World) -> None:
    want(Path(f"/proc/{world.bystander}/root/{world.victim}").read_text() == SECRET)


@canary("reading")
def names_in_the_project(world: World) -> None:
    want("victim.txt" in [path.name for path in world.outside.iterdir()])


@canary("reading")
def temporary_files_of_others(_world: World) -> None:
    tuple(Path("/tmp").iterdir())


@canary("reading")
def passwords_of_the_system(_world: World) -> None:
    Path("/etc/shadow" if os.getuid() == 0 else "/etc/fstab").read_text()


@canary("reading")
def command_line_of_a_process(world: World) -> None:
    want(Path(f"/proc/{world.bystander}/cmdline").read_bytes().startswith(b"/bin/sleep"))
