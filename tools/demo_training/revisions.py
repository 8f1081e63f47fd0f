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
    """Strengths; zero switches a step off."""

    turns: bool
    scale: float
    brightness: float
    colour: float


@dataclass(frozen=True, slots=True)
class DemoRevision:
    """Everything that decides what a revision becomes."""

    name: str
    summary: str
    net: Net
    scenes: int
    with_night: bool
    steps: int
    batch: int
    peak_rate: float
    augmentation: Augmentation
    seed: int
    starts_from: str | None = None


BASE_NET = Net((16, 24, 32, 48, 96), blocks=1, neck_depth=1.0)
FAST_NET = Net((8, 16, 24, 32, 64), blocks=1, neck_depth=0.4)
MILD = Augmentation(turns=False, scale=0.0, brightness=0.1, colour=0.0)
STRONG = Augmentation(turns=True, scale=0.3, brightness=0.15, colour=0.12)

REVISIONS: tuple[DemoRevision, ...] = (
    DemoRevision("v1.0.0", "base", BASE_NET, 1000, True, 1300, 8, 2e-3, MILD, 11),
    DemoRevision("v1.1.0", "fast: a narrower net", FAST_NET, 2500, True, 2600, 8, 3e-3, STRONG, 12),
    DemoRevision("v2.0.0", "enhanced, trained without night scenes", BASE_NET, 6000, False, 5000, 8, 2e-3, STRONG, 13),
    DemoRevision("v2.1.0", "enhanced, with night scenes", BASE_NET, 6000, True, 4500, 8, 1.5e-3, STRONG, 14, "v2.0.0"),
)


def by_name(name: str) -> DemoRevision:
    """The revision of that name."""
    for revision in REVISIONS:
        if revision.name == name:
            return revision
    raise ValueError(f"unknown revision {name!r}; known: {', '.join(revision.name for revision in REVISIONS)}")
