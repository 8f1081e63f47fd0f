"""Put a scene together: surface, things, phones, whatever lies on top of them, light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.scenes.camera import Pose
from tools.scenes.canvas import Canvas, Layer, Sprite, project
from tools.scenes.clutter import draw_clutter, draw_cover
from tools.scenes.hands import draw_holding_hand
from tools.scenes.light import expose
from tools.scenes.look_alikes import draw_look_alike
from tools.scenes.phones import draw_phone
from tools.scenes.spec import SUPERSAMPLING, SceneSpec
from tools.scenes.surfaces import draw_surface

LEAST_VISIBLE = 0.38
"""No phone keeps less of itself than this, so every phone in a picture is one that a person would label."""
COVERED = (0.18, 0.58)
ATTEMPTS = 14


@dataclass(frozen=True, slots=True)
class PhoneFact:
    """What is known about one phone: box x1, y1, x2, y2 of what can be seen, in image pixels."""

    box: tuple[float, float, float, float]
    visible_share: float
    lit: bool


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished scene."""

    rgb: NDArray[np.uint8]
    phones: tuple[PhoneFact, ...]

    @property
    def boxes(self) -> NDArray[np.float32]:
        """All boxes, shape (phones, 4)."""
        return np.array([phone.box for phone in self.phones], dtype=np.float32).reshape(-1, 4)


def render(seed: int, spec: SceneSpec) -> Rendered:
    """Draw the scene of a seed; the same seed and spec give the same bytes."""
    return _Scene(np.random.default_rng(seed), spec).finish()


