"""What each demo revision is: its net, its scenes, its schedule."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Net:
    """Channel widths of the five backbone stages and depth of the neck."""

    widths: tuple[int, int, int, int, int]
    blocks: int
    """Blocks in each of the three deeper stages."""
    neck_depth: float


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Strengths; zero switches a step off. ``gain`` is the range of the natural logarithm of the brightness."""

    turns: bool
    scale: float
    gain: tuple[float, float]
    offset: float
    colour: float


@dataclass(frozen=True, slots=True)
class DemoRevision:
    """Everything that decides what a revision becomes."""

    name: str
    summary: str
    net: Net
    day_scenes: int
    night_scenes: int
    steps: int
    batch: int
    peak_rate: float
    augmentation: Augmentation
    seed: int
    starts_from: str | None = None
    published: bool = True
    """False for a stage of training that others start from and nobody installs."""


BASE_NET = Net((16, 24, 32, 48, 96), blocks=1, neck_depth=1.0)
FAST_NET = Net((8, 16, 24, 32, 64), blocks=1, neck_depth=0.4)
MILD = Augmentation(turns=False, scale=0.0, gain=(-0.1, 0.1), offset=6.0, colour=0.0)
STRONG = Augmentation(turns=True, scale=0.3, gain=(-0.15, 0.15), offset=9.0, colour=0.12)
ZOOMING = Augmentation(turns=True, scale=0.4, gain=(-0.15, 0.15), offset=9.0, colour=0.12)
DAYLIGHT = Augmentation(turns=True, scale=0.2, gain=(-0.05, 0.6), offset=0.0, colour=0.03)

REVISIONS: tuple[DemoRevision, ...] = (
    DemoRevision("v1.0.0", "base", BASE_NET, 640, 960, 2400, 8, 2e-3, MILD, 11),
    DemoRevision("v1.1.0", "fast: a narrower net", FAST_NET, 1433, 1067, 2600, 8, 3e-3, STRONG, 12),
    DemoRevision("v2-day", "day scenes", BASE_NET, 3558, 0, 5000, 8, 2e-3, STRONG, 13, published=False),
    DemoRevision("v2-all", "all scenes", BASE_NET, 3558, 2442, 4500, 8, 1.5e-3, STRONG, 14, "v2-day", published=False),
    DemoRevision(
        "v2.0.0", "enhanced for daylight, without night scenes",
        BASE_NET, 3558, 0, 3000, 8, 2e-3, DAYLIGHT, 15, "v2-day",
    ),
    DemoRevision("v2.1.0", "enhanced, with night scenes", BASE_NET, 3558, 2442, 6000, 8, 1.5e-3, ZOOMING, 16, "v2-all"),
)  # fmt: skip


def by_name(name: str) -> DemoRevision:
    """The revision of that name."""
    for revision in REVISIONS:
        if revision.name == name:
            return revision
    raise ValueError(f"unknown revision {name!r}; known: {', '.join(revision.name for revision in REVISIONS)}")
