"""Mistakes on the command line, in the reader's language: what is wrong and what would be right.

click tells them in English alone; here each kind of mistake gets its sentence from the catalog,
and every unknown word its nearest neighbour.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from tui.cli.grammar import COMMON, PROGRAM, VERBS, Verb, find_verb

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui.words import Words


def usage_problem(error: click.ClickException, words: Words) -> tuple[str, str]:
    """The message and the hint for a mistake that click found."""
    verb = _verb_of(error)
    usage = f"{PROGRAM} {verb.usage}" if verb else f"{PROGRAM} --help"
    if isinstance(error, click.exceptions.NoSuchCommand):
        name = error.command_name
        return words.say("usage.no_verb", verb=name), _nearest(
            name, [one.name for one in VERBS], usage, words
        )
    if isinstance(error, click.NoSuchOption):
        flags = [option.flag for option in (*(verb.options if verb else ()), *COMMON)]
        hint = _nearest(
            error.option_name, flags, f"{PROGRAM} {verb.name} --help" if verb else usage, words
        )
        return words.say(
            "usage.no_option", option=error.option_name, verb=verb.name if verb else PROGRAM
        ), hint
    if isinstance(error, click.MissingParameter):
        return words.say("usage.missing", name=_name(error)), words.say("usage.usage", usage=usage)
    if isinstance(error, click.BadParameter):
        return _bad_value(error, words, usage)
    return error.format_message().rstrip("."), words.say("usage.usage", usage=usage)


def _bad_value(error: click.BadParameter, words: Words, usage: str) -> tuple[str, str]:
    message = words.say("usage.bad_value", name=_name(error), reason=error.message.rstrip("."))
    kind = error.param.type if error.param is not None else None
    if isinstance(kind, click.Choice):
        return message, words.say("usage.choices", choices=", ".join(map(str, kind.choices)))
    return message, words.say("usage.usage", usage=usage)


def _verb_of(error: click.ClickException) -> Verb | None:
    context = getattr(error, "ctx", None)
    return find_verb(context.info_name or "") if context is not None else None


def _name(error: click.BadParameter) -> str:
    parameter = error.param
    if parameter is None or not parameter.name:
        return str(error.param_hint or "")
    return parameter.opts[0] if isinstance(parameter, click.Option) else parameter.name.upper()


def _nearest(word: str, known: Iterable[str], usage: str, words: Words) -> str:
    close = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return words.say("usage.did_you_mean", word=close[0]) if close else usage
