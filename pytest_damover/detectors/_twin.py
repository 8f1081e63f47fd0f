"""Builds the real DAMO-YOLO model and the real pipeline around a twin, with nothing imported or unpickled from it.

`DamoYolo.__init__` would import `damoyolo.py`, unpickle the class map and call `torch.load`. So it is not called: its
parts are built by ModelScope's own builders from plain data, in the same order, and the weights are read as tensors.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pytest_damover.detectors._twin_files import STRUCTURE, WEIGHTS, Twin, read_twin


def load_pipeline(folder: Path, device: str) -> Any:
    """A `TinynasDetectionPipeline` around the twin in `folder`, which is never trusted to run code."""
    from modelscope.pipelines.cv.tinynas_detection_pipeline import TinynasDetectionPipeline

    model = build_model(read_twin(folder), device)
    return TinynasDetectionPipeline(model=model, device=device, trust_remote_code=False)


def build_model(twin: Twin, device: str) -> Any:
    """A `DamoYolo` as its own `__init__` leaves it, of a twin's config, class map and weights."""
    from modelscope.models.base.base_torch_model import TorchModel
    from modelscope.models.cv.tinynas_detection import detector
    from modelscope.models.cv.tinynas_detection.tinynas_damoyolo import DamoYolo
    from modelscope.models.cv.tinynas_detection.utils import EasyDict
    from safetensors.torch import load_file

    model = DamoYolo.__new__(DamoYolo)
    TorchModel.__init__(model, str(twin.folder), device=device, trust_remote_code=False)
    config = EasyDict(twin.config)
    if "structure_file" in config.model.backbone:
        config.model.backbone.structure_file = str(twin.folder / STRUCTURE)
    model.cfg = config
    model.label_map = dict(twin.class_map)
    model.size_divisible = config.dataset.size_divisibility
    model.num_classes = config.model.head.num_classes
    model.conf_thre = config.model.head.nms_conf_thre
    model.nms_thre = config.model.head.nms_iou_thre
    model.backbone = detector.build_backbone(config.model.backbone)
    model.neck = detector.build_neck(config.model.neck)
    model.head = detector.build_head(config.model.head)
    model.head.nms = False
    model.apply(model.init_bn)
    model.onnx_export = False
    model.load_state_dict(load_file(twin.folder / WEIGHTS), strict=True)
    return model
