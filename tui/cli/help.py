"""Help, drawn from the grammar: examples first, then what can be typed.

Imports only the grammar.
"""

from __future__ import annotations

from tui.cli.grammar import COMMON, EXAMPLES, EXIT_CODES, PROGRAM, TAGLINE, VERBS, Option, Verb

_HEADINGS = {
    "en": {
        "usage": "Usage",
        "examples": "Examples",
        "verbs": "Verbs",
        "options": "Options",
        "codes": "Exit codes",
    },
    "es": {
        "usage": "Uso",
        "examples": "Ejemplos",
        "verbs": "Verbos",
        "options": "Opciones",
        "codes": "Códigos de salida",
    },
}
_TRY = {"en": "Try", "es": "Prueba"}
_MORE = {
    "en": f"More: {PROGRAM} --help, {PROGRAM} VERB --help, {PROGRAM} list",
    "es": f"Más: {PROGRAM} --help, {PROGRAM} VERBO --help, {PROGRAM} list",
}


def intro(lang: str, *, tty: bool) -> str:
    """What is printed without arguments: what it is, three examples, where to go."""
    lines = [f"{PROGRAM}: {TAGLINE[lang]}", ""]
    lines += _examples(lang)
    lines += ["", _MORE[lang]]
    if tty:
        lines += [f"{_TRY[lang]}: {EXAMPLES[0][0]}"]
    return "\n".join(lines) + "\n"


def program_help(lang: str) -> str:
    """`orchsim --help`."""
    words = _HEADINGS[lang]
    verbs = [(verb.usage, getattr(verb, lang)) for verb in VERBS]
    codes = [(str(code), es if lang == "es" else en) for code, en, es in EXIT_CODES]
    common = [(option.usage, getattr(option, lang)) for option in COMMON]
    common.append(("--version", {"en": "show the version", "es": "muestra la versión"}[lang]))
    parts = [
        f"{PROGRAM}: {TAGLINE[lang]}\n",
        f"{words['examples']}:",
        *_examples(lang),
        f"\n{words['usage']}: {PROGRAM} {'VERBO' if lang == 'es' else 'VERB'} [--flags]\n",
        f"{words['verbs']}:",
        *_columns(verbs),
        f"\n{words['options']}:",
        *_columns(common),
        f"\n{words['codes']}:",
        *_columns(codes),
    ]
    return "\n".join(parts) + "\n"


def verb_help(verb: Verb, lang: str) -> str:
    """`orchsim VERB --help`."""
    words = _HEADINGS[lang]
    options: tuple[Option, ...] = (*verb.options, *COMMON)
    summary = getattr(verb, lang)
    parts = [
        f"{PROGRAM} {verb.name}: {summary}\n",
        f"{words['examples']}:",
        *(f"  {example}" for example in verb.examples),
        f"\n{words['usage']}: {PROGRAM} {verb.usage} [--flags]",
    ]
    parts += [
        f"  {argument.name.upper()}: {', '.join(argument.choices)}"
        for argument in verb.arguments
        if argument.choices and not argument.required
    ]
    parts += [
        f"\n{words['options']}:",
        *_columns([(option.usage, getattr(option, lang)) for option in options]),
    ]
    return "\n".join(parts) + "\n"


def _examples(lang: str) -> list[str]:
    return _columns([(line, es if lang == "es" else en) for line, en, es in EXAMPLES])


def _columns(pairs: list[tuple[str, str]]) -> list[str]:
    width = max(len(left) for left, _ in pairs)
    return [f"  {left:<{width}}  {right}" for left, right in pairs]
