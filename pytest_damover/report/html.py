"""The page: one file that needs no network, no script and nothing beside it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_damover.domain.comparing.comparison import Comparison
from pytest_damover.domain.diagnosing.diagnosis import diagnose
from pytest_damover.domain.run import Run
from pytest_damover.domain.verdict import Verdict
from pytest_damover.report.language import embedded, other_language
from pytest_damover.report.pictures import Pictures
from pytest_damover.report.text import Drawn, fitted
from pytest_damover.report.views.page import page
from pytest_damover.report.words import CATALOGUES, words_in

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
# data has no control characters once it is drawn, so neither can be found in it
_SCRIPT, _OTHER = "\0script\0", "\0other\0"


def render(run: Run, verdict: Verdict, comparisons: Sequence[Comparison], pictures: Pictures, lang: str) -> str:
    """The report as HTML in `lang` ("en" or "zh"), with a switch to the other; the same run gives the same text."""
    script = _asset("script.js")
    pages = _drawn(run, verdict, comparisons, cache(pictures), lang)
    shown = next(pages)
    return shown.replace(_OTHER, other_language(shown, next(pages)), 1).replace(_SCRIPT, script, 1)


def _drawn(
    run: Run, verdict: Verdict, comparisons: Sequence[Comparison], pictures: Pictures, lang: str
) -> Iterator[str]:
    """The page in `lang`, then in the other language, each without its script and without the other."""
    from markupsafe import Markup  # late, with jinja2: neither is wanted until a report is

    template = _environment().get_template("page.html")
    style, script = _asset("style.css"), _asset("script.js")
    diagnoses = [diagnose(run, comparison) for comparison in comparisons]
    for one in (lang, *(language for language in CATALOGUES if language != lang)):
        words = words_in(one)
        yield template.render(
            page=page(run, verdict, comparisons, pictures, words, diagnoses),
            t=words,
            policy=content_policy(style, script),
            # data inside a script element; HTML's own escapes would be read as they stand there
            embedded=lambda data: Markup(embedded(data)),
            # our own files, not data: with what takes their place in `render`, all else that is not escaped
            style=Markup(style),
            script=Markup(_SCRIPT),
            other=Markup(_OTHER),
        )


def content_policy(style: str, script: str) -> str:
    """The page's content security policy: nothing from outside, no style or script but these two."""
    return (
        f"default-src 'none'; img-src data:; style-src '{_source(style)}'; script-src '{_source(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _printed(value: Any) -> Any:
    if value is None:
        return ""
    if not isinstance(value, str) or isinstance(value, Drawn) or hasattr(value, "__html__"):
        return value
    return fitted(value)


def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _source(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
