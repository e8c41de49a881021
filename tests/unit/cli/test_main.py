"""The command line: help, mistakes, exit codes, streams."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.errors import InternalError, LimitError
from tui.cli.diagnostics import ExitCode
from tui.cli.grammar import EXIT_CODES, VERBS
from tui.cli.main import main

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the person who runs the tests reaches them."""
    for name in [name for name in os.environ if name.startswith("ORCHSIM_")]:
        monkeypatch.delenv(name)
    for name in ("LANG", "LC_ALL", "LC_MESSAGES", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("verb", ["", *(verb.name for verb in VERBS)])
def test_help(lang: str, verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Help of the program and of each verb, in both languages, as on record."""
    assert main([*([verb] if verb else []), "--help", "--lang", lang]) == ExitCode.MET

    assert capsys.readouterr().out == (GOLDEN / f"help-{verb or 'orchsim'}.{lang}.txt").read_text()


def test_no_arguments_is_an_introduction_of_ten_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """What it is, three examples, where to go; and exit code 0."""
    assert main([]) == ExitCode.MET

    text = capsys.readouterr().out
    assert text.count("\n") <= 10
    assert text.count("orchsim play") + text.count("orchsim run") + text.count("orchsim show") == 3


def test_help_imports_nothing_heavy() -> None:
    """`--help` loads neither click nor msgspec nor anything of the simulator."""
    code = (
        "import sys; from tui.cli.main import main; main(['--help']);"
        "print(sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    heavy = {
        "click",
        "msgspec",
        "yaml",
        "simpy",
        "duckdb",
        "rich",
        "textual",
        "dataclasses",
        "re",
        "typing",
        "sim",
    }
    assert heavy & set(eval(done.stderr)) == set()  # noqa: S307 - our own print


def test_exit_codes_in_help_are_those_of_the_program() -> None:
    """The table that help shows holds every exit code and no other."""
    assert [code for code, _, _ in EXIT_CODES] == [int(code) for code in ExitCode]


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("lits", 'there is no verb "lits"', 'did you mean "list"?'),
        ("run x --sed 3", "run has no option --sed", 'did you mean "--seed"?'),
        ("run", "SCENARIO is missing", "orchsim run SCENARIO"),
        ("completions tcsh", "SHELL", "one of bash, zsh, fish"),
        ("doctor --lang fr", "--lang", "one of en, es"),
        ("lits --lang es", 'no existe el verbo "lits"', '¿querías decir "list"?'),
        ("show nope-such", 'there is no scenario "nope-such"', "incident-revenue-zero"),
    ],
)
def test_mistakes(line: str, message: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake is told on stderr with what would be right; stdout stays empty; exit code 2."""
    assert main(line.split()) == ExitCode.USAGE

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("error[E-USAGE]: ")
    assert message in told.err
    assert hint in told.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), ExitCode.INTERRUPTED),
        (LimitError("events_max", 10), ExitCode.LIMIT),
        (InternalError("a slot leaked"), ExitCode.BUG),
        (ZeroDivisionError("division by zero"), ExitCode.BUG),
    ],
)
def test_ways_out_of_a_verb(
    error: BaseException, code: ExitCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a verb raises becomes an exit code."""

    def act(call: object) -> int:
        raise error

    monkeypatch.setattr("tui.cli.verbs.doctor.act", act)

    assert main(["doctor"]) == code


def test_a_bug_says_how_to_reproduce_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Our own failure shows the command, version and place, and no traceback unless asked for."""

    def act(call: object) -> int:
        message = "a slot leaked"
        raise InternalError(message)

    monkeypatch.setattr("tui.cli.verbs.doctor.act", act)
    main(["doctor", "--plain"])
    short = capsys.readouterr().err
    main(["doctor", "--plain", "--debug"])
    long = capsys.readouterr().err

    assert "InternalError: a slot leaked" in short
    assert "orchsim doctor --plain" in short
    assert "Traceback" not in short
    assert "Traceback" in long


def test_play_refuses_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody could leave the app then; the sentence names what works instead."""
    assert main(["play", "incident-revenue-zero"]) == ExitCode.USAGE

    told = capsys.readouterr()
    sentence = (
        "play needs a terminal (stdin is not one). Try: orchsim run incident-revenue-zero --plain\n"
    )
    assert (told.out, told.err) == ("", sentence)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The script of each shell calls orchsim back."""
    assert main(["completions", shell]) == ExitCode.MET

    assert f"_ORCHSIM_COMPLETE={shell}_complete" in capsys.readouterr().out


def test_completion_knows_the_scenarios() -> None:
    """After a verb that takes a scenario the shell is offered the shipped ones."""
    environment = {
        **os.environ,
        "_ORCHSIM_COMPLETE": "bash_complete",
        "COMP_WORDS": "orchsim run inc",
        "COMP_CWORD": "2",
    }
    command = [sys.executable, "-m", "tui.cli.main"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert "plain,incident-revenue-zero" in done.stdout.splitlines()


def test_a_reader_that_goes_away_is_no_error() -> None:
    """`orchsim --help | head -0` ends quietly."""
    command = f"{sys.executable} -m tui.cli.main --help | true"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True)

    assert done.stderr == ""
