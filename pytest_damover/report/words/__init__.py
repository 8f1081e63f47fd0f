"""Every fixed phrase of the report, by language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_damover.report.words.anatomy import ANATOMY
from pytest_damover.report.words.en import ENGLISH
from pytest_damover.report.words.errors import ERRORS
from pytest_damover.report.words.findings import FINDINGS
from pytest_damover.report.words.flips import FLIPS
from pytest_damover.report.words.footprint import FOOTPRINT
from pytest_damover.report.words.gallery import GALLERY
from pytest_damover.report.words.goldens import GOLDENS
from pytest_damover.report.words.race import RACE
from pytest_damover.report.words.retold import retold
from pytest_damover.report.words.running import RUNNING
from pytest_damover.report.words.trend import TREND
from pytest_damover.report.words.weak_spots import WEAK_SPOTS
from pytest_damover.report.words.zh import CHINESE

CATALOGUES: Mapping[str, Mapping[str, str]] = {
    "en": {
        **ENGLISH,
        **RUNNING["en"],
        **RACE["en"],
        **ANATOMY["en"],
        **GOLDENS["en"],
        **ERRORS["en"],
        **WEAK_SPOTS["en"],
        **FLIPS["en"],
        **GALLERY["en"],
        **TREND["en"],
        **FOOTPRINT["en"],
    },
    "zh": {
        **CHINESE,
        **RUNNING["zh"],
        **RACE["zh"],
        **ANATOMY["zh"],
        **GOLDENS["zh"],
        **ERRORS["zh"],
        **WEAK_SPOTS["zh"],
        **FLIPS["zh"],
        **GALLERY["zh"],
        **TREND["zh"],
        **FOOTPRINT["zh"],
    },
}


@dataclass(frozen=True, slots=True)
class Words:
    """One language's phrases; call it with a key and the phrase's fields. `findings` is by rule and reason."""

    lang: str
    phrases: Mapping[str, str]
    findings: Mapping[str, str]

    def __call__(self, key: str, **fields: Any) -> str:
        """The phrase; where it reads "one|many", the field `n` chooses."""
        phrase = self.phrases[key]
        if "|" in phrase:
            one, many = phrase.split("|")
            phrase = one if fields["n"] == 1 else many
        if isinstance(fields.get("n"), int):
            fields["n"] = f"{fields['n']:,}"
        return phrase.format(**fields) if fields else phrase

    def retell(self, text: str) -> str:
        """A sentence of plan or journal, which is English, in this language where its form is known."""
        return retold(text) if self.lang == "zh" else text

    def __contains__(self, key: str) -> bool:
        return key in self.phrases


def words_in(lang: str) -> Words:
    """The phrases of `lang` ("en" or "zh"); `KeyError` for another."""
    return Words(lang, CATALOGUES[lang], FINDINGS[lang])
