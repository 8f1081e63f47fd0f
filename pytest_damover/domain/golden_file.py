"""Which golden is meant: by who asks, its name, the revision's family, and what the detections were made on."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pytest_damover.domain.detection import Detections
from pytest_damover.domain.golden_result import Tolerance
from pytest_damover.domain.revision import Revision
from pytest_damover.domain.semver import parse_version

GOLDEN_SCHEMA = 1
DEFAULT_PRECISION = "fp32"
PLAIN = re.compile(r"[a-z0-9_][a-z0-9_-]{0,99}")
PATH = re.compile(
    r"(?P<family>[a-z0-9_][a-z0-9_-]*)/(?P<folder>cases|tests)/(?P<name>[a-z0-9_][a-z0-9_-]*)"
    r"\.(?P<device>cpu|cuda)(?:-(?P<gpu>[a-z0-9_-]+))?\.(?P<precision>[a-z0-9_][a-z0-9_-]*)\.json"
)


class Asker(str, Enum):
    """Who asks for a golden; each kind has names of its own."""

    CASE = "case"
    TEST = "test"

    @property
    def folder(self) -> str:
        """Where its goldens lie in their family's folder."""
        return f"{self.value}s"


@dataclass(frozen=True, slots=True, order=True)
class Setting:
    """What detections depend on beside revision and image: `cpu` or `cuda`, the GPU's name ('' unknown), `fp32` …"""

    device: str
    gpu: str
    precision: str

    @classmethod
    def of(cls, device: str, facts: Mapping[str, Any]) -> Setting:
        """Of a run on `device` (`cpu`, `cuda:N`), with what the loader tells of the model; no precision is `fp32`."""
        kind = device.partition(":")[0]
        gpu, precision = facts.get("device_name"), facts.get("precision")
        return cls(
            kind,
            file_slug(gpu) if kind == "cuda" and isinstance(gpu, str) and gpu else "",
            file_slug(precision) if isinstance(precision, str) and precision else DEFAULT_PRECISION,
        )

    @property
    def file_part(self) -> str:
        """`cpu.fp32`, `cuda-nvidia-h200.fp16`."""
        return f"{self.device}-{self.gpu}.{self.precision}" if self.gpu else f"{self.device}.{self.precision}"

    def __str__(self) -> str:
        return f"{self.device} ({self.gpu}) {self.precision}" if self.gpu else f"{self.device} {self.precision}"


@dataclass(frozen=True, slots=True)
class GoldenKey:
    """One golden of a suite."""

    asker: Asker
    name: str
    family: str
    setting: Setting

    @property
    def group(self) -> tuple[str, str, str]:
        """What must be the same for one golden to stand in for another: family, folder and name, as files have them."""
        return file_slug(self.family), self.asker.folder, file_slug(self.name)

    @property
    def path(self) -> str:
        """Its file, relative to `golden/<suite>/`."""
        return f"{'/'.join(self.group)}.{self.setting.file_part}.json"


@dataclass(frozen=True, slots=True)
class StoredGolden:
    """A golden as its path tells it."""

    path: str
    group: tuple[str, str, str]
    setting: Setting

    @classmethod
    def at(cls, path: str) -> StoredGolden | None:
        """The golden at a path relative to `golden/<suite>/`; None where no golden can lie."""
        found = PATH.fullmatch(path)
        if found is None:
            return None
        setting = Setting(found["device"], found["gpu"] or "", found["precision"])
        return cls(path, (found["family"], found["folder"], found["name"]), setting)


@dataclass(frozen=True, slots=True)
class Golden:
    """What a golden's file holds; `image_sha256` is None where the test did not show which image it was."""

    key: GoldenKey
    revision: str
    revision_digest: str
    image_sha256: str | None
    tolerance: Tolerance
    detections: Detections

    def to_json(self) -> dict[str, Any]:
        """Plain data, as `damover schema golden` has it; numbers are not rounded, for rounding makes ties."""
        setting = self.key.setting
        return {
            "schema": GOLDEN_SCHEMA,
            "asked_by": self.key.asker.value,
            "name": self.key.name,
            "family": self.key.family,
            "device": setting.device,
            "gpu": setting.gpu,
            "precision": setting.precision,
            "revision": self.revision,
            "revision_digest": self.revision_digest,
            "image_sha256": self.image_sha256,
            "tolerance": {
                "box_px": self.tolerance.box_px,
                "score": self.tolerance.score,
                "reason": self.tolerance.reason,
            },
            "detections": self.detections.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Golden:
        """The inverse of `to_json`, of data that its schema accepted; ValueError for lists of unequal length."""
        detections = Detections.from_json(data["detections"])
        count = len(detections.labels)
        if detections.boxes.shape != (count, 4) or detections.scores.shape != (count,):
            raise ValueError(f"{len(detections.boxes)} boxes, {len(detections.scores)} scores, {count} labels")
        setting = Setting(data["device"], data["gpu"], data["precision"])
        return cls(
            key=GoldenKey(Asker(data["asked_by"]), data["name"], data["family"], setting),
            revision=data["revision"],
            revision_digest=data["revision_digest"],
            image_sha256=data["image_sha256"],
            tolerance=Tolerance(**data["tolerance"]),
            detections=detections,
        )


def family_of(revision: Revision) -> str:
    """`v2` for a revision whose tag is a version 2.x, else the revision's own name: it is a family by itself."""
    version = parse_version(revision.tag)
    return revision.name if version is None else f"v{version.core[0]}"


def file_slug(text: str) -> str:
    """A file name for any text: itself where it is plain, else what is plain of it and a digest that tells it apart.

    Upper case is not plain: some file systems take `A.json` and `a.json` for one file.
    """
    if PLAIN.fullmatch(text):
        return text
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:12]
    plain = re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-")[:60]
    return f"{plain}-{digest}" if plain else digest


def nearest(stored: Iterable[StoredGolden], wanted: GoldenKey) -> StoredGolden | None:
    """The golden to compare with: of the same family and name, made on the most similar setting; None: there is none.

    The same precision counts before the same kind of device, that before the same GPU: rounding to half precision moves
    detections further than another device's order of additions. Of several that are as near, the first by name is
    taken.
    """
    here = wanted.setting
    return min(
        (one for one in stored if one.group == wanted.group),
        key=lambda one: (
            one.setting.precision != here.precision,
            one.setting.device != here.device,
            one.setting.gpu != here.gpu,
            one.setting,
        ),
        default=None,
    )
