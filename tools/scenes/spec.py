"""What a scene is asked to contain."""

from __future__ import annotations

from dataclasses import dataclass

SUPERSAMPLING = 2


@dataclass(frozen=True, slots=True)
class SceneSpec:
    """A recipe: sizes in pixels of the finished image, ranges inclusive, lengths as shares of the short side."""

    width_px: int = 320
    height_px: int = 240
    night: bool = False
    phones: tuple[int, int] = (1, 1)
    phone_length: tuple[float, float] = (0.4, 0.75)
    occluded: bool = False
    held_share: float = 0.25
    look_alikes: tuple[int, int] = (0, 1)
    clutter: tuple[int, int] = (0, 3)
    max_tilt_deg: float = 50.0
    truncation: bool = True
    clear: bool = False
    """A clear scene: the phone near the middle, screen lit, seen almost from above."""
