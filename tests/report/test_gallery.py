"""The gallery: every card leads to a case, the worst stands first, and the album never grows beyond its room."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_damover.domain.comparing.flips import Fate
from pytest_damover.report import pictures
from pytest_damover.report.addresses import case_address
from pytest_damover.report.pictures import Album, no_pictures
from pytest_damover.report.views.crops import crops, region_around
from pytest_damover.report.views.gallery import MOST_CARDS, gallery, links_to
from pytest_damover.report.views.states import states
from pytest_damover.report.words import words_in

EN = words_in("en")


def jpeg(*_: Any) -> bytes:
    return b"x"


@pytest.fixture(scope="module")
def shown(failing: Any) -> dict[str, Any]:
    run, _, comparisons = failing
    return gallery(run, states(comparisons[0]), comparisons[0], Album(jpeg), "", EN)


def test_the_worst_stands_first_and_the_rest_is_counted(shown: dict[str, Any]) -> None:
    ranks = [("critical", "major", "minor").index(card["severity"]) for card in shown["cards"]]
    assert (ranks, shown["more"]) == (sorted(ranks), 0)
    critical = [card for card in shown["cards"] if card["severity"] == "critical"]
    lost = [sum(crop["fate"] == "broken" for crop in card["crops"]["list"]) for card in critical]
    assert lost == sorted(lost, reverse=True)
    assert {side["name"] for side in shown["cards"][0]["sides"]} == {"baseline", "candidate"}


def test_there_are_only_so_many_cards(failing: Any, shown: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MOST_CARDS, "loud", 7)
    run, _, comparisons = failing
    few = gallery(run, states(comparisons[0]), comparisons[0], Album(jpeg), "", EN)
    assert [card["id"] for card in few["cards"]] == [card["id"] for card in shown["cards"][:7]]
    assert few["more"] == shown["total"] - 7


def test_a_case_has_one_card_with_its_address(shown: dict[str, Any]) -> None:
    groups = [shown, *shown["others"]]
    ids = [card["id"] for group in groups for card in group["cards"]]
    assert len(ids) == len(set(ids))
    assert set(links_to(shown).values()) == set(ids)
    card = shown["cards"][0]
    assert card["id"] == f"case-phone:{card['case']}"


def test_cases_that_are_no_regression_show_what_they_lost_and_found(failing: Any, shown: dict[str, Any]) -> None:
    regressions = {case.case for case, state in states(failing[2][0]) if state == "regression"}
    fates = {flip.case.name: set() for flips in failing[2][0].flips for flip in flips.objects}
    for flips in failing[2][0].flips:
        for flip in flips.objects:
            fates[flip.case.name].add(flip.fate)
    wanted = {"lost": {name for name in fates if Fate.BROKEN in fates[name]} - regressions}
    wanted["fixed"] = {name for name in fates if Fate.FIXED in fates[name]} - regressions - wanted["lost"]
    assert {group["name"]: group["total"] for group in shown["others"]} == {k: len(v) for k, v in wanted.items() if v}
    for group in shown["others"]:
        assert {card["case"] for card in group["cards"]} <= wanted[group["name"]]
        assert group["cards"]
        assert group["more"] == group["total"] - len(group["cards"])


def test_a_crop_is_a_square_around_what_it_shows() -> None:
    assert region_around([(80, 90, 120, 110)], (200, 200)) == (68, 68, 132, 132)
    assert region_around([(0, 0, 10, 10)], (200, 100)) == (0, 0, 40, 40)
    assert region_around([(150, 50, 200, 100)], (200, 100)) == (120, 20, 200, 100)
    assert region_around([(0, 0, 200, 100)], (200, 100)) == (0, 0, 200, 100)


def test_only_what_the_page_shows_smaller_gets_pixels_of_its_own(failing: Any) -> None:
    flips = [flip for flip in failing[2][0].flips[0].objects if flip.fate is Fate.BROKEN][:6]
    asked: list[Any] = []

    def asking(_suite: str, _case: str, region: Any = None) -> bytes:
        asked.append(region)
        return b"x"

    small = crops(flips, (480, 480), Album(asking), EN)
    assert ([crop["picture"] for crop in small["list"]], small["more"], asked) == ([None] * 4, 2, [])
    large = crops(flips, (640, 480), Album(asking), EN)
    assert len(asked) == 4
    for crop, region in zip(large["list"], asked, strict=True):
        assert crop["picture"].startswith("data:image/jpeg;base64,")
        assert (crop["region"]["x"], crop["region"]["y"]) == region[:2]


def test_the_album_is_full_after_its_images_or_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_IMAGES", 4)
    album = Album(jpeg, candidates=2)
    assert [album.take("s", "c") is None for _ in range(3)] == [False, False, True]
    monkeypatch.setattr(pictures, "MOST_IMAGE_BYTES", 20)
    album = Album(jpeg)
    assert [album.take("s", "c") is None for _ in range(3)] == [False, True, True]
    assert album.is_full
    gone = Album(no_pictures)
    assert gone.take("s", "c") is None
    assert not gone.is_full


def test_a_full_album_ends_the_cards_and_says_how_many(failing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_IMAGES", 5)
    run, _, comparisons = failing
    shown = gallery(run, states(comparisons[0]), comparisons[0], Album(jpeg), "", EN)
    assert 1 <= len(shown["cards"]) <= 5
    assert shown["more"] == shown["total"] - len(shown["cards"])
    assert all(not group["cards"] and group["more"] == group["total"] for group in shown["others"])


def test_addresses_are_ascii_and_never_shared() -> None:
    names = ["a", "a b", "a-b", "夜间", "夜 间", "a:b", "../x", "x" * 61, "x" * 62, "\ud800", ""]
    addresses = [case_address("", suite, case) for suite in names for case in names]
    assert len(set(addresses)) == len(addresses)
    assert all(address.isascii() and " " not in address for address in addresses)
