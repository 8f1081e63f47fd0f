"""The documents, taken apart."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("README.md", "README.zh-CN.md")
ENGLISH_PAGES = tuple(sorted(f"docs/{path.name}" for path in ROOT.glob("docs/*.md") if ".zh-CN." not in path.name))
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """One fenced block."""

    language: str
    text: str


class Document:
    """A Markdown file of the repository, or several as one."""

    def __init__(self, name: str, *more: str) -> None:
        self.name = name
        self.text = "\n".join((ROOT / one).read_text(encoding="utf-8") for one in (name, *more))
        self.blocks = tuple(Block(*found) for found in _BLOCK.findall(self.text))
        self.prose = _BLOCK.sub("", self.text)

    def blocks_in(self, *languages: str) -> list[str]:
        """The texts of all blocks in one of these languages, in order."""
        return [block.text for block in self.blocks if block.language in languages]

    @property
    def headings(self) -> list[str]:
        """The level of each heading, in order."""
        return re.findall(r"^(#+) ", self.prose, re.MULTILINE)

    def table_rows(self, first_cell: str) -> list[list[str]]:
        """Cells of each table row whose first cell begins with `first_cell`."""
        rows = [line.strip("|").split("|") for line in self.prose.splitlines() if line.startswith(f"| {first_cell}")]
        return [[cell.strip() for cell in row] for row in rows]


@pytest.fixture(params=LANGUAGES, ids=("en", "zh"))
def readme(request: pytest.FixtureRequest) -> Document:
    """Each README in turn."""
    return Document(request.param)


@pytest.fixture
def english() -> Document:
    """The English README."""
    return Document(LANGUAGES[0])


@pytest.fixture(params=LANGUAGES, ids=("en", "zh"))
def manual(request: pytest.FixtureRequest) -> Document:
    """Each README in turn, with all pages of docs/ in its language."""
    suffix = request.param.removeprefix("README")
    return Document(request.param, *(page.removesuffix(".md") + suffix for page in ENGLISH_PAGES))


@pytest.fixture(params=(LANGUAGES[0], *ENGLISH_PAGES))
def pair_of_pages(request: pytest.FixtureRequest) -> tuple[Document, Document]:
    """A README or a page of docs/, in English and in Chinese."""
    return Document(request.param), Document(request.param.removesuffix(".md") + ".zh-CN.md")
