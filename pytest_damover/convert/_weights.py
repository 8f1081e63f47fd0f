"""Tensors as one safetensors file: https://github.com/huggingface/safetensors#format.

Written here and not by that package, whose own `serialize` takes other arguments in each version: the same tensors must
always give the same bytes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any

from pytest_damover.anatomy import TensorBytes

_HEADER_LENGTH_BYTES = 8
_PREFIX_OF_PARALLEL_TRAINING = "module."


def safetensors_bytes(tensors: Iterable[TensorBytes]) -> bytes:
    """The file; names lose every `module.` and the last of two equal names counts, as when DAMO-YOLO loads weights.

    Widest elements first, so that each tensor begins at a multiple of its element's size.
    """
    named = {tensor.name.replace(_PREFIX_OF_PARALLEL_TRAINING, ""): tensor for tensor in tensors}
    ordered = sorted(named.items(), key=lambda item: (-_element_bytes(item[1]), item[0]))
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for name, tensor in ordered:
        end = offset + len(tensor.data)
        header[name] = {"dtype": tensor.dtype, "shape": list(tensor.shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _HEADER_LENGTH_BYTES)
    return b"".join([len(text).to_bytes(_HEADER_LENGTH_BYTES, "little"), text, *(tensor.data for _, tensor in ordered)])


def _element_bytes(tensor: TensorBytes) -> int:
    return len(tensor.data) // max(1, math.prod(tensor.shape))
