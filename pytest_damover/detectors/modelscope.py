"""The real ModelScope pipeline on a verified local folder.

The pipeline gets a folder and never a name, so there is no revision keyword to mis-spell. It gets the pixels that
`images.py` decoded, turned from RGB to the BGR that it takes arrays in, once. A DAMO-YOLO repository is code: loading
it imports its `damoyolo.py` and unpickles its class map and weights. A twin of one (`_twin.py`) is data.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from pytest_damover.detectors import _pipeline_parts, _twin
from pytest_damover.detectors._device import choose_device
from pytest_damover.detectors._twin_files import claims_to_be_twin
from pytest_damover.domain.detection import Detections, check_contract
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.images import Image

RUNS_CODE = True
TASK = "domain-specific-object-detection"
CPU_THREADS = 1
PRECISIONS = {"float32": "fp32", "float16": "fp16", "bfloat16": "bf16"}
_LOG_LEVEL = "MODELSCOPE_LOG_LEVEL"
_CONFIG_MODULE = "_tempconfig"
_IMPORTED_BY_A_LOAD = (
    "modelscope.models.cv.tinynas_detection.tinynas_damoyolo",
    "modelscope.pipelines.cv.tinynas_detection_pipeline",
    "modelscope.preprocessors.image",
    "modelscope.fileio.format.jsonplus",
    "modelscope.utils.model_type_helper",
    "safetensors.torch",
    "torch.utils.serialization.config",
)
_LOADING = threading.Lock()


class ModelScopeDetector:
    """A loaded pipeline; `raw` is the pipeline itself."""

    def __init__(self, pipeline: Any, facts: Mapping[str, Any], inference_mode: Callable[[], Any]) -> None:
        self.raw = pipeline
        self.facts = MappingProxyType(dict(facts))
        self._inference_mode = inference_mode

    def __call__(self, image: Image) -> Detections:
        """Detections of one image, cut to the image (see `cut_to_image`) and checked against the output contract.

        Box edges are rounded to a thousandth of a pixel, which says all that a box means and halves the journal; scores
        are not rounded, for that would make ties.
        """
        with self._inference_mode():
            output = self.raw(image.pixels[:, :, ::-1])
        return _detections(output, image)

    def phases(self, mark: Callable[[str], None]) -> contextlib.AbstractContextManager[None]:
        """Within it, a call says when its forward and its postprocess phase begin; see `_pipeline_parts`."""
        return _pipeline_parts.watched(self.raw, mark)

    def batch(self, images: Sequence[Image]) -> tuple[Detections, ...]:
        """What is found in each of several images of one size, by one forward of the network for all of them."""
        with self._inference_mode():
            outputs = _pipeline_parts.batch(self.raw, [image.pixels[:, :, ::-1] for image in images])
        return tuple(_detections(output, image) for output, image in zip(outputs, images, strict=True))

    def close(self) -> None:
        """Let go of the pipeline."""
        self.raw = None


def resolve_device(asked: str) -> str:
    """`cpu` or `cuda:N` as torch has it; see `choose_device`. Imports torch unless `cpu` is asked for."""
    with _quiet():
        return choose_device(asked, lambda: int(_import_torch().cuda.device_count()))


def gpus() -> tuple[str, ...]:
    """The UUIDs of the GPUs as NVML names them, in torch's order."""
    with _quiet():
        torch = _import_torch()
    return tuple(_uuid(torch, index) for index in range(torch.cuda.device_count()))


def preload() -> None:
    """Import torch, ModelScope and what loading a DAMO-YOLO imports later; see `detectors.preload`."""
    with _LOADING, _quiet():
        torch = _import_torch()
        for module in _IMPORTED_BY_A_LOAD:
            import_module(module)
        _pin_threads(torch)


def load(folder: Path, device: str) -> ModelScopeDetector:
    """Load the repository in `folder` with `modelscope.pipelines.pipeline`; torch is pinned to one CPU thread.

    One thread, because a busy neighbour multiplies the latency of two by 4 to 20 and leaves one alone.
    """
    with _LOADING, _quiet():
        torch = _import_torch()
        chosen = resolve_device(device)
        _pin_threads(torch)
        if chosen.startswith("cuda"):
            torch.cuda.set_device(chosen)  # what asks torch for no device, to wait or for memory, means this one
        is_twin = claims_to_be_twin(folder)
        pipeline = _load_pipeline(folder, chosen, _twin.load_pipeline if is_twin else _run_repository)
        facts = {**_facts(pipeline, chosen, torch), "loader": "data" if is_twin else "code"}
    return ModelScopeDetector(pipeline, facts, torch.inference_mode)


