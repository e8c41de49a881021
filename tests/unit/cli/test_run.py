"""`run`: verdicts for people and scripts, exit codes, stdin, `--set`, `--until`, `--watch`."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from tui.cli.diagnostics import ExitCode
from tui.cli.main import main
from tui.cli.verbs import run as run_verb
from tui.cli.watch import Reader

FLAGSHIP = "incident-revenue-zero"
FOLDER = Path("scenarios") / FLAGSHIP
FIX = FOLDER / "solutions" / "gate-and-retry.yaml"


def test_the_broken_config_misses(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1; the verdict names read, night and figure, digest, seed and what to do next."""
    assert main(["run", FLAGSHIP]) == ExitCode.MISSED

    text = capsys.readouterr().out
    assert "✗ missed  O1  No reader is ever shown a revenue of 0" in text
    assert "Thu 14 Mar 09:00  VP is shown revenue 0 for 2024-03-13; the truth is " in text
    assert "✓ met  O4" in text
    assert "digest " in text
    assert "1714" in text
    assert f"orchsim show {FLAGSHIP} gantt --night 2024-03-14" in text


def test_a_fix_is_met_in_spanish(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, in the language asked for."""
    assert main(["run", FLAGSHIP, "--config", str(FIX), "--lang", "es"]) == ExitCode.MET

    assert "6 objetivos cumplidos: todos." in capsys.readouterr().out


def test_json_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    """The documented keys are there and evidence is worded."""
    main(["run", FLAGSHIP, "--json"])
    verdict = json.loads(capsys.readouterr().out)

    assert {"format", "scenario", "seed", "digest", "objectives"} <= set(verdict)
    assert {"id", "met", "bonus", "evidence"} <= set(verdict["objectives"][0])
    assert verdict["objectives"][0]["evidence"][0]["message"].startswith("VP is shown revenue 0")


def test_a_config_from_stdin(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--config -` reads stdin; its problems show the line that is wrong."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("orchestrator: crom\ntasks: {}\n"))

    assert main(["run", FLAGSHIP, "--config", "-", "--plain"]) == ExitCode.USAGE
    told = capsys.readouterr()
    assert told.out == ""
    assert "<stdin>:1:15: " in told.err
    assert "1 | orchestrator: crom" in told.err
    assert 'did you mean "cron"?' in told.err


def test_a_value_set_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    """`--set` changes the config that is judged: without a check the fix is none."""
    line = ["run", FLAGSHIP, "--config", str(FIX), "--set", "checks.volume.on_failure=warn"]

    assert main(line) == ExitCode.MISSED
    assert "--set checks.volume.on_failure=warn" in capsys.readouterr().out


def test_the_night_until_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    """`--until` prints what happened by then, and nothing later."""
    assert main(["run", FLAGSHIP, "--until", "06:00"]) == ExitCode.MET

    text = capsys.readouterr().out
    assert "until 06:00" in text
    assert "version 74" in text
    assert "CTO" not in text


def test_until_needs_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    """Something else is refused."""
    assert main(["run", FLAGSHIP, "--until", "dawn"]) == ExitCode.USAGE

    assert "dawn" in capsys.readouterr().err


def test_same_command_same_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    """Two runs print the same."""
    main(["run", FLAGSHIP])
    first = capsys.readouterr().out
    main(["run", FLAGSHIP])

    assert capsys.readouterr().out == first


def test_watching_prints_what_changed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first verdict whole, then only what changed; errors leave the verdict alone."""
    told: list[tuple[str, str]] = []

    def saves(path: Path, reader: Reader) -> None:
        found = (FOLDER / "config.yaml").read_text()
        for text in (found, "tasks: [", FIX.read_text()):
            reader.read(text)
            reader.settle()
            out, err = capsys.readouterr()
            told.append((out, err))
        raise KeyboardInterrupt

    monkeypatch.setattr(run_verb, "watch", saves)
    code = main(["run", FLAGSHIP, "--config", "mine.yaml", "--watch"])

    (whole, _), (nothing, problems), (changes, _) = told
    assert code == ExitCode.INTERRUPTED
    assert "Look further:" in whole
    assert (nothing, "error[E-YAML" in problems) == ("", True)
    assert changes.startswith("✓ met  O1")
    assert "O4" not in changes
    assert changes.rstrip().endswith("7 of 7 met")


@pytest.mark.parametrize("line", [[], ["--config", "-"]])
def test_watch_needs_a_file(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to watch without one."""
    assert main(["run", FLAGSHIP, "--watch", *line]) == ExitCode.USAGE

    assert "--watch" in capsys.readouterr().err
