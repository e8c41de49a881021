"""The entry point. What needs no scenario (help, version) is answered without imports.

Everything else goes to `tui.cli.commands`, where click parses it. The answer is the exit code.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_COMPLETING = "_ORCHSIM_COMPLETE"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code (see `tui.cli.diagnostics.ExitCode`)."""
    words = list(sys.argv[1:] if argv is None else argv)
    if _COMPLETING not in os.environ and _answer_at_once(words):
        return 0
    from tui.cli.commands import run_command  # noqa: PLC0415 - click only when there is something to parse

    return run_command(words)


def _answer_at_once(words: list[str]) -> bool:
    """Answer what needs no parsing; False when this command line is none of it."""
    from tui.cli import help as helping  # noqa: PLC0415
    from tui.cli.grammar import PROGRAM, find_verb  # noqa: PLC0415
    from tui.cli.language import LANGUAGES, language_of  # noqa: PLC0415

    rest = [
        word for word in words if word not in {"--lang", *(f"--lang={lang}" for lang in LANGUAGES)}
    ]
    if "--lang" in words:
        rest = [word for word in rest if word not in LANGUAGES]
    lang = language_of(words)
    verb = find_verb(rest[0]) if rest else None
    text = None
    if not rest:
        text = helping.intro(lang, tty=sys.stdout.isatty())
    elif rest in (["--help"], ["help"]):
        text = helping.program_help(lang)
    elif verb is not None and "--help" in rest[1:]:
        text = helping.verb_help(verb, lang)
    elif rest == ["--version"]:
        from importlib.metadata import version  # noqa: PLC0415 - the one place that asks

        text = f"{PROGRAM} {version(PROGRAM)}\n"
    if text is None:
        return False
    from tui.cli.output import write  # noqa: PLC0415

    write(text)
    return True


if __name__ == "__main__":
    sys.exit(main())
