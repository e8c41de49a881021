"""The click commands, built from the grammar; each verb's code is imported when it is used.

click parses, suggests and completes. Help comes from `tui.cli.help`, errors go out through
`tui.cli.diagnostics`, and every way out of a verb ends here as an exit code.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from sim.errors import LimitError, ScenarioError, UsageError
from tui.cli.diagnostics import (
    ExitCode,
    report_bug,
    report_problems,
    report_usage,
    say,
    talk_terminal,
)
from tui.cli.grammar import COMMON, PROGRAM, VERBS, Argument, Option, Verb, find_verb
from tui.cli.help import program_help, verb_help
from tui.cli.language import language_of
from tui.cli.settings import Settings, read_settings
from tui.cli.terminal import Terminal, look
from tui.cli.usage import usage_problem
from tui.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Act = Callable[["Call"], int]


@dataclass(frozen=True, slots=True)
class Call:
    """One command line, parsed: what a verb gets."""

    verb: str
    options: dict[str, Any]
    """Arguments and the verb's own options by name; None when not given."""
    settings: Settings
    words: Words
    terminal: Terminal
    """What stdout can do."""
    plain: bool
    debug: bool
    texts: dict[str, str] = field(default_factory=dict)
    """What was read from stdin, by the name that diagnostics use for it."""

    def __getitem__(self, name: str) -> Any:
        return self.options.get(name)


def run_command(words: Sequence[str]) -> int:
    """Parse and run a command line; the result is its exit code. Nothing is raised."""
    flagged = set(words)
    terminal = talk_terminal(plain="--plain" in flagged)
    texts: dict[str, str] = {}
    try:
        result = _program(texts).main(list(words), prog_name=PROGRAM, standalone_mode=False)
        return int(result or 0)
    except (KeyboardInterrupt, click.Abort):
        say("")
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        message, hint = usage_problem(error, Words(language_of(list(words))))
        report_usage(message, terminal, hint=hint)
    except ScenarioError as error:
        report_problems(error.diagnostics, terminal, texts=texts)
    except UsageError as error:
        report_usage(error.message, terminal, hint=error.hint)
    except LimitError as error:
        report_usage(error.message, terminal, code="E-LIMIT")
        return ExitCode.LIMIT
    except Exception as error:  # noqa: BLE001 - the last place where a bug can be told apart from a crash
        _report_bug(error, terminal, words)
        return ExitCode.BUG
    return ExitCode.USAGE


def _report_bug(error: Exception, terminal: Terminal, words: Sequence[str]) -> None:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - only on a bug

    try:
        number = version(PROGRAM)
    except PackageNotFoundError:
        number = "(not installed)"
    command = shlex.join([PROGRAM, *words])
    report_bug(error, terminal, command=command, version=number, debug="--debug" in words)


def _program(texts: dict[str, str]) -> click.Group:
    return _Program(texts)


class _Program(click.Group):
    """The group of all verbs; a verb's command is made when it is asked for."""

    def __init__(self, texts: dict[str, str]) -> None:
        super().__init__(
            name=PROGRAM, no_args_is_help=False, invoke_without_command=False, add_help_option=False
        )
        self._texts = texts
        self.params.append(_option(COMMON[0]))

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return [verb.name for verb in VERBS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        verb = find_verb(cmd_name)
        return None if verb is None else _command(verb, self._texts)

    def get_help(self, ctx: click.Context) -> str:
        del ctx
        return program_help(language_of([]))


class _VerbCommand(click.Command):
    """A verb; its help is ours."""

    def get_help(self, ctx: click.Context) -> str:
        verb = find_verb(str(self.name))
        assert verb is not None
        return verb_help(verb, ctx.params.get("lang") or language_of([])).rstrip("\n")


def _command(verb: Verb, texts: dict[str, str]) -> click.Command:
    params: list[click.Parameter] = [_argument(argument) for argument in verb.arguments]
    params += [_option(option) for option in (*verb.options, *COMMON) if option.flag != "--help"]

    def callback(**options: Any) -> int:
        context = click.get_current_context()
        if options["lang"] is None and context.parent is not None:
            options["lang"] = context.parent.params.get("lang")
        return _act(verb, options, texts)

    return _VerbCommand(
        verb.name, params=params, callback=callback, short_help=verb.en, add_help_option=True
    )


def _act(verb: Verb, options: dict[str, Any], texts: dict[str, str]) -> int:
    flags = {
        "lang": options.pop("lang"),
        "no_input": options.pop("no_input") or None,
        "ascii": options.pop("ascii", None) or None,
        "mouse": False if options.pop("no_mouse", None) else None,
        "reduced_motion": options.pop("reduced_motion", None) or None,
    }
    plain, debug = options.pop("plain"), options.pop("debug")
    settings = read_settings(flags)
    call = Call(
        verb=verb.name,
        options=options,
        settings=settings,
        words=Words(settings.lang),
        terminal=look(
            plain=plain,
            colour=settings.color,
            ascii_only=settings.ascii,
            width=options.get("width"),
        ),
        plain=plain,
        debug=debug,
        texts=texts,
    )
    act: Act = import_module(f"tui.cli.verbs.{verb.module}").act
    return act(call)


_TYPES: dict[str, Any] = {
    "--seed": click.INT,
    "--width": click.IntRange(40, 400),
    "--differences": click.IntRange(0, 100_000),
    "--config": click.Path(dir_okay=False, allow_dash=True),
    "--against": click.Path(dir_okay=False),
    "--faults": click.Path(dir_okay=False),
    "--plans": click.IntRange(1, 1_000_000),
    "--seconds": click.FloatRange(0, 1_000_000),
    "--save": click.Path(dir_okay=False),
    "--dir": click.Path(file_okay=False),
}
"""What a flag's value is, where it is more than text."""


def _option(option: Option) -> click.Option:
    kind = click.Choice(option.choices) if option.choices else _TYPES.get(option.flag)
    return click.Option(
        [option.flag],
        is_flag=not option.metavar,
        type=kind if option.metavar else None,
        multiple=option.multiple,
        metavar=option.metavar or None,
        help=option.en,
    )


def _argument(argument: Argument) -> click.Argument:
    return click.Argument(
        [argument.name],
        required=argument.required,
        nargs=-1 if argument.many else 1,
        type=click.Choice(argument.choices) if argument.choices else None,
        metavar=argument.name.upper(),
        shell_complete=_complete_scenario if argument.name in {"scenario", "scenarios"} else None,
    )


def _complete_scenario(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[Any]:
    del context, parameter
    from click.shell_completion import CompletionItem  # noqa: PLC0415 - only while completing

    from sim.scenario.content import list_scenarios  # noqa: PLC0415

    names = [CompletionItem(name) for name in list_scenarios() if name.startswith(incomplete)]
    return names or [CompletionItem(incomplete, type="dir")]
