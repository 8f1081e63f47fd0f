"""`damover convert`: a twin of a revision that is data and nothing else, and the proof that it finds the same.

The original is read by `anatomy` and never run here; it is run by the runner that the caller gives, which must have
the consent that it takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pytest_damover.convert._pictures import generated_images
from pytest_damover.convert._proof import Proof, prove
from pytest_damover.convert._staging import staged
from pytest_damover.convert._writing import write_files, write_twin
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.revision import Revision
from pytest_damover.hubs._tree import scan, verify
from pytest_damover.images import Image
from pytest_damover.runners import Runner

__all__ = ["Proof", "convert", "prove", "write_twin"]


def convert(revision: Revision, folder: Path, target: Path, images: Sequence[Image], runner: Runner) -> Proof:
    """Write a twin of the revision in `folder` to `target`, which must not exist, once it is proven on `images`.

    A few generated pictures are added to `images`. Original and twin are loaded side by side by `runner`. Raises
    `DamoverError` and leaves nothing at `target`: what cannot be made into data, what is found in one of the two only.
    """
    with staged(target) as staging:
        write_files(revision, folder, staging)
        files = scan(staging, "the twin")
        proof = _run_both(revision, folder, staging, [*images, *generated_images()], runner)
        verify(folder, revision.files, revision.name)  # the original's code ran beside both
        verify(staging, files, "the twin")
    return proof


def _run_both(revision: Revision, folder: Path, twin: Path, images: Sequence[Image], runner: Runner) -> Proof:
    names = revision.name, f"{revision.name} as data"
    try:
        original = runner.load(names[0], folder, beside=True)
        converted = runner.load(names[1], twin, beside=True)
        if converted.facts.get("loader") != "data":
            found = f"the twin was loaded as {converted.facts.get('loader')!r}"
            raise DamoverError(Fault(Code.LOAD, names[1], found, "'data': damover_detector = modelscope"))
        return prove(original, converted, images)
    finally:
        for name in names:
            runner.unload(name)
