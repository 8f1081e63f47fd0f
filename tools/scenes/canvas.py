"""The picture while it is being put together: surface colours, emitted light, and which phone is where."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.scenes.camera import Pose, homography, projected_bounds

FloatImage = NDArray[np.float32]


@dataclass(slots=True)
class Sprite:
    """A flat thing with thickness: RGBA texture, optional emitted light, colour of its sides; texture pixels."""

    rgba: NDArray[np.uint8]
    emission: NDArray[np.uint8] | None = None
    thickness: float = 0.0
    side_rgb: tuple[int, int, int] = (40, 40, 44)
    shadow: float = 0.5
    lift: float = 0.0
    """How far above the surface it floats, in texture pixels: moves and softens the shadow."""


@dataclass(slots=True)
class Layer:
    """A sprite seen by the camera: its pixels in a window of the canvas, not yet painted."""

    x: int
    y: int
    rgb: FloatImage
    alpha: FloatImage
    emission: FloatImage | None
    shadow: float
    shadow_offset: tuple[float, float]
    shadow_blur: float

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the canvas that this layer covers."""
        height, width = self.alpha.shape
        return slice(self.y, self.y + height), slice(self.x, self.x + width)


@dataclass(slots=True)
class Placed:
    """A phone on the canvas: what of it can still be seen, and its whole area before anything covered or cut it."""

    visible: NDArray[np.bool_]
    area: float
    lit: bool
    in_image: float

    @property
    def visible_share(self) -> float:
        """Share of the whole phone that is still to be seen."""
        return float(self.visible.sum()) / max(self.area, 1.0)