def cut_to_image(detections: Detections, width_px: int, height_px: int) -> Detections:
    """Cut boxes at the image's border and drop those of which nothing is left.

    DAMO-YOLO pads an image to a multiple of 32 and never clips, so a box may reach over the border or lie in the
    padding; ground truth ends at the border, and so must what is compared with it. Broken boxes (NaN, x2 <= x1)
    are left as they are, for the contract to refuse.
    """
    boxes = detections.boxes
    if boxes.ndim != 2 or boxes.shape[1] != 4 or len(boxes) == 0:
        return detections
    limits = np.array([width_px, height_px, width_px, height_px], dtype=np.float64)
    cut = np.clip(boxes, 0.0, limits)
    if (cut == boxes).all():
        return detections
    sound = np.isfinite(boxes).all(axis=1) & (boxes[:, 0] < boxes[:, 2]) & (boxes[:, 1] < boxes[:, 3])
    cut[~sound] = boxes[~sound]
    kept = ~sound | ((cut[:, 0] < cut[:, 2]) & (cut[:, 1] < cut[:, 3]))
    labels = tuple(label for label, keep in zip(detections.labels, kept, strict=False) if keep)
    return Detections(cut[kept], detections.scores[kept], labels)


def _detections(output: Any, image: Image) -> Detections:
    boxes = np.round(np.asarray(output["boxes"], dtype=np.float64), 3)
    found = Detections.of(boxes, output["scores"], tuple(map(str, output["labels"])))
    return check_contract(cut_to_image(found, image.width_px, image.height_px), image.width_px, image.height_px)


def _load_pipeline(folder: Path, device: str, build: Callable[[Path, str], Any]) -> Any:
    try:
        loaded = build(folder.resolve(), device)
        loaded.prepare_model()
    except DamoverError:
        raise
    except Exception as error:  # the repository's own code runs here and may raise anything
        found = f"does not load as {TASK} ({type(error).__name__}: {error})"
        raise DamoverError(Fault(Code.LOAD, folder.name, found, "a ModelScope repository of that task")) from error
    if str(loaded.device) != device:
        found = f"{device} was asked for and the pipeline is on {loaded.device}"
        raise DamoverError(Fault(Code.DEVICE, "device", found, "the device that was asked for"))
    return loaded


def _run_repository(folder: Path, device: str) -> Any:
    from modelscope.pipelines import pipeline

    with _own_config_module():
        return pipeline(TASK, model=str(folder), device=device, trust_remote_code=True)


@contextlib.contextmanager
def _own_config_module() -> Iterator[None]:
    """ModelScope imports every `damoyolo.py` under one module name with an edited `sys.path`; leave neither behind.

    Nor does a `__pycache__` of what it imports in turn come to lie among the files that were verified.
    """
    path, writes_none = list(sys.path), sys.dont_write_bytecode
    sys.modules.pop(_CONFIG_MODULE, None)
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.dont_write_bytecode = writes_none
        sys.modules.pop(_CONFIG_MODULE, None)
        sys.path[:] = path


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence ModelScope's chatter while it loads; errors still come through."""
    before = os.environ.get(_LOG_LEVEL)
    logger = logging.getLogger("modelscope")
    level = logger.level if "modelscope" in sys.modules else logging.ERROR
    os.environ[_LOG_LEVEL] = str(logging.ERROR)  # read once, while modelscope is imported
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
        os.environ.pop(_LOG_LEVEL)
        if before is not None:
            os.environ[_LOG_LEVEL] = before


def _import_torch() -> Any:
    try:
        import modelscope.pipelines  # noqa: F401 - fail here, with one readable fault
        import torch
    except ImportError as error:
        found = f"the ModelScope pipeline cannot be imported ({error})"
        next_step = "pip install 'pytest-damover[modelscope]'"
        raise DamoverError(Fault(Code.LOAD, "detector modelscope", found, next_step=next_step)) from error
    return torch


def _pin_threads(torch: Any) -> None:
    torch.set_num_threads(CPU_THREADS)
    cv2 = sys.modules.get("cv2")  # imported by ModelScope
    if cv2 is not None:
        cv2.setNumThreads(CPU_THREADS)


def _facts(pipeline: Any, device: str, torch: Any) -> dict[str, Any]:
    """What the results depend on beside the files; thresholds as the loaded model really has them."""
    from importlib.metadata import version

    model = pipeline.model
    on_gpu = device.startswith("cuda")
    return {
        "detector": "modelscope",
        "device": device,
        "device_name": torch.cuda.get_device_name(device) if on_gpu else "cpu",
        **({"gpu_uuid": _uuid(torch, device)} if on_gpu else {}),
        "threads": torch.get_num_threads(),
        "precision": precision_of(model),
        "score_threshold": _number(getattr(model, "conf_thre", None)),
        "nms_iou_threshold": _number(getattr(model, "nms_thre", None)),
        "classes": _number(getattr(model, "num_classes", None)),
        "batches": _pipeline_parts.can_batch(pipeline),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "versions": {name: version(name) for name in ("torch", "torchvision", "modelscope", "numpy")},
    }


def _uuid(torch: Any, device: str | int) -> str:
    return f"GPU-{torch.cuda.get_device_properties(device).uuid}"


def precision_of(model: Any) -> str:
    """Of the first parameter that is no integer: `fp32`, `fp16`, `bf16`, else as torch calls it."""
    kinds = (str(parameter.dtype) for parameter in model.parameters() if parameter.is_floating_point())
    first = next(kinds, "torch.float32").removeprefix("torch.")
    return PRECISIONS.get(first, first)


def _number(value: Any) -> float | int | None:
    return value if isinstance(value, (int, float)) else None
