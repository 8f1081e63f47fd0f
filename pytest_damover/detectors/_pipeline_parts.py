"""The parts of a ModelScope pipeline: where its phases begin, and one forward of its network for several images.

Nothing is computed otherwise: the pipeline's own methods run, and are only watched. A DAMO-YOLO's `forward` of the
pipeline holds the network and what makes boxes of its output, so the phases part at the model's own `postprocess`.

`pipeline(images, batch_size=n)` is of no use here: with DAMO-YOLO it raises a TypeError for every n, for `_batch` of
modelscope 1.40.2 joins tensors and the preprocessor makes arrays; without `batch_size` it loops. So a batch is made of
the same parts as a single call: preprocess each image, one `forward` of the network, `postprocess` of each row.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from pytest_damover.domain.timing.phases import FORWARD, POSTPROCESS

INPUT = "img"


@contextlib.contextmanager
def watched(pipeline: Any, mark: Callable[[str], None]) -> Iterator[None]:
    """Within it, a call of the pipeline says `mark` when its network begins and when it has ended."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(_marked(pipeline, "forward", FORWARD, mark))
        stack.enter_context(_marked(pipeline.model, "postprocess", POSTPROCESS, mark))
        yield


def can_batch(pipeline: Any) -> bool:
    """True when its model makes boxes of each row of what its network gives, so that there may be many rows."""
    return all(callable(getattr(pipeline.model, name, None)) for name in ("backbone", "neck", "head", "postprocess"))


def batch(pipeline: Any, images_bgr: Sequence[Any]) -> list[Any]:
    """The pipeline's answers for arrays (H, W, 3) of one size, from one forward of its network."""
    torch = sys.modules["torch"]
    ready = np.concatenate([pipeline.preprocess(image)[INPUT] for image in images_bgr])
    rows = pipeline.model.forward(torch.from_numpy(ready).to(pipeline.device))
    return [pipeline.postprocess(pipeline.model.postprocess(rows[place : place + 1])) for place in range(len(rows))]


@contextlib.contextmanager
def _marked(owner: Any, name: str, phase: str, mark: Callable[[str], None]) -> Iterator[None]:
    """Put a function before the method `name` of one object that marks and calls it; afterwards it is as before."""
    method, own = getattr(owner, name), vars(owner).get(name)

    def call(*args: Any, **kwargs: Any) -> Any:
        mark(phase)
        return method(*args, **kwargs)

    setattr(owner, name, call)
    try:
        yield
    finally:
        delattr(owner, name)
        if own is not None:
            setattr(owner, name, own)
