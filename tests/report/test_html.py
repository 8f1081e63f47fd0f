"""The page: closed to everything from outside, the same bytes every time, small for many cases."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from pytest_damover.report import html
from pytest_damover.report.pictures import no_pictures

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
VOID = {"meta", "input", "br", "rect", "circle", "line", "path", "image", "use"}


class Shape(HTMLParser):
    """Every element with its attribute names, the contents of style and script, and all ids and local links."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.attributes: list[tuple[str, str]] = []
        self.raw: dict[str, str] = {}
        self.text: list[str] = []
        self.open: list[str] = []
        self.is_data = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_data = tag == "script" and bool(attrs)
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("style", "script"):
            self.raw["data" if self.is_data else self.open[-1]] = data
        else:
            self.text.append(data)

    @property
    def policy(self) -> str:
        return next(value for name, value in self.attributes if name == "content" and "default-src" in value)


@pytest.fixture(scope="module")
def page(failing: Any) -> str:
    return html.render(*failing, lambda *_: JPEG, "en")


@pytest.fixture(scope="module")
def shape(page: str) -> Shape:
    return Shape(page)


def test_every_element_is_closed(shape: Shape) -> None:
    assert shape.open == []


def test_w3_policy_names_the_one_style_and_the_one_script_by_hash(page: str, shape: Shape) -> None:
    for tag in ("style", "script"):
        assert page.count(f"<{tag}>") == 1
        digest = base64.b64encode(hashlib.sha256(shape.raw[tag].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in shape.policy
    assert shape.policy.startswith("default-src 'none'; img-src data:; ")
    assert "base-uri 'none'; form-action 'none'" in shape.policy


def test_w3_policy_comes_before_anything_it_governs(page: str) -> None:
    assert page.index("Content-Security-Policy") < min(
        page.index("<style"), page.index("<title"), page.index("<link", 0) if "<link" in page else len(page)
    )


def test_w3_nothing_is_fetched_and_nothing_runs_from_attributes(page: str, shape: Shape) -> None:
    names = {name for name, _ in shape.attributes}
    assert not {name for name in names if name.startswith("on")}
    assert "style" not in names
    assert "src" not in names
    addresses = [value for name, value in shape.attributes if name == "href"]
    assert addresses
    assert all(value.startswith(("#", "data:image/jpeg;base64,")) for value in addresses)
    assert "http://" not in page
    assert "https://" not in page
    assert "@import" not in page
    assert "url(" not in page


def test_every_local_link_leads_somewhere_and_ids_are_unique(shape: Shape) -> None:
    ids = [value for name, value in shape.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert {value[1:] for name, value in shape.attributes if name == "href" and value.startswith("#")} <= set(ids)


def test_w6_first_screen_says_it_in_text(failing: Any, shape: Shape) -> None:
    _, verdict, _ = failing
    text = " ".join(shape.text)
    head = text[: text.index("Interval against limit")]
    for told in ("FAIL", "exit code 1", "v2.0.0 must not replace v1.0.0.", verdict.candidates[0].revision.digest,
                 verdict.baseline.digest, "planned", "missing", "night"):  # fmt: skip
        assert told in head


def test_same_run_same_bytes(failing: Any, page: str) -> None:
    assert html.render(*failing, lambda *_: JPEG, "en") == page


def test_w5_pictures_are_capped_and_the_rest_is_counted(failing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_damover.report.pictures.MOST_IMAGES", 10)
    page = html.render(*failing, lambda *_: JPEG, "en")
    assert page.count("data:image/jpeg") == 10
    assert "more regressions are not shown" in page
    assert "more cases have no picture here" in page


def test_without_a_picture_the_boxes_stand_on_a_plain_canvas(failing: Any) -> None:
    page = html.render(*failing, no_pictures, "en")
    assert "data:image" not in page
    assert "no longer the one that was judged" in page
    assert 'class="strong match"' in page


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_all_kinds_of_runs_make_a_page(make: Any, lang: str) -> None:
    good, bad, better = make.GOOD, make.BLIND_AT_NIGHT, make.BETTER
    revision = make.make_revision("v1.0.0")
    no_policy = make.make_suite(12, policy=None)
    runs = {
        "PASS": make.make_run({"v1.0.0": good, "v2.1.0": better}),
        "FAIL": make.make_run({"v1.0.0": good, "v2.0.0": bad, "v2.1.0": better}),
        "INCONCLUSIVE": make.make_run({"v1.0.0": good, "v2.1.0": better}, ended=None, lost=40),
        "ERROR": make.make_run({"v1.0.0": good, "v2.1.0": better}, suite=no_policy),
    }
    for answer, run in runs.items():
        judged = make.judged(run)
        assert judged[1].verdict.value == answer
        assert answer in html.render(*judged, no_pictures, lang)
    for run in (
        make.make_run({"v2.0.0": bad}, alone=True),
        make.make_run({"v1.0.0": good}, baseline=revision, candidates=(revision,), items=()),
        make.make_run({"v1.0.0": good, "v2.1.0": better}, suite=make.make_suite(0)),
    ):
        assert Shape(html.render(*make.judged(run), no_pictures, lang)).open == []


def test_w6_interrupted_run_says_so_before_the_verdict(make: Any) -> None:
    page = html.render(
        *make.judged(make.make_run({"v1": make.GOOD, "v2": make.BETTER}, ended=None, lost=40)), no_pictures, "en"
    )
    assert page.index("INTERRUPTED") < page.index("<h1>")
    assert "383 of 423 items ran" in page


def test_nothing_compared_makes_a_page_too(failing: Any) -> None:
    run, verdict, _ = failing
    assert "v2.0.0" in html.render(run, verdict, (), no_pictures, "en")


def test_w5_ten_thousand_cases_and_large_pictures_stay_within_the_budgets(make: Any) -> None:
    suite = make.make_suite(10_000, policy=make.POLICY | {"ap50": {"margin": 0.02, "resamples": 200}})
    judged = make.judged(make.make_run({"v1": make.GOOD, "v2": make.BLIND_AT_NIGHT}, suite=suite))
    page = html.render(*judged, no_pictures, "en")
    assert len(page.encode()) < 2_000_000
    assert "Of 10,000 cases only" in page
    assert re.search(r"[\d,]+ more", page)
    for size_bytes in (20_000, 200_000):
        page = html.render(*judged, lambda *_: JPEG.ljust(size_bytes), "en")  # noqa: B023 - drawn before the next size
        assert 20 < page.count("data:image/jpeg") <= 200
        assert len(page.encode()) < 10_000_000
        assert re.search(r"[\d,]+ more regressions are not shown", page)


def test_the_worst_pictures_are_open_and_the_rest_are_folded(page: str) -> None:
    """As many as are printed stand open; more of them would hide all that follows."""
    folded = page.index('<details class="fold screen rest">')
    assert page[:folded].count('<article class="shot') == 8
    assert page[folded : page.index("</details>", folded)].count('<article class="shot screen"') > 0
