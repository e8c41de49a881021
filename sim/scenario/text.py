"""Text for people, in one or several languages."""

from __future__ import annotations

import msgspec

FALLBACK = "en"
"""The language shown when the one asked for is not there."""


class Text(msgspec.Struct, frozen=True):
    """Text for people: in the file one string, or a mapping from language to string.

    A string that names a file of the scenario (`text/briefing.en.md`) stands for what is in it.
    """

    by_language: dict[str, str]
    """From a language (`en`, `es`; empty: the same in every language) to the text."""

    @classmethod
    def of(cls, value: str | dict[str, str]) -> Text:
        """From what a file holds: one string, or a mapping from language to string."""
        return cls({"": value} if isinstance(value, str) else dict(value))

    def get(self, language: str) -> str:
        """The text in `language`, else in English, else in the first language there is."""
        texts = self.by_language
        for name in (language, FALLBACK, ""):
            if name in texts:
                return texts[name]
        return next(iter(texts.values()), "")

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages it is written in; empty when it is the same in all."""
        return tuple(name for name in self.by_language if name)