class _Scene:
    """One scene under construction; its random generator is drawn from in a fixed order."""

    def __init__(self, rng: np.random.Generator, spec: SceneSpec) -> None:
        self.rng = rng
        self.spec = spec
        width, height = spec.width_px * SUPERSAMPLING, spec.height_px * SUPERSAMPLING
        self.short = min(width, height)
        steepest = np.radians(12.0 if spec.clear else spec.max_tilt_deg)
        self.tilt = float(rng.uniform(0, steepest))
        self.roll = float(rng.normal(0, 0.06))
        direction = rng.uniform(0, 2 * np.pi)
        self.light = (float(np.cos(direction)), float(np.sin(direction)))
        self.canvas = Canvas(draw_surface(rng, width, height, self.tilt))
        self.length = float(rng.uniform(*spec.phone_length)) * self.short

    def finish(self) -> Rendered:
        """Draw from the bottom up."""
        rng, spec = self.rng, self.spec
        clutter, alike = int(rng.integers(spec.clutter[0], spec.clutter[1] + 1)), self._count(spec.look_alikes)
        below = int(rng.integers(0, clutter + 1))
        for _ in range(below):
            self._scatter(*draw_clutter(rng))
        for _ in range(alike):
            self._scatter(*draw_look_alike(rng))
        for number in range(self._count(spec.phones)):
            self._add_phone(number)
        if spec.occluded:
            for index in range(len(self.canvas.phones)):
                self._cover(index)
        for _ in range(clutter - below):
            self._scatter(*draw_clutter(rng))
        rgb = expose(rng, self.canvas, spec.night, SUPERSAMPLING)
        return Rendered(rgb, self._facts())

    def _count(self, span: tuple[int, int]) -> int:
        return int(self.rng.integers(span[0], span[1] + 1))

    def _pose(self, length: float, texture: int, held: bool = False) -> Pose:
        rng, (width, height) = self.rng, self.canvas.size
        edge = 0.12 if self.spec.truncation else 0.5
        inset = min(edge * length, 0.45 * self.short)
        x, y = rng.uniform(inset, width - inset), rng.uniform(inset, height - inset)
        angle = rng.uniform(-np.pi, np.pi)
        tilt_x, tilt_y = self.tilt, self.roll
        if held:
            angle = rng.normal(0, 0.45)
            tilt_x, tilt_y = rng.uniform(-0.2, 0.6), rng.uniform(-0.75, 0.75)
            # Low enough that the arm leaves the picture instead of ending in the air.
            y = height - rng.uniform(0.4, 0.9) * length
        if self.spec.clear:
            x, y = width * rng.uniform(0.4, 0.6), height * rng.uniform(0.44, 0.56)
            angle = rng.normal(0, 0.35)
        return Pose(
            float(x), float(y), float(angle), float(tilt_x), float(tilt_y), length / texture, 2.2 * max(width, height)
        )

    def _scatter(self, sprite: Sprite, relative: float) -> None:
        """Put something anywhere it hides no phone too much."""
        length = relative * self.length * self.rng.uniform(0.9, 1.1)
        for _ in range(ATTEMPTS):
            pose = self._pose(length, max(sprite.rgba.shape[:2]))
            seen = project(sprite, pose, self.canvas.size, self.light)
            least = 0.85 if not self.spec.occluded else LEAST_VISIBLE
            if seen is not None and self.canvas.share_left_visible(seen[0]) >= min(least, self._least_now()):
                self.canvas.paint(seen[0])
                return

    def _least_now(self) -> float:
        """An already covered phone may not lose anything more, but must not block everything else either."""
        return min((phone.visible_share for phone in self.canvas.phones), default=1.0)

    def _add_phone(self, number: int) -> None:
        rng = self.rng
        held = not self.spec.clear and bool(rng.random() < self.spec.held_share) and number == 0
        sprite, lit = draw_phone(rng, 0.0 if self.spec.clear else 0.22, self._lit_share())
        texture = sprite.rgba.shape[0]
        if held:
            sprite.lift = 30
        hand = draw_holding_hand(rng, sprite.rgba.shape[1], texture) if held else None
        for _ in range(ATTEMPTS):
            length = self.length * rng.uniform(0.85, 1.15)
            pose = self._pose(length, texture, held)
            seen = project(sprite, pose, self.canvas.size, self.light)
            if seen is None or not self._acceptable(*seen):
                continue
            self._paint_at(hand[0] if hand else None, pose)
            self.canvas.paint_phone(seen[0], seen[1], lit)
            self._paint_at(hand[1] if hand else None, pose)
            return

    def _lit_share(self) -> float:
        """In the dark people mostly look at phones that are on."""
        if self.spec.clear:
            return 1.0
        return 0.8 if self.spec.night else 0.62

    def _acceptable(self, layer: Layer, area: float) -> bool:
        inside = float((layer.alpha > 0.5).sum()) / area
        least_inside = 0.6 if self.spec.truncation else 0.97
        overlap = self.canvas.share_left_visible(layer)
        return inside >= least_inside and overlap >= min(0.72, self._least_now())

    def _paint_at(self, sprite: Sprite | None, pose: Pose) -> None:
        if sprite is None:
            return
        seen = project(sprite, pose, self.canvas.size, self.light)
        if seen is not None:
            self.canvas.paint(seen[0])

    def _cover(self, index: int) -> None:
        """Lay something across a phone until a stated share of it is hidden."""
        rng, phone = self.rng, self.canvas.phones[index]
        rows, columns = np.nonzero(phone.visible)
        for _ in range(3 * ATTEMPTS):
            if phone.visible_share <= 1 - COVERED[0] or len(rows) == 0:
                return
            sprite, relative = draw_cover(rng)
            pick = int(rng.integers(len(rows)))
            length = relative * self.length
            pose = self._pose(length, max(sprite.rgba.shape[:2]))
            offset = rng.uniform(0, 0.45) * length
            turn = rng.uniform(0, 2 * np.pi)
            centre = (float(columns[pick] + offset * np.cos(turn)), float(rows[pick] + offset * np.sin(turn)))
            pose = Pose(*centre, pose.angle, pose.tilt_x, pose.tilt_y, pose.scale, pose.focal)
            seen = project(sprite, pose, self.canvas.size, self.light)
            if seen is None:
                continue
            hidden = (phone.visible[seen[0].window] & (seen[0].alpha > 0.5)).sum() / phone.area
            left = self.canvas.share_left_visible(seen[0])
            if COVERED[0] <= hidden <= COVERED[1] and left >= min(LEAST_VISIBLE, self._least_now()):
                self.canvas.paint(seen[0])

    def _facts(self) -> tuple[PhoneFact, ...]:
        facts = []
        for phone in self.canvas.phones:
            rows, columns = np.nonzero(phone.visible.any(axis=1))[0], np.nonzero(phone.visible.any(axis=0))[0]
            x1, x2 = columns[0] / SUPERSAMPLING, (columns[-1] + 1) / SUPERSAMPLING
            y1, y2 = rows[0] / SUPERSAMPLING, (rows[-1] + 1) / SUPERSAMPLING
            box = (float(x1), float(y1), float(x2), float(y2))
            facts.append(PhoneFact(box, round(phone.visible_share, 4), phone.lit))
        return tuple(facts)
