"""Recorded detections instead of a model: the shipped fake that tests, docs and dry runs use.

A revision's folder holds `detections.json`:

    {"detections": {"images/a.jpg": {"boxes": [[x1, y1, x2, y2]], "scores": [0.9], "labels": ["phone"]}},
     "default": {"boxes": [], "scores": [], "labels": []},
     "latency_ms": 2.5, "batch_ms": 4}

An image is looked up by its key (path relative to the suite), then by its SHA-256. `default` answers for all others
and may be absent; `latency_ms` makes every call take that long and may be absent. With `batch_ms` it takes several
images in one call, which takes that long, however many they are.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pytest_damover.detectors._device import choose_device
from pytest_damover.domain.detection import Detections, check_contract
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.images import Image

RUNS_CODE = False
FILE_NAME = "detections.json"
_SHA256 = re.compile(r"[0-9a-f]{64}")
TIMES = ("latency_ms", "batch_ms")
KEYS = frozenset({"detections", "default", *TIMES})


class ReplayDetector:
    """Answers from a record; a file is only read when something is recorded by SHA-256."""

    def __init__(self, recorded: Mapping[str, Any], where: str, device: str) -> None:
        self.raw = recorded
        batches = "batch_ms" in recorded
        facts = {"detector": "replay", "device": device, **({"batches": True} if batches else {})}
        self.facts: Mapping[str, Any] = MappingProxyType(facts)
        self._recorded = recorded["detections"]
        self._has_hashes = any(_SHA256.fullmatch(key) for key in self._recorded)
        self._default = recorded.get("default")
        self._latency_s = recorded.get("latency_ms", 0) / 1000
        self._batch_s = recorded.get("batch_ms", 0) / 1000
        self._where = where
        self._built: dict[str, Detections] = {}

    def __call__(self, image: Image) -> Detections:
        """The recorded detections of `image`; `DamoverError` names the key when nothing is recorded for it."""
        if self._latency_s:
            time.sleep(self._latency_s)
        return self._known(image)

    def batch(self, images: Sequence[Image]) -> tuple[Detections, ...]:
        """The recorded detections of each of `images`, after `batch_ms`."""
        time.sleep(self._batch_s)
        return tuple(map(self._known, images))

    def close(self) -> None:
        """Forget the record."""
        self._built.clear()

    def _known(self, image: Image) -> Detections:
        known = self._built.get(image.key)
        return self._build(image) if known is None or not image.key else known

    def _build(self, image: Image) -> Detections:
        data = self._recorded.get(image.key) if image.key else None
        if data is None and self._has_hashes:
            data = self._recorded.get(image.sha256)
        data = self._default if data is None else data
        if data is None:
            raise DamoverError(self._missing(image))
        found = _detections(data, f"{self._where} {image.key}")
        detections = check_contract(found, sys.maxsize, sys.maxsize)  # a record does not know the image's size
        if image.key:
            self._built[image.key] = detections
        return detections

    def _missing(self, image: Image) -> Fault:
        first = ", ".join(sorted(self._recorded)[:5])
        more = f" and {len(self._recorded) - 5} more" if len(self._recorded) > 5 else ""
        found = f"nothing is recorded for {image.key or image.sha256!r}"
        allowed = first + more or "nothing is recorded"
        return Fault(Code.DETECTIONS, self._where, found, allowed, 'add it or a "default"')


def resolve_device(asked: str) -> str:
    """A record runs on no device at all; it is called `cpu`, and asking for a GPU is refused."""
    return choose_device(asked, lambda: 0)


def gpus() -> tuple[str, ...]:
    """A record runs on none."""
    return ()


def preload() -> None:
    """Nothing is slow to import."""


def load(folder: Path, device: str) -> ReplayDetector:
    """Read `detections.json` of `folder`; nothing runs on `device`, see `resolve_device`."""
    where = f"{folder.name}/{FILE_NAME}"
    try:
        recorded = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _broken(where, f"cannot be read ({error})") from error
    if not isinstance(recorded, dict) or not isinstance(recorded.get("detections"), dict) or recorded.keys() - KEYS:
        raise _broken(where, "not a record of detections")
    for name in TIMES:
        takes_ms = recorded.get(name, 0)
        if not isinstance(takes_ms, (int, float)) or not 0 <= takes_ms < 60_000:
            raise _broken(where, f"{name} {takes_ms!r}")
    return ReplayDetector(recorded, where, resolve_device(device))


def _detections(data: Any, where: str) -> Detections:
    try:
        return Detections.from_json(data)
    except (KeyError, TypeError, ValueError) as error:
        raise _broken(where, f"not detections ({type(error).__name__}: {error})") from error


def _broken(where: str, found: str) -> DamoverError:
    one = '{"boxes": [...], "scores": [...], "labels": [...]}'
    allowed = f'{{"detections": {{KEY: {one}}}, "default"?, "latency_ms"?, "batch_ms"?}}'
    return DamoverError(Fault(Code.LOAD, where, found, allowed, "see pytest_damover/detectors/replay.py"))
