"""Keeps a child process at work: while one case is judged here, the next one's detections are made there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from pytest_damover.detectors import Detector
from pytest_damover.domain.errors import DamoverError
from pytest_damover.images import Image
from pytest_damover.plugin.shelf import Shelf

if TYPE_CHECKING:
    from pytest_damover.plugin.items import CaseItem

AHEAD = 2
"""One case that the child is at, and one whose picture is decoded meanwhile."""


class Lookahead:
    """Holds the pictures of the cases that come next, for a detector that can begin before it is waited for."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._coming: Sequence[CaseItem] = ()
        self._held: dict[CaseItem, Image] = {}

    def at(self, items: Sequence[pytest.Item], index: int) -> None:
        """`items[index]` is about to run; the cases that follow it on the same revision come next."""
        from pytest_damover.plugin.items import CaseItem

        here = items[index]
        coming = []
        if isinstance(here, CaseItem):
            for item in items[index + 1 : index + 1 + AHEAD]:
                if not isinstance(item, CaseItem) or item.revision_name != here.revision_name:
                    break
                coming.append(item)
        self._coming = coming

    def image(self, item: CaseItem) -> Image:
        """The picture of `item`, which may have been decoded already."""
        held = self._held.pop(item, None)
        return self._shelf.image(item.suite, item.case) if held is None else held

    def begin(self, detector: Detector) -> None:
        """The detector is free: let it begin the next case, if it can and that case's picture is ready."""
        begin = getattr(detector, "begin", None)
        if begin is None or not self._coming:
            return
        if (image := self._held.get(self._coming[0]) or self._decoded(self._coming[0])) is not None:
            begin(image)

    def decode(self, detector: Detector) -> None:
        """Decode one picture more while the detector is at work; what is wrong with it is told when its case runs."""
        if hasattr(detector, "begin") and len(self._coming) == AHEAD:
            self._decoded(self._coming[1])

    def _decoded(self, item: CaseItem) -> Image | None:
        try:
            image = self._shelf.image(item.suite, item.case)
            _ = image.pixels
        except DamoverError:
            return None
        self._held[item] = image
        return image
