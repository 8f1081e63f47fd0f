"""Training and validation scenes, rendered once and kept as JPEG bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from tools import scenes as scenes_package
from tools.scenes import render
from tools.scenes.recipes import KINDS, recipe

KIND_SHARES = (0.3, 0.2, 0.22, 0.18, 0.1)
NIGHT_SHARE = 0.4
TRAINING_SIZE = (224, 224)
VALIDATION_SIZE = (320, 240)


@dataclass(frozen=True, slots=True)
class Scene:
    """One labelled picture."""

    jpeg: bytes
    boxes: NDArray[np.float32]
    kind: str
    night: bool

    def pixels(self) -> NDArray[np.uint8]:
        """RGB."""
        decoded = cv2.imdecode(np.frombuffer(self.jpeg, dtype=np.uint8), cv2.IMREAD_COLOR)
        return np.ascontiguousarray(decoded[..., ::-1]).astype(np.uint8)


def draw_scene(seed: int, size: tuple[int, int]) -> Scene:
    """The scene of a seed; its kind and its hour follow from the seed too."""
    rng = np.random.default_rng([seed, 77])
    kind = KINDS[int(rng.choice(len(KINDS), p=KIND_SHARES))]
    night = bool(rng.random() < NIGHT_SHARE)
    drawn = render(seed, recipe(kind, night, *size))
    stream = io.BytesIO()
    Image.fromarray(drawn.rgb).save(stream, "JPEG", quality=int(rng.integers(72, 93)))
    return Scene(stream.getvalue(), drawn.boxes, kind, night)


def load_or_draw(folder: Path, seeds: Sequence[int], size: tuple[int, int], workers: int) -> list[Scene]:
    """Scenes of the seeds, from the cache in ``folder`` where the renderer has not changed since."""
    key = sha256(f"{seeds[0]}:{len(seeds)}:{size}:{_renderer_digest()}".encode()).hexdigest()[:16]
    path = folder / f"scenes_{key}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with ProcessPoolExecutor(workers) as pool:
            jobs = pool.map(draw_scene, seeds, [size] * len(seeds), chunksize=16)
            drawn = list(tqdm(jobs, total=len(seeds), desc="rendering", unit="scene", mininterval=5))
        _save(path, drawn)
    return _load(path)


def _renderer_digest() -> str:
    folder = Path(str(scenes_package.__file__)).parent
    return sha256(b"".join(file.read_bytes() for file in sorted(folder.glob("*.py")))).hexdigest()


def _save(path: Path, drawn: list[Scene]) -> None:
    arrays = {
        "bytes": np.frombuffer(b"".join(scene.jpeg for scene in drawn), dtype=np.uint8),
        "lengths": np.array([len(scene.jpeg) for scene in drawn]),
        "boxes": np.concatenate([scene.boxes for scene in drawn]),
        "counts": np.array([len(scene.boxes) for scene in drawn]),
        "kinds": np.array([scene.kind for scene in drawn]),
        "night": np.array([scene.night for scene in drawn]),
    }
    temporary = path.with_suffix(".tmp.npz")
    np.savez(temporary, **arrays)
    temporary.replace(path)


def _load(path: Path) -> list[Scene]:
    with np.load(path) as stored:
        data = {name: stored[name] for name in stored.files}
    ends, box_ends = np.cumsum(data["lengths"]), np.cumsum(data["counts"])
    return [
        Scene(
            data["bytes"][end - length : end].tobytes(),
            data["boxes"][box_end - count : box_end],
            str(kind),
            bool(night),
        )
        for end, length, box_end, count, kind, night in zip(
            ends, data["lengths"], box_ends, data["counts"], data["kinds"], data["night"], strict=True
        )
    ]
