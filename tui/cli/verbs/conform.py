"""`orchsim conform`: judges this program by decisions recorded from the real systems.

The last line on stdout is `agreed N of M decisions` in every language, for scripts. A file that
cannot be judged is told on stderr and the others are judged all the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.conform.decision import Absent
from sim.conform.kinds import judge
from sim.conform.recording import read_recording
from sim.errors import UsageError
from tui.cli.diagnostics import ExitCode, report_usage, talk_terminal
from tui.cli.output import write, write_json
from tui.cli.pages.layout import indented, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.conform.decision import Decision, Tally
    from sim.conform.recording import Recording
    from tui.cli.commands import Call

FORMAT = 1
"""Version of what `--json` prints."""
DIFFERENCES = 10
"""How many differences of a file are shown unless told otherwise."""
CODE = "E-RECORDING"
"""What a recording that cannot be judged is called on stderr."""


def act(call: Call) -> int:
    """Judge every file and print what agrees, then the first differences of each."""
    shown = DIFFERENCES if call["differences"] is None else call["differences"]
    judged: list[tuple[Recording, Tally]] = []
    refused: list[UsageError] = []
    for file in call["file"]:
        try:
            recording = read_recording(_bytes(file), file)
            tally = judge(recording, differences_max=shown)
        except UsageError as error:
            terminal = talk_terminal(plain=call.plain)
            report_usage(error.message, terminal, hint=error.hint, code=CODE)
            refused.append(error)
            continue
        judged.append((recording, tally))
        if not call["json"]:
            write(_page(recording, tally, call))
    agreed, total = (
        sum(getattr(tally, name) for _, tally in judged) for name in ("agreed", "total")
    )
    if call["json"]:
        write_json(_as_json(judged, refused, agreed, total))
    else:
        write(f"agreed {agreed} of {total} decisions\n")
    if refused:
        return ExitCode.USAGE
    return ExitCode.MET if agreed == total else ExitCode.MISSED


def _bytes(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror or error}"
        raise UsageError(message) from None


def _page(recording: Recording, tally: Tally, call: Call) -> str:
    say, paint, unicode = call.words.say, call.terminal.paint, call.terminal.unicode
    all_agree = tally.agreed == tally.total
    glyph = ("✓" if all_agree else "✗") if unicode else ("+" if all_agree else "x")
    score = paint(f"{glyph} {tally.agreed} / {tally.total}", "good" if all_agree else "bad")
    about = say(
        "conform.about",
        system=recording.system,
        kind=recording.kind,
        version=recording.version,
        whole=tally.cases_whole,
        cases=tally.cases,
    )
    lines = [f"{score}  {recording.file}", f"  {paint(about, 'dim')}"]
    if tally.differences:
        lines.append(indented(_differences(tally.differences, call)))
    left = tally.total - tally.agreed - len(tally.differences)
    if left > 0:
        lines.append(f"  {paint(say('conform.more', count=left), 'dim')}")
    return "\n".join(lines) + "\n\n"


def _differences(differences: Sequence[Decision], call: Call) -> str:
    say, paint = call.words.say, call.terminal.paint
    names = ("case", "decision", "recorded", "simulated")
    head = [paint(say(f"conform.{name}"), "bold") for name in names]
    rows = [
        [one.case, one.what, _value(one.recorded, call), _value(one.simulated, call)]
        for one in differences
    ]
    return table([head, *rows])


def _value(value: Any, call: Call) -> str:
    """One side of a difference, as short as it can be and still be told from any other value."""
    if isinstance(value, Absent):
        if value.reason:
            return call.words.say("conform.not_simulated", reason=value.reason)
        return call.words.say("conform.absent")
    if isinstance(value, dict):
        return " ".join(f"{name}={_value(one, call)}" for name, one in value.items())
    return "null" if value is None else str(value)


def _as_json(
    judged: Sequence[tuple[Recording, Tally]],
    refused: Sequence[UsageError],
    agreed: int,
    total: int,
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "agreed": agreed,
        "total": total,
        "files": [
            {
                "file": recording.file,
                "system": recording.system,
                "kind": recording.kind,
                "version": recording.version,
                "agreed": tally.agreed,
                "total": tally.total,
                "cases_whole": tally.cases_whole,
                "cases": tally.cases,
                "differences": [_difference(one) for one in tally.differences],
            }
            for recording, tally in judged
        ],
        "refused": [{"message": error.message, "hint": error.hint} for error in refused],
    }


def _difference(one: Decision) -> dict[str, Any]:
    """A side that has nothing has no key; a reason says why the program could not decide."""
    found: dict[str, Any] = {"case": one.case, "decision": one.what}
    for side, value in (("recorded", one.recorded), ("simulated", one.simulated)):
        if not isinstance(value, Absent):
            found[side] = value
        elif value.reason:
            found["reason"] = value.reason
    return found
