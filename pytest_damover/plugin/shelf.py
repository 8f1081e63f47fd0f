"""The pictures of a run: each is decoded once, and kept for the next revision while there is room."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_damover import images
from pytest_damover.domain.case import Case
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.run import Plan
from pytest_damover.references import resolve_reference
from pytest_damover.suites import Suite

ROOM_BYTES = 512 * 1024 * 1024


class Shelf:
    """Opens the cases' images; it keeps those whose pixels fit into `room_bytes` together, and opens the rest anew."""

    def __init__(self, room_bytes: int = ROOM_BYTES) -> None:
        self._room_bytes = room_bytes
        self._kept: dict[tuple[str, str], images.Image] = {}
        self._seen: dict[tuple[str, str], str] = {}
        self._pinned: Mapping[str, Mapping[str, str]] = {}

    @property
    def pinned(self) -> Mapping[str, Mapping[str, str]]:
        """SHA-256 of the images of the plan, by suite and path; empty before there is one."""
        return self._pinned

    def pin(self, plan: Plan) -> None:
        """From now on an image is refused whose bytes are not those that `plan` was made for."""
        self.pin_images({suite.name: suite.images for suite in plan.suites})

    def pin_images(self, digests: Mapping[str, Mapping[str, str]]) -> None:
        """The same, where another process has the plan."""
        self._pinned = digests

    def image(self, suite: Suite, case: Case) -> images.Image:
        """The case's image; `DamoverError` when it is not there or not the one that the case was written for."""
        image = self._kept.get((suite.name, case.image_path))
        if image is None:
            path = resolve_reference(suite.root, case.image_path)
            image = images.open_image(path, key=case.image_path, sha256=self._seen.get((suite.name, case.image_path)))
        self._require(case.image_sha256, case, image, "put the image back, or correct image_sha256")
        pinned = self._pinned.get(suite.name, {}).get(case.image_path)
        if pinned != case.image_sha256:
            self._require(pinned, case, image, "put the image of the plan back, and leave it there during the run")
        return image

    @staticmethod
    def _require(sha256: str | None, case: Case, image: images.Image, next_step: str) -> None:
        if sha256 is not None and image.sha256 != sha256:
            found = f"{case.image_path} has SHA-256 {image.sha256}"
            raise DamoverError(Fault(Code.CASE_IMAGE, case.source, found, sha256, next_step))

    def keep(self, suite: Suite, case: Case, image: images.Image) -> None:
        """The image has been through a detector: keep it if its pixels still fit; one without pixels costs nothing."""
        key = suite.name, case.image_path
        if key in self._kept:
            return
        width_px, height_px = image.decoded_size_px or (0, 0)
        needed_bytes = 3 * width_px * height_px
        if needed_bytes <= self._room_bytes:
            self._room_bytes -= needed_bytes
            self._kept[key] = image
        else:  # the next revision must see the same picture
            self._seen[key] = image.sha256
