"""`check`: a line for each claim, exit codes, JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.session.check import Proof
from tui.cli.diagnostics import ExitCode
from tui.cli.main import main
from tui.cli.verbs import check as check_verb


def proving(*proofs: Proof) -> Callable[..., list[Proof]]:
    """A stand-in for the prover that finds these proofs."""

    def check_scenario(scenario: object, *, told: Callable[[Proof], None]) -> list[Proof]:
        for proof in proofs:
            told(proof)
        return list(proofs)

    return check_scenario


GOOD = Proof("solutions/a.yaml", holds=True)
BAD = Proof("traps/b.yaml", holds=False, missed=("O2",), expected=("O1",), message="not that one")
DIFFERS = Proof("determinism", holds=False, message="two simulations differ")


@pytest.mark.parametrize(
    ("proofs", "code"),
    [((GOOD,), ExitCode.MET), ((GOOD, BAD), ExitCode.MISSED), ((BAD, DIFFERS), ExitCode.VIOLATED)],
)
def test_exit_codes(
    proofs: tuple[Proof, ...], code: ExitCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All hold: 0; one does not: 1; two replays differ: 3."""
    monkeypatch.setattr(check_verb, "check_scenario", proving(*proofs))

    assert main(["check", "incident-revenue-zero"]) == code


def test_a_claim_that_does_not_hold_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it misses, what was expected, and the message."""
    monkeypatch.setattr(check_verb, "check_scenario", proving(GOOD, BAD))
    main(["check", "incident-revenue-zero", "--plain"])

    text = capsys.readouterr().out
    assert "x does not hold  traps/b.yaml" in text
    assert "misses O2 (expected: O1)" in text
    assert "not that one" in text
    assert "1 of 2 claims not proved." in text


def test_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One object; stdout holds nothing else."""
    monkeypatch.setattr(check_verb, "check_scenario", proving(GOOD))
    main(["check", "incident-revenue-zero", "--json"])
    told = json.loads(capsys.readouterr().out)

    assert (told["format"], told["holds"]) == (1, True)
    assert told["scenarios"][0]["proofs"][0]["subject"] == "solutions/a.yaml"


def test_a_scenario_with_errors_is_told_and_the_others_are_proved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, the problems on stderr, the rest of the list still checked."""
    (tmp_path / "scenario.yaml").write_text("id: broken\n")
    monkeypatch.setattr(check_verb, "check_scenario", proving(GOOD))
    code = main(["check", str(tmp_path), "incident-revenue-zero"])

    told = capsys.readouterr()
    assert code == ExitCode.USAGE
    assert "error[E-KEY-MISSING]" in told.err
    assert "solutions/a.yaml" in told.out
