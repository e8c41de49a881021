"""Settings: which layer wins, where a value came from, mistakes in each layer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sim.errors import ScenarioError
from tui.cli.language import language_of
from tui.cli.settings import read_settings
from tui.cli.terminal import takes_colour, takes_unicode


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty home and an empty project folder."""
    for name in [name for name in os.environ if name.startswith(("ORCHSIM_", "LC_", "XDG_"))]:
        monkeypatch.delenv(name)
    for name in ("LANG", "NO_COLOR", "FORCE_COLOR", "TEXTUAL_ANIMATIONS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config" / "orchsim").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_layers(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flag over environment over project file over user file over LANG over default."""
    seen = [read_settings({}).lang]
    monkeypatch.setenv("LANG", "es_ES.UTF-8")
    seen.append(read_settings({}).sources["lang"])
    (home / "config" / "orchsim" / "config.toml").write_text('lang = "en"\n')
    seen.append(Path(read_settings({}).sources["lang"]).name)
    (home / "orchsim.toml").write_text('lang = "es"\n')
    seen.append(read_settings({}).sources["lang"])
    monkeypatch.setenv("ORCHSIM_LANG", "en")
    seen.append(read_settings({}).sources["lang"])
    seen.append(read_settings({"lang": "es"}).sources["lang"])

    assert seen == ["en", "LANG", "config.toml", "orchsim.toml", "ORCHSIM_LANG", "--lang"]


def test_every_mistake_is_told_at_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown settings and impossible values of file and environment, each with its place."""
    (home / "orchsim.toml").write_text('lang = "en"\ncolour = "never"\nascii = "yes"\n')
    monkeypatch.setenv("ORCHSIM_MOUSE", "perhaps")
    with pytest.raises(ScenarioError) as caught:
        read_settings({})

    assert [(one.file, one.line, one.code) for one in caught.value.diagnostics] == [
        ("ORCHSIM_MOUSE", 1, "E-SETTING-VALUE"),
        ("orchsim.toml", 2, "E-SETTING-UNKNOWN"),
        ("orchsim.toml", 3, "E-SETTING-VALUE"),
    ]


def test_a_settings_file_that_is_no_toml(home: Path) -> None:
    """It is told, not ignored."""
    (home / "orchsim.toml").write_text("lang: es\n")
    with pytest.raises(ScenarioError) as caught:
        read_settings({})

    assert [one.code for one in caught.value.diagnostics] == ["E-SETTINGS-TOML"]


def test_language_before_parsing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Help finds its language in flag, environment, settings file and LANG, in that order."""
    monkeypatch.setenv("LANG", "es_MX.UTF-8")
    seen = [language_of([])]
    (home / "orchsim.toml").write_text('lang = "en"\n')
    seen.append(language_of([]))
    monkeypatch.setenv("ORCHSIM_LANG", "es")
    seen.append(language_of([]))
    seen += [language_of(["--lang", "en"]), language_of(["--lang=en"])]

    assert seen == ["es", "en", "es", "en", "en"]


@pytest.mark.parametrize(
    ("surroundings", "tty", "colour", "takes"),
    [
        ({}, True, "auto", True),
        ({}, False, "auto", False),
        ({"NO_COLOR": "1"}, True, "auto", False),
        ({"FORCE_COLOR": "1"}, False, "auto", True),
        ({"FORCE_COLOR": "0"}, False, "auto", False),
        ({"TERM": "dumb"}, True, "auto", False),
        ({"NO_COLOR": "1"}, False, "always", True),
    ],
)
def test_colour(
    surroundings: dict[str, str],
    *,
    tty: bool,
    colour: str,
    takes: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """NO_COLOR and TERM=dumb forbid colour, FORCE_COLOR demands it, a setting beats them all."""
    monkeypatch.setenv("TERM", "xterm")
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)

    assert takes_colour(tty=tty, colour=colour) is takes


def test_unicode_follows_the_locale_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal without a UTF-8 locale gets ASCII; files always get UTF-8."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("LANG", "C")
    ascii_only = takes_unicode(tty=True)
    monkeypatch.setenv("LANG", "en_US.UTF-8")

    assert (ascii_only, takes_unicode(tty=True), takes_unicode(tty=False)) == (False, True, True)
