"""The files of a ModelScope DAMO-YOLO repository folder, all but the weights and the model card."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

from tools.demo_training.revisions import Net

CLASS_NAME = "phone"
WEIGHTS_FILE = "damoyolo_phone.pt"
STRUCTURE_FILE = "structure.txt"
CLASS_MAP_FILE = "class_map.pkl"

CONFIG = '''"""DAMO-YOLO for one class; read by modelscope's DamoYolo."""

from easydict import EasyDict

model = EasyDict({{
    "name": "{weights}",
    "class_map": "{class_map}",
    "backbone": {{
        "name": "TinyNAS_csp",
        "structure_file": "{structure}",
        "out_indices": [2, 3, 4],
        "with_spp": True,
        "use_focus": True,
        "act": "relu",
        "reparam": False,
    }},
    "neck": {{
        "name": "GiraffeNeckV2",
        "depth": {depth},
        "hidden_ratio": 0.75,
        "in_channels": {channels},
        "out_channels": {channels},
        "act": "relu",
        "spp": False,
        "block_name": "BasicBlock_3x3_Reverse",
    }},
    "head": {{
        "name": "ZeroHead",
        "num_classes": 1,
        "in_channels": {channels},
        "stacked_convs": 0,
        "reg_max": 10,
        "act": "silu",
        "nms_conf_thre": 0.05,
        "nms_iou_thre": 0.6,
        "legacy": False,
    }},
}})
dataset = EasyDict({{"size_divisibility": 32}})
'''


def write_repo_skeleton(folder: Path, net: Net) -> None:
    """Write configuration, structure and class map of a net into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    configuration = {
        "framework": "pytorch",
        "task": "domain-specific-object-detection",
        "model": {"type": "tinynas-damoyolo"},
        "preprocessor": {"type": "object-detection-tinynas-preprocessor", "size_divisible": 32},
        "pipeline": {"type": "tinynas-detection"},
    }
    (folder / "configuration.json").write_text(json.dumps(configuration, indent=2) + "\n", encoding="utf-8")
    channels = list(net.widths[2:])
    config = CONFIG.format(
        weights=WEIGHTS_FILE,
        class_map=CLASS_MAP_FILE,
        structure=STRUCTURE_FILE,
        depth=net.neck_depth,
        channels=channels,
    )
    (folder / "damoyolo.py").write_text(config, encoding="utf-8")
    (folder / STRUCTURE_FILE).write_text(_structure(net), encoding="utf-8")
    # DamoYolo reads the name of class 0 as map[1][0]["name"].
    (folder / CLASS_MAP_FILE).write_bytes(pickle.dumps({1: [{"name": CLASS_NAME}]}, protocol=2))


def _structure(net: Net) -> str:
    first, second, third, fourth, fifth = net.widths
    stem = {"class": "ConvKXBNRELU", "in": 3, "k": 3, "out": first, "s": 1}

    def stage(narrow: int, wide: int, stride: int, blocks: int) -> dict[str, int | str]:
        return {
            "class": "SuperResConvK1KX", "btn": wide // 2, "in": narrow, "k": 3, "L": blocks + (stride == 2),
            "out": wide, "s": stride,
        }  # fmt: skip

    stages = [
        stage(first, second, 2, net.blocks), stage(second, third, 2, net.blocks), stage(third, fourth, 2, net.blocks),
        stage(fourth, fourth, 1, net.blocks), stage(fourth, fifth, 2, net.blocks),
    ]  # fmt: skip
    return "[\n" + ",\n".join(repr(block) for block in [stem, *stages]) + "\n]\n"
