"""A revision of a few tensors that nothing has to load, and detectors that answer what a test says."""

import json
import pickle

import numpy as np
import pytest

from pytest_damover.domain.detection import Detections
from pytest_damover.domain.revision import Revision
from pytest_damover.hubs._tree import scan

CONFIG = """\
from easydict import EasyDict

model = EasyDict(
    name="weights.safetensors.bin",
    class_map="class_map.pkl",
    backbone=EasyDict(name="TinyNAS_csp", structure_file="net/structure.txt", out_indices=(2, 3, 4), with_spp=True),
    neck=dict(depth=0.5, act=None),
)
dataset = EasyDict(size_divisibility=32, class_names=["phone"])
train = EasyDict(lr=0.1)
"""
CONFIGURATION = {
    "framework": "pytorch",
    "task": "domain-specific-object-detection",
    "model": {"type": "tinynas-damoyolo"},
    "preprocessor": {"type": "object-detection-tinynas-preprocessor", "size_divisible": 32},
    "pipeline": {"type": "tinynas-detection"},
    "allow_remote": True,
    "plugins": ["evil"],
    "trust_remote_code": True,
    "note": "kept",
}
TENSORS = {
    "module.head.weight": np.arange(6, dtype="<f4").reshape(2, 3),
    "head.seen": np.array(7, dtype="<i8"),
    "head.module.bias": np.array([], dtype="<f4"),
}
DTYPES = {"<f4": "F32", "<i8": "I64"}


def write_weights(path, tensors):
    """Plain safetensors, which the original may hold as well."""
    header, data = {}, b""
    for name, array in tensors.items():
        start = len(data)
        data += array.tobytes()
        offsets = [start, len(data)]
        header[name] = {"dtype": DTYPES[array.dtype.str], "shape": array.shape, "data_offsets": offsets}
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


@pytest.fixture
def original(tmp_path):
    """Writes the original with some files replaced, and returns its revision and folder."""

    def write(tag="v1", **replaced):
        folder = tmp_path / "hub" / tag
        (folder / "net").mkdir(parents=True)
        (folder / "configuration.json").write_text(json.dumps(replaced.get("configuration", CONFIGURATION)))
        (folder / "damoyolo.py").write_text(replaced.get("config", CONFIG))
        (folder / "net" / "structure.txt").write_text("[{'class': 'ConvKXBNRELU'}]")
        (folder / "class_map.pkl").write_bytes(pickle.dumps(replaced.get("class_map", {1: [{"name": "手机"}]})))
        write_weights(folder / "weights.safetensors.bin", replaced.get("tensors", TENSORS))
        (folder / "README.md").write_text("# the original\n")
        (folder / "LICENSE").write_text("Apache-2.0\n")
        return Revision(f"my-{tag}", tag, "acme/phones", "local:/somewhere", "c0ffee", scan(folder, tag)), folder

    return write


PHONE = Detections.of([[1.0, 2.0, 30.0, 40.0], [5.0, 5.0, 9.0, 9.0]], [0.9, 0.5], ("phone", "phone"))


class Answering:
    """A detector that finds the same in every image, with what `facts` says."""

    def __init__(self, detections=PHONE, **facts):
        self.detections = detections
        self.facts = {"loader": "data", **facts}
        self.raw = None
        self.seen = []

    def __call__(self, image):
        self.seen.append(image.key)
        return self.detections

    def close(self):
        pass


class Runner:
    """Gives the original's detector and then the twin's; `on_load` is told each folder."""

    def __init__(self, *detectors, on_load=lambda _: None):
        self.detectors = list(detectors)
        self.on_load = on_load
        self.loaded = {}

    def load(self, revision_name, folder, *, beside=False):
        assert beside
        self.on_load(folder)
        self.loaded[revision_name] = folder
        return self.detectors.pop(0)

    def unload(self, revision_name):
        self.loaded.pop(revision_name, None)

    def close(self):
        pass