@dataclass(slots=True)
class Canvas:
    """Albedo and emission in [0, 1], RGB, at the supersampled size."""

    albedo: FloatImage
    emission: FloatImage = field(init=False)
    phones: list[Placed] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.emission = np.zeros_like(self.albedo)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in canvas pixels."""
        return self.albedo.shape[1], self.albedo.shape[0]

    def paint(self, layer: Layer) -> None:
        """Put the layer on top of everything, with its shadow."""
        self._darken(layer)
        rows, columns = layer.window
        alpha = layer.alpha[..., None]
        self.albedo[rows, columns] = self.albedo[rows, columns] * (1 - alpha) + layer.rgb * alpha
        self.emission[rows, columns] *= 1 - alpha
        if layer.emission is not None:
            self.emission[rows, columns] += layer.emission
        covered = layer.alpha > 0.5
        for phone in self.phones:
            phone.visible[rows, columns] &= ~covered

    def paint_phone(self, layer: Layer, whole_area: float, lit: bool) -> None:
        """Paint a phone and remember it as ground truth."""
        self.paint(layer)
        visible = np.zeros(self.albedo.shape[:2], dtype=bool)
        visible[layer.window] = layer.alpha > 0.5
        in_image = float(visible.sum()) / max(whole_area, 1.0)
        self.phones.append(Placed(visible, whole_area, lit, in_image))

    def share_left_visible(self, layer: Layer) -> float:
        """The smallest visible share any phone would keep if the layer were painted now."""
        covered = layer.alpha > 0.5
        shares = [
            (float(phone.visible.sum()) - float((phone.visible[layer.window] & covered).sum())) / max(phone.area, 1.0)
            for phone in self.phones
        ]
        return min(shares, default=1.0)

    def _darken(self, layer: Layer) -> None:
        if layer.shadow <= 0:
            return
        width, height = self.size
        dx, dy = layer.shadow_offset
        pad = int(3 * layer.shadow_blur) + 2
        x0, y0 = max(0, int(layer.x + min(dx, 0)) - pad), max(0, int(layer.y + min(dy, 0)) - pad)
        x1 = min(width, int(layer.x + layer.alpha.shape[1] + max(dx, 0)) + pad)
        y1 = min(height, int(layer.y + layer.alpha.shape[0] + max(dy, 0)) + pad)
        shift = np.array([[1, 0, layer.x + dx - x0], [0, 1, layer.y + dy - y0]], dtype=np.float32)
        mask = cv2.warpAffine(layer.alpha, shift, (x1 - x0, y1 - y0))
        mask = cv2.GaussianBlur(mask, (0, 0), layer.shadow_blur)
        self.albedo[y0:y1, x0:x1] *= (1 - layer.shadow * mask)[..., None]


def project(
    sprite: Sprite, pose: Pose, size: tuple[int, int], light: tuple[float, float]
) -> tuple[Layer, float] | None:
    """See a sprite through the camera; the layer (clipped to the canvas) and its whole area, None when out of sight."""
    height, width = sprite.rgba.shape[:2]
    thickness = sprite.thickness * pose.scale
    bounds = projected_bounds(pose, (width, height), thickness)
    x0, y0 = max(0, int(bounds[0]) - 2), max(0, int(bounds[1]) - 2)
    x1, y1 = min(size[0], int(bounds[2]) + 3), min(size[1], int(bounds[3]) + 3)
    if x1 - x0 < 3 or y1 - y0 < 3:
        return None
    shrink = min(1.0, 1.3 * pose.scale)
    texture = _resized(sprite.rgba, shrink)
    top = _into_window(homography(pose, (width, height), 0.0), shrink, x0, y0)
    target = (x1 - x0, y1 - y0)
    warped = cv2.warpPerspective(texture, top, target, flags=cv2.INTER_LINEAR).astype(np.float32) / 255.0
    rgb, alpha = warped[..., :3], warped[..., 3]
    rgb = np.where(alpha[..., None] > 0.004, rgb / np.maximum(alpha[..., None], 1e-3), 0).astype(np.float32)
    emission = None
    if sprite.emission is not None:
        emission = cv2.warpPerspective(_resized(sprite.emission, shrink), top, target).astype(np.float32) / 255.0
    if thickness > 1.0:
        rgb, alpha = _with_sides(sprite, pose, texture, shrink, (x0, y0), target, rgb, alpha)
    opaque_share = float((texture[..., 3] > 127).mean())
    whole_area = max(_quad_area(pose, (width, height)) * opaque_share, float((alpha > 0.5).sum()))
    reach = (sprite.thickness + 1.6 * sprite.lift) * pose.scale
    layer = Layer(
        x0, y0, rgb, alpha, emission, sprite.shadow,
        (light[0] * reach, light[1] * reach), max(1.2, 0.35 * reach),
    )  # fmt: skip
    return layer, whole_area


def _resized(texture: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    if texture.shape[2] == 4:
        # Colours are multiplied by alpha first, or transparent borders would bleed dark fringes into the edge.
        alpha = texture[..., 3:].astype(np.uint16)
        texture = np.concatenate([(texture[..., :3] * alpha // 255).astype(np.uint8), texture[..., 3:]], axis=2)
    if factor >= 1.0:
        return texture
    height, width = texture.shape[:2]
    small = (max(2, round(width * factor)), max(2, round(height * factor)))
    resized: NDArray[np.uint8] = cv2.resize(texture, small, interpolation=cv2.INTER_AREA)
    return resized


def _into_window(matrix: NDArray[np.float64], shrink: float, x0: int, y0: int) -> NDArray[np.float64]:
    shift = np.array([[1, 0, -x0], [0, 1, -y0], [0, 0, 1]], dtype=np.float64)
    grow = np.diag([1 / shrink, 1 / shrink, 1.0])
    return shift @ matrix @ grow


def _with_sides(
    sprite: Sprite, pose: Pose, texture: NDArray[np.uint8], shrink: float, origin: tuple[int, int],
    target: tuple[int, int], rgb: FloatImage, alpha: FloatImage,
) -> tuple[FloatImage, FloatImage]:  # fmt: skip
    """Draw the edge below the top face by stacking silhouettes from the bottom up."""
    size = (sprite.rgba.shape[1], sprite.rgba.shape[0])
    thickness = sprite.thickness * pose.scale
    side_rgb = np.zeros_like(rgb)
    side_alpha = np.zeros_like(alpha)
    steps = int(np.clip(thickness, 2, 6))
    for step in range(steps, 0, -1):
        matrix = _into_window(homography(pose, size, thickness * step / steps), shrink, *origin)
        mask = cv2.warpPerspective(texture[..., 3], matrix, target).astype(np.float32) / 255.0
        shade = np.float32(0.55 + 0.45 * (1 - step / steps))
        colour = np.array(sprite.side_rgb, dtype=np.float32) / 255.0 * shade
        side_rgb = side_rgb * (1 - mask[..., None]) + colour * mask[..., None]
        side_alpha = np.maximum(side_alpha, mask)
    union = alpha + side_alpha * (1 - alpha)
    mixed = rgb * alpha[..., None] + side_rgb * (1 - alpha[..., None])
    return mixed.astype(np.float32), union.astype(np.float32)


def _quad_area(pose: Pose, size: tuple[int, int]) -> float:
    width, height = size
    corners = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], dtype=np.float64)
    return float(cv2.contourArea(cv2.perspectiveTransform(corners, homography(pose, size, 0.0)).astype(np.float32)))
