"""The real pipeline in a free and in a confined child; a program for `test_real_pipeline.py`.

The host imports, then forks, as the runner does. What a planted revision managed to do, it leaves in its own home.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import modelscope.pipelines  # noqa: F401 - what the runner's host imports before it forks

from pytest_damover import confine as confinement
from pytest_damover.detectors import load_detector
from pytest_damover.images import open_image

MEMORY_BYTES = 4 << 30


def detect(folder: Path, image: Path, confined: bool) -> dict[str, object]:
    """Digest of the detections, the state of the guards, and what the revision's own code left in its home."""
    home = Path(tempfile.mkdtemp(prefix="damover-home-"))
    picture = open_image(image)
    assert picture.pixels.size
    answer, answering = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        state = confinement.confine(home, [folder], False, MEMORY_BYTES).to_json() if confined else None
        os.environ["HOME"] = str(home)
        detector = load_detector("modelscope", folder, "cpu")
        found = detector(picture)
        digest = hashlib.sha256(found.boxes.tobytes() + found.scores.tobytes()).hexdigest()
        left = home / "planted.json"
        planted = json.loads(left.read_text()) if left.exists() else None
        result = {"boxes": len(found.boxes), "digest": digest, "state": state, "planted": planted}
        os.write(answering, json.dumps(result).encode())
        os._exit(0)
    os.close(answering)
    with os.fdopen(answer) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    shutil.rmtree(home)
    return json.loads(said)


if __name__ == "__main__":
    clean, planted, image = map(Path, sys.argv[1:])
    runs = {
        "free": detect(clean, image, confined=False),
        "confined": detect(clean, image, confined=True),
        "planted and free": detect(planted, image, confined=False),
        "planted and confined": detect(planted, image, confined=True),
    }
    print(json.dumps(runs))
