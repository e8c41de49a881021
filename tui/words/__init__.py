"""All sentences, in every language: see `tui.words.words`."""

from __future__ import annotations

from tui.words.words import LANGUAGES, Words

__all__ = ["LANGUAGES", "Words"]
