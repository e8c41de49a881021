"""Which language to speak: flag, then ORCHSIM_LANG, then settings files, then LANG, then English.

Paths are text here, since pathlib alone would cost `--help` as much as all the rest.

Imports nothing, since `orchsim --help` asks it too. An unknown language in LANG is no mistake of
anybody's: English is spoken then.
"""

from __future__ import annotations

import os

LANGUAGES = ("en", "es")


def language_of(words: list[str]) -> str:
    """The language for a command line before it is parsed: its `--lang`, else the surroundings."""
    for at, word in enumerate(words):
        given = word.partition("=")[2] if word.startswith("--lang=") else ""
        if word == "--lang" and at + 1 < len(words):
            given = words[at + 1]
        if given in LANGUAGES:
            return given
    named = os.environ.get("ORCHSIM_LANG", "")
    if named in LANGUAGES:
        return named
    if _has_settings_file():
        # Only a person who keeps a settings file pays for reading it.
        from tui.cli.settings import read_settings  # noqa: PLC0415

        return read_settings({}).lang
    return from_locale()


def from_locale() -> str:
    """The language that LC_ALL, LC_MESSAGES or LANG asks for, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return value[:2].lower() if value[:2].lower() in LANGUAGES else "en"
    return "en"


def project_file() -> str:
    """Path of the project's settings file, in the current folder."""
    return "orchsim.toml"


def user_file() -> str:
    """Path of the person's settings file (XDG Base Directory Specification 0.8)."""
    folder = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111 - see above
    return f"{folder}/orchsim/config.toml"


def _has_settings_file() -> bool:
    return any(os.path.exists(path) for path in (project_file(), user_file()))  # noqa: PTH110
