"""Words: from a code and its parameters to a sentence in one language.

Everything below `tui` speaks in codes (`Note`, `Evidence`, markers); this is where they become
text. A catalog is a dict from code to template and is loaded when its language is first spoken.
State words (`success`, `up_for_retry`) are the same in every language, as on Airflow's screens.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from tui.words.formats import FORMATS, NOTHING, Formats
from tui.words.templates import Piece, parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LANGUAGES = ("en", "es")


class Words:
    """One language. Instants are shown as civil time in `timezone`."""

    def __init__(self, lang: str, *, timezone: str = "UTC") -> None:
        self.lang = lang if lang in LANGUAGES else "en"
        self.timezone = timezone
        self.formats = Formats(self.lang, timezone)

    def in_zone(self, timezone: str) -> Words:
        """The same language, with instants in another zone."""
        return Words(self.lang, timezone=timezone)

    def has(self, code: str) -> bool:
        """Whether there is a sentence for `code`."""
        return code in catalog(self.lang)

    def say(self, code: str, /, **params: Any) -> str:
        """The sentence of `code` with its parameters put in.

        A code without a sentence is shown as it is with its parameters, so that nothing is ever
        hidden; tests hold every code that is documented to a sentence in each language.
        """
        template = catalog(self.lang).get(code)
        if template is None:
            shown = ", ".join(f"{name}={value}" for name, value in params.items())
            return f"{code} ({shown})" if shown else code
        return self.fill(parse(template), params)

    def fill(self, pieces: Sequence[Piece], params: Mapping[str, Any]) -> str:
        """The text of a template's pieces with the parameters put in."""
        return "".join(self._piece(piece, params) for piece in pieces)

    def _piece(self, piece: Piece, params: Mapping[str, Any]) -> str:
        if not piece.name:
            return piece.text
        value = params.get(piece.name)
        if piece.kind == "":
            return NOTHING if value is None else str(value)
        if piece.kind == "code":
            return (
                self.say(f"{piece.text}.{value}")
                if self.has(f"{piece.text}.{value}")
                else str(value)
            )
        if piece.kind == "if":
            return self._choice(piece, params, chosen=bool(value))
        if piece.kind == "given":
            return self._choice(piece, params, chosen=value is not None)
        return FORMATS[piece.kind](self.formats, value, piece.text)

    def _choice(self, piece: Piece, params: Mapping[str, Any], *, chosen: bool) -> str:
        yes, _, no = piece.text.partition("|")
        inner = yes if chosen else no
        return self.fill(parse(inner.replace("<", "{").replace(">", "}")), params)


@lru_cache(maxsize=len(LANGUAGES))
def catalog(lang: str) -> Mapping[str, str]:
    """Every template of a language by its code."""
    parts = import_module(f"tui.words.{lang}").PARTS
    whole: dict[str, str] = {}
    for part in parts:
        whole.update(import_module(f"tui.words.{lang}.{part}").WORDS)
    return cast("Mapping[str, str]", whole)
