"""Owns stderr and the exit codes: errors, warnings, progress, and what they mean for a script.

Problems are shown all at once in the form `error[CODE]: file:line:column: message`, the line with
a caret, and `help:`. The first problem of a file comes last, nearest to the prompt, since the
others often follow from it.
"""

from __future__ import annotations

import os
import sys
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.terminal import Terminal, takes_colour, takes_unicode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sim.model.diagnostics import Diagnostic


class ExitCode(IntEnum):
    """What `orchsim` tells the shell."""

    MET = 0
    """Every objective is met; for verbs without objectives, all went well."""
    MISSED = 1
    """An objective is missed, `check` found a scenario that does not do what it says, or `conform`
    a decision that differs; `verify` found what breaks an invariant; `compare` found sides that
    differ, `upgrade-check` something that moves."""
    USAGE = 2
    """The command line is wrong, or a file has errors."""
    VIOLATED = 3
    """An invariant does not hold: two replays of the same inputs differ."""
    LIMIT = 4
    """A limit was exceeded: events, horizon."""
    BUG = 70
    """orchsim itself failed (EX_SOFTWARE of sysexits.h)."""
    INTERRUPTED = 130
    """Ctrl-C (128 + SIGINT)."""


def say(text: str) -> None:
    """One line of talk on stderr; a reader that went away is not an error."""
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def talk_terminal(*, plain: bool = False, colour: str = "auto") -> Terminal:
    """What stderr can do."""
    tty = sys.stderr.isatty()
    return Terminal(
        tty=tty,
        colour=not plain and takes_colour(tty=tty, colour=colour),
        unicode=not plain and takes_unicode(tty=tty),
        width=80,
    )


def report_problems(
    problems: Iterable[Diagnostic], terminal: Terminal, *, texts: Mapping[str, str] | None = None
) -> None:
    """Write every problem to stderr; `texts` holds what is not in a file (stdin)."""
    say(render_problems(problems, terminal, texts=texts))


def render_problems(
    problems: Iterable[Diagnostic], terminal: Terminal, *, texts: Mapping[str, str] | None = None
) -> str:
    """Every problem as text: warnings first, then errors, the first of each file last."""
    ordered = sorted(
        problems, key=lambda one: (one.severity == "error", one.file, -one.line, -one.column)
    )
    lines = _Lines(texts or {})
    return "\n\n".join(_problem(one, terminal, lines) for one in ordered)


def report_usage(
    message: str, terminal: Terminal, *, hint: str = "", code: str = "E-USAGE"
) -> None:
    """A mistake on the command line."""
    text = f"{terminal.paint(f'error[{code}]', 'error')}: {message}"
    say(f"{text}\n{terminal.paint('help', 'help')}: {hint}" if hint else text)


def report_bug(
    error: BaseException, terminal: Terminal, *, command: str, version: str, debug: bool
) -> None:
    """Our own failure: what happened and how to reproduce it; the traceback only when asked for."""
    head = terminal.paint("error[E-BUG]", "error")
    lines = [
        f"{head}: orchsim failed: {type(error).__name__}: {error}",
        f"  at {_last_place(error)}",
        "",
        "This is a bug of orchsim and not of your files. To report it, copy this:",
        f"  orchsim {version}, Python {sys.version.split()[0]}, {sys.platform}",
        f"  {command}",
        f"{terminal.paint('help', 'help')}: add --debug to see the traceback",
    ]
    if debug:
        import traceback  # noqa: PLC0415 - only when something broke

        lines = ["".join(traceback.format_exception(error)).rstrip(), *lines[:-1]]
    say("\n".join(lines))


def _problem(problem: Diagnostic, terminal: Terminal, lines: _Lines) -> str:
    severity = problem.severity
    style = "error" if severity == "error" else "bad"
    where = f"{problem.file}:{problem.line}:{problem.column}: " if problem.file else ""
    parts = [f"{terminal.paint(f'{severity}[{problem.code}]', style)}: {where}{problem.message}"]
    source = lines.line(problem.file, problem.line)
    if source is not None:
        number, bar = str(problem.line), "│" if terminal.unicode else "|"
        gutter = " " * len(number)
        # A tab before the caret stays a tab, so that the caret stands below its character.
        lead = "".join("\t" if char == "\t" else " " for char in source[: problem.column - 1])
        parts.append(f"  {terminal.paint(f'{number} {bar}', 'dim')} {source}")
        parts.append(
            f"  {terminal.paint(f'{gutter} {bar}', 'dim')} {lead}{terminal.paint('^', style)}"
        )
    if problem.hint:
        parts.append(f"  {terminal.paint('help', 'help')}: {problem.hint}")
    return "\n".join(parts)


class _Lines:
    """Lines of files, each file read once."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = {name: text.splitlines() for name, text in texts.items()}

    def line(self, file: str, number: int) -> str | None:
        """The line with this number, None when there is no such file or line."""
        if file and file not in self._texts:
            try:
                self._texts[file] = (
                    Path(file).read_text(encoding="utf-8", errors="replace").splitlines()
                )
            except OSError:
                self._texts[file] = []
        lines = self._texts.get(file, [])
        return lines[number - 1] if 1 <= number <= len(lines) else None


def _last_place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    file = Path(trace.tb_frame.f_code.co_filename)
    return f"{'/'.join(file.parts[-3:])}:{trace.tb_lineno} in {trace.tb_frame.f_code.co_name}"
