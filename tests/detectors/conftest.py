"""A ModelScope repository with an untrained DAMO-YOLO of a few thousand parameters, as the real pipeline loads it."""

import json
import pickle
from pathlib import Path

import pytest

from pytest_damover.convert import write_twin
from pytest_damover.domain.revision import Revision
from pytest_damover.hubs._tree import scan

CONFIG = """\
from easydict import EasyDict

model = EasyDict(
    name="weights.pt",
    class_map="class_map.pkl",
    backbone=EasyDict(
        name="TinyNAS_csp", structure_file="structure.txt", out_indices=(2, 3, 4), with_spp=False, use_focus=True,
        act="relu", reparam=False,
    ),
    neck=EasyDict(
        name="GiraffeNeckV2", depth=0.34, hidden_ratio=1.0, in_channels={channels}, out_channels={channels},
        act="relu", spp=False, block_name="BasicBlock_3x3_Reverse",
    ),
    head=EasyDict(
        name="ZeroHead", num_classes=1, in_channels={channels}, stacked_convs=0, reg_max=8, act="silu",
        nms_conf_thre={threshold}, nms_iou_thre=0.7,
    ),
)
dataset = EasyDict(size_divisibility=32)
"""
CONFIGURATION = {
    "framework": "pytorch",
    "task": "domain-specific-object-detection",
    "model": {"type": "tinynas-damoyolo"},
    "preprocessor": {"type": "object-detection-tinynas-preprocessor", "size_divisible": 32},
    "pipeline": {"type": "tinynas-detection"},
}


def write_repository(folder, width, threshold=0.005, seed=0):
    """Write a loadable repository whose channels are multiples of `width`."""
    torch = pytest.importorskip("torch")
    folder.mkdir(parents=True)
    a, b, c = 2 * width, 4 * width, 8 * width
    structure = [
        {"class": "ConvKXBNRELU", "in": 3, "k": 3, "out": width, "s": 1},
        *(
            {"class": "SuperResConvK1KX", "L": 1, "btn": width, "in": i, "k": 3, "out": o, "s": s}
            for i, o, s in ((width, width, 2), (width, a, 2), (a, b, 2), (b, b, 1), (b, c, 2))
        ),
    ]
    (folder / "configuration.json").write_text(json.dumps(CONFIGURATION))
    (folder / "damoyolo.py").write_text(CONFIG.format(channels=[a, b, c], threshold=threshold))
    (folder / "structure.txt").write_text(repr(structure))
    (folder / "class_map.pkl").write_bytes(pickle.dumps({1: [{"name": "phone"}]}))
    torch.manual_seed(seed)
    torch.save({"model": _untrained(folder)}, folder / "weights.pt")
    return folder


def _untrained(folder):
    from modelscope.models.cv.tinynas_detection import detector, utils

    config = utils.parse_config(folder / "damoyolo.py").model
    config.backbone.structure_file = str(folder / config.backbone.structure_file)
    parts = {
        "backbone": detector.build_backbone(config.backbone),
        "neck": detector.build_neck(config.neck),
        "head": detector.build_head(config.head),
    }
    return {f"{part}.{key}": value for part, module in parts.items() for key, value in module.state_dict().items()}


@pytest.fixture(scope="session")
def two_repositories(tmp_path_factory):
    """Two revisions with different widths and thresholds: a mixed-up configuration cannot go unnoticed."""
    pytest.importorskip("modelscope.pipelines")
    root = tmp_path_factory.mktemp("repositories")
    return write_repository(root / "v1", 8), write_repository(root / "v2", 12, threshold=0.01, seed=1)


@pytest.fixture(scope="session")
def shipped_repository():
    """The first trained revision of this project's own hub, when it is there."""
    folder = Path(__file__).parents[2] / "hub" / "demo" / "damoyolo_phone" / "v1.0.0"
    if not (folder / "configuration.json").is_file():
        pytest.skip("hub/demo/damoyolo_phone/v1.0.0 is not in this checkout")
    return folder


def _twin_of(folder, target):
    revision = Revision(folder.name, folder.name, "demo/damoyolo_phone", "local", None, scan(folder, folder.name))
    return write_twin(revision, folder, target)


@pytest.fixture(scope="session")
def two_twins(two_repositories, tmp_path_factory):
    """The two repositories as data."""
    root = tmp_path_factory.mktemp("twins")
    return tuple(_twin_of(folder, root / folder.name) for folder in two_repositories)


@pytest.fixture(scope="session")
def shipped_twin(shipped_repository, tmp_path_factory):
    """The shipped revision as data."""
    return _twin_of(shipped_repository, tmp_path_factory.mktemp("shipped") / "v1.0.0")


@pytest.fixture
def record(tmp_path):
    """Writes a replay folder and returns it."""

    def write(data, name="v1"):
        folder = tmp_path / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "detections.json").write_text(json.dumps(data))
        return folder

    return write
