"""Both catalogs say the same things: equal codes, equal parameters, known kinds."""

from __future__ import annotations

import pytest

from tui.words.formats import KINDS
from tui.words.templates import parse, placeholders
from tui.words.words import catalog


def test_both_languages_have_the_same_codes() -> None:
    """A sentence in one language exists in the other."""
    assert sorted(catalog("en")) == sorted(catalog("es"))


def test_both_languages_use_the_same_parameters() -> None:
    """A sentence names the same parameters in each language; kinds may differ."""
    english, spanish = catalog("en"), catalog("es")
    names = {code: {name for name, _ in placeholders(text)} for code, text in english.items()}

    assert {
        code: {name for name, _ in placeholders(text)} for code, text in spanish.items()
    } == names


@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_kind_is_known(lang: str) -> None:
    """No template names a format that does not exist."""
    kinds = {kind for text in catalog(lang).values() for _, kind in placeholders(text)}

    assert kinds <= set(KINDS)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_no_brace_is_left_over(lang: str) -> None:
    """What is not a well-formed parameter would be shown as braces: there is none."""
    literal = [
        piece.text for text in catalog(lang).values() for piece in parse(text) if not piece.name
    ]

    assert [text for text in literal if "{" in text or "}" in text] == []
