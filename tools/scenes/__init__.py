"""Deterministic drawings of phones, and of things that only look like phones, with exact boxes.

``render(seed, spec)`` is the whole interface; every module below it draws one kind of thing.
"""

from tools.scenes.compose import Rendered, render
from tools.scenes.spec import SceneSpec

__all__ = ["Rendered", "SceneSpec", "render"]
