"""`orchsim check`: proves that scenarios do what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.errors import ScenarioError
from sim.scenario.load import list_scenarios, load_scenario
from sim.session.check import check_scenario
from tui.cli.diagnostics import ExitCode, report_problems, talk_terminal
from tui.cli.output import write, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.session.check import Proof
    from tui.cli.commands import Call

FORMAT = 1
"""Version of what `--json` prints."""
DETERMINISM = "determinism"
"""The proof that two replays are equal, whose failure is an invariant violated."""


def act(call: Call) -> int:
    """Prove the scenarios named, else every shipped one, and print a line for each claim."""
    names = call["scenarios"] or list_scenarios()
    proofs: dict[str, list[Proof]] = {}
    broken = False
    for name in names:
        try:
            scenario = load_scenario(name)
        except ScenarioError as error:
            broken = True
            report_problems(error.diagnostics, talk_terminal(plain=call.plain))
            continue
        if not call["json"]:
            write(f"{call.terminal.paint(scenario.id, 'bold')}\n")
        told = (lambda _: None) if call["json"] else (lambda proof: write(_line(proof, call)))
        proofs[scenario.id] = check_scenario(scenario, told=told)
    if call["json"]:
        write_json(_as_json(proofs))
    else:
        write(_summary(proofs, call))
    return ExitCode.USAGE if broken else _code(proofs)


def _code(proofs: Mapping[str, Sequence[Proof]]) -> ExitCode:
    failed = [proof.subject for found in proofs.values() for proof in found if not proof.holds]
    if DETERMINISM in failed:
        return ExitCode.VIOLATED
    return ExitCode.MISSED if failed else ExitCode.MET


def _line(proof: Proof, call: Call) -> str:
    say, paint, unicode = call.words.say, call.terminal.paint, call.terminal.unicode
    glyph = ("✓" if proof.holds else "✗") if unicode else ("+" if proof.holds else "x")
    word = say("check.holds" if proof.holds else "check.fails")
    lines = [f"  {paint(f'{glyph} {word}', 'good' if proof.holds else 'bad')}  {proof.subject:<36}"]
    if proof.missed or proof.expected:
        lines[0] += say("check.missed", missed=_ids(proof.missed), expected=_ids(proof.expected))
    if proof.message:
        lines += [f"      {text}" for text in proof.message.splitlines()]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _summary(proofs: Mapping[str, Sequence[Proof]], call: Call) -> str:
    claims = [proof for found in proofs.values() for proof in found]
    failed = sum(not proof.holds for proof in claims)
    code = "check.some" if failed else "check.all"
    text = call.words.say(code, count=len(proofs), claims=len(claims), failed=failed)
    return f"\n{call.terminal.paint(text, 'bad' if failed else 'good')}\n"


def _as_json(proofs: Mapping[str, Sequence[Proof]]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "holds": all(proof.holds for found in proofs.values() for proof in found),
        "scenarios": [
            {
                "id": name,
                "proofs": [
                    {
                        "subject": proof.subject,
                        "holds": proof.holds,
                        "missed": list(proof.missed),
                        "expected": list(proof.expected),
                        "message": proof.message,
                    }
                    for proof in found
                ],
            }
            for name, found in proofs.items()
        ],
    }


def _ids(names: Sequence[str]) -> str:
    return " ".join(names) or "-"
