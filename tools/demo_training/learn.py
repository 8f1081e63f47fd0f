"""The training loop: DAMO-YOLO's own losses, AdamW, one cycle, a moving average of the weights."""

from __future__ import annotations

import time
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
from modelscope.models.cv.tinynas_detection.damo.base_models.backbones import build_backbone
from modelscope.models.cv.tinynas_detection.damo.base_models.heads import build_head
from modelscope.models.cv.tinynas_detection.damo.base_models.necks import build_neck
from modelscope.models.cv.tinynas_detection.damo.structures.bounding_box import BoxList
from modelscope.models.cv.tinynas_detection.utils import parse_config
from torch import nn
from tqdm import tqdm

from tools.demo_training.augment import augmented
from tools.demo_training.repo_folder import STRUCTURE_FILE, WEIGHTS_FILE
from tools.demo_training.revisions import DemoRevision
from tools.demo_training.scene_cache import Scene

EMA_DECAY = 0.998
Batch = tuple[torch.Tensor, list[BoxList]]


class Detector(nn.Module):
    """Backbone, neck and head under the names that modelscope's DamoYolo expects in the weights file."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        config = parse_config(folder / "damoyolo.py").model
        config.backbone.structure_file = str(folder / STRUCTURE_FILE)
        self.backbone = build_backbone(config.backbone)
        self.neck = build_neck(config.neck)
        self.head = build_head(config.head)
        self.head.nms = False
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eps, module.momentum = 1e-3, 0.03

    def loss(self, images: torch.Tensor, labels: list[BoxList]) -> torch.Tensor:
        """The head's own total loss."""
        total: torch.Tensor = self.head(self.neck(self.backbone(images)), labels=labels)["total_loss"]
        return total


def train(revision: DemoRevision, scenes: list[Scene], folder: Path, first_weights: Path | None) -> float:
    """Train in ``folder`` (its skeleton is there already), write the weights, return the seconds it took."""
    torch.set_num_threads(1)
    torch.manual_seed(revision.seed)
    model = Detector(folder)
    model.head.init_weights()
    if first_weights is not None:
        model.load_state_dict(torch.load(first_weights, weights_only=True)["model"])
    average = deepcopy(model)
    optimiser = torch.optim.AdamW(model.parameters(), lr=revision.peak_rate, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, revision.peak_rate, total_steps=revision.steps, pct_start=0.1, final_div_factor=100
    )
    model.train()
    started = time.monotonic()
    progress = tqdm(total=revision.steps, desc=revision.name, unit="step", mininterval=10)
    for step, (images, labels) in enumerate(_batches(revision, scenes)):
        loss = model.loss(images, labels)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimiser.step()
        schedule.step()
        _follow(average, model, min(EMA_DECAY, (1 + step) / (10 + step)))
        progress.update()
        if step % 20 == 0:
            progress.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
    progress.close()
    torch.save({"model": average.state_dict()}, folder / WEIGHTS_FILE)
    return time.monotonic() - started


def _batches(revision: DemoRevision, scenes: list[Scene]) -> Iterator[Batch]:
    """Exactly ``revision.steps`` batches, the scenes shuffled anew in each pass."""
    rng = np.random.default_rng(revision.seed)
    order: list[int] = []
    for _ in range(revision.steps):
        while len(order) < revision.batch:
            order.extend(rng.permutation(len(scenes)).tolist())
        picked, order = order[: revision.batch], order[revision.batch :]
        pairs = [augmented(rng, scenes[i].pixels(), scenes[i].boxes, revision.augmentation) for i in picked]
        images = torch.from_numpy(np.stack([image.transpose(2, 0, 1) for image, _ in pairs]))
        yield images, [_labels(boxes, images.shape[-1]) for _, boxes in pairs]


def _labels(boxes: np.ndarray, size: int) -> BoxList:
    labels = BoxList(torch.from_numpy(boxes.reshape(-1, 4)), (size, size))
    labels.add_field("labels", torch.ones(len(boxes), dtype=torch.long))
    return labels


@torch.no_grad()
def _follow(average: nn.Module, model: nn.Module, decay: float) -> None:
    ours, theirs = average.state_dict(), model.state_dict()
    for name, value in ours.items():
        if value.dtype.is_floating_point:
            value.mul_(decay).add_(theirs[name], alpha=1 - decay)
        else:
            value.copy_(theirs[name])
