"""Where a flat thing stands and how the camera sees it: a pinhole projection of a tilted plane."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Pose:
    """Centre and focal length in canvas pixels, angles in radians, scale in canvas pixels per texture pixel."""

    x: float
    y: float
    angle: float
    tilt_x: float
    tilt_y: float
    scale: float
    focal: float


def rotation(pose: Pose) -> NDArray[np.float64]:
    """Turn in the plane first, then tilt; a positive ``tilt_x`` leans the far edge away from the camera."""
    c, s = np.cos(pose.angle), np.sin(pose.angle)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    c, s = np.cos(-pose.tilt_x), np.sin(-pose.tilt_x)
    lean_x = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    c, s = np.cos(pose.tilt_y), np.sin(pose.tilt_y)
    lean_y = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    return lean_x @ lean_y @ turn


def homography(pose: Pose, size: tuple[int, int], depth: float) -> NDArray[np.float64]:
    """Texture pixels of the plane ``depth`` canvas pixels below the top face, to canvas pixels."""
    width, height = size
    turned = rotation(pose)
    place = np.column_stack([turned[:, 0], turned[:, 1], turned[:, 2] * depth + np.array([0, 0, pose.focal])])
    camera = np.array([[pose.focal, 0, pose.x], [0, pose.focal, pose.y], [0, 0, 1.0]])
    local = np.array([[pose.scale, 0, -pose.scale * width / 2], [0, pose.scale, -pose.scale * height / 2], [0, 0, 1]])
    return camera @ place @ local


def projected_bounds(pose: Pose, size: tuple[int, int], thickness: float) -> tuple[float, float, float, float]:
    """Smallest upright rectangle around the projected block: x1, y1, x2, y2 in canvas pixels."""
    width, height = size
    corners = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], dtype=np.float64)
    points = np.concatenate(
        [cv2.perspectiveTransform(corners, homography(pose, size, depth))[0] for depth in (0.0, thickness)]
    )
    return (*points.min(axis=0).tolist(), *points.max(axis=0).tolist())
