"""A process that has imported ahead is forked for each revision: the children must work, be quick and begin clean."""

import json
import os
import subprocess
import sys

import pytest

from pytest_damover import detectors

PARENT = """
import json, os, sys, threading, time
from pathlib import Path
from pytest_damover import detectors

detectors.preload("modelscope")
import torch

tasks = len(os.listdir("/proc/self/task"))
threads = torch.get_num_threads(), sys.modules["cv2"].getNumThreads()
print(json.dumps([threading.active_count(), tasks, torch.cuda.is_initialized(), *threads]), flush=True)
for folder in sys.argv[1:]:
    child = os.fork()
    if child == 0:
        known, began = set(sys.modules), time.process_time()
        detector = detectors.load_detector("modelscope", Path(folder), "cpu")
        took_s = time.process_time() - began
        import numpy as np
        from pytest_damover.images import open_image
        picture = np.random.default_rng(0).integers(0, 255, (90, 110, 3), dtype=np.uint8)
        found = detector(open_image(picture)).to_json()
        print(json.dumps([took_s, sorted(set(sys.modules) - known), found]), flush=True)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.modelscope
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="forks and reads /proc")
def test_two_children_in_turn_load_and_run_without_further_imports(two_repositories):
    command = [sys.executable, "-c", PARENT, *map(str, two_repositories)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MODELSCOPE_")}
    environment = {key: value for key, value in environment.items() if key not in detectors.ONE_THREAD}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    parent, *children = [json.loads(line) for line in done.stdout.splitlines()]
    assert parent == [1, 1, False, 1, 1]
    assert len(children) == 2
    assert children[0][2] != children[1][2]
    for took_s, imported, found in children:
        assert took_s < 0.5
        assert len(imported) < 5
        assert found["boxes"]


def test_nothing_is_imported_ahead_for_a_record():
    code = (
        "import sys; from pytest_damover import detectors; detectors.preload('replay'); print('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
