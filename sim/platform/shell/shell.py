"""The shell: walks a tree, runs what it names, answers with an exit status.

A shell is a generator inside one process of the kernel; sleeping, waiting for a lock and running a
task are events. Whose task that is and what becomes of it is the `Surroundings`' matter: this
module knows no journal.
Source: POSIX.1-2017 Shell & Utilities 2.8 (exit status, `set -e`), dash 0.5.12.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from sim.errors import LimitError
from sim.platform.shell.builtin_commands import BUILTINS, FILES_TOO, builtin_name
from sim.platform.shell.descriptors import OpenFile
from sim.platform.shell.expansion import TOO_LONG, UnsetVariable, expand, expand_one
from sim.platform.shell.shell_parse import parse_shell
from sim.platform.shell.shell_tree import For, Group, Not, Simple
from sim.platform.shell.shell_words import ShellSyntaxError
from sim.platform.shell.wrapper_calls import call_wrapper
from sim.platform.shell.wrappers import WRAPPERS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from sim.kernel.loop import Kernel
    from sim.kernel.slots import Slots
    from sim.platform.shell import shell_tree
    from sim.platform.shell.shell_words import Redirection

    Steps = Generator[Any, Any, int]

COMMANDS_MAX = 100_000
"""Commands of one job; more is a loop that got out of hand."""
DEPTH_MAX = 32
"""Shells inside shells."""
NOT_FOUND, CANNOT_RUN, MISUSED = 127, 126, 2
FILE_NUMBERS = range(3, 10)


class Surroundings(Protocol):
    """What a job's shells stand on."""

    commands: int
    """Commands run so far by the job."""

    @property
    def kernel(self) -> Kernel:
        """Time."""

    @property
    def timezone(self) -> str:
        """Zone of the host's clock."""

    def script(self, word: str) -> str | None:
        """The text of the script that a command word names."""

    def task(self, word: str) -> str | None:
        """The task that a command word names."""

    def program(
        self, word: str
    ) -> Callable[[Sequence[str], Mapping[str, str]], Generator[Any, Any, tuple[int, str]]] | None:
        """The installed program that a command word names: its exit status and what it says."""

    def lock(self, path: str) -> Slots:
        """The lock file at a path."""

    def perform(self, task: str, arguments: Sequence[str]) -> Generator[Any, Any, tuple[int, str]]:
        """One try of a task: its exit status and what it says on its error stream."""

    def notify(self, alert: str) -> bool:
        """Send an alert; False when there is none of that name."""

    def heartbeat(self, name: str) -> bool:
        """Ping a heartbeat; False when there is none of that name."""

    def interrupt(self, cause: object) -> None:
        """Interrupt the job's process."""


class ShellExit(Exception):  # noqa: N818 - the end of a shell, not an error
    """Unwinds a shell that ends early; never leaves `Shell.run`."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True, kw_only=True)
class Shell:
    """One shell process."""

    around: Surroundings
    out: list[str]
    err: list[str]
    name: str = "sh"
    arguments: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    exported: dict[str, None] = field(default_factory=dict)
    """Names that commands inherit; ordered."""
    errexit: bool = False
    nounset: bool = False
    status: int = 0
    """`$?`."""
    depth: int = 0
    files: dict[int, OpenFile] = field(default_factory=dict)
    """Open files from number 3 on, those that it inherited too."""
    opened: list[OpenFile] = field(default_factory=list)
    """What `exec` opened in this shell; closed with it."""

    def run_text(self, text: str) -> Steps:
        """Run shell text from beginning to end; the exit status."""
        try:
            tree = parse_shell(text)
        except ShellSyntaxError as error:
            self.err.append(f"{self.name}: syntax error: {error}")
            return MISUSED
        return (yield from self.run(tree))

    def run(self, tree: shell_tree.Sequence) -> Steps:
        """Run a tree as a whole shell; the exit status."""
        try:
            return (yield from self._sequence(tree, guarded=False))
        except ShellExit as ended:
            return ended.code
        except UnsetVariable as unset:
            self.err.append(f"{self.name}: {unset.name}: parameter not set")
            return MISUSED
        finally:
            for file in self.opened:
                file.release()

    def child(self, **changes: Any) -> Shell:
        """A shell that inherits everything, as `( )` and `$( )` do."""
        copies: dict[str, Any] = {
            "variables": dict(self.variables),
            "exported": dict(self.exported),
            "files": dict(self.files),
            "opened": [],
        }
        return replace(self, depth=self.depth + 1, **{**copies, **changes})

    # -- lists ------------------------------------------------------------------------------

    def _sequence(self, tree: shell_tree.Sequence, *, guarded: bool) -> Steps:
        for item in tree.items:
            self.status = yield from self._and_or(item, guarded=guarded)
        return self.status if tree.items else 0

    def _and_or(self, item: shell_tree.AndOr, *, guarded: bool) -> Steps:
        """`guarded`: a failure in here is looked at by someone, so `set -e` does not apply."""
        links = [("", item.first), *item.rest]
        code = 0
        for number, (sign, command) in enumerate(links, start=1):
            if (sign == "&&" and code) or (sign == "||" and not code):
                continue
            last = number == len(links)
            code = yield from self._command(command, guarded=guarded or not last)
            self.status = code
            if code and last and self.errexit and not guarded and not isinstance(command, Not):
                raise ShellExit(code)
        return code

    def _command(self, command: shell_tree.Command, *, guarded: bool) -> Steps:
        if isinstance(command, Simple):
            if len(command.words) == 1 and command.words[0].literal == "exec":
                return (yield from self._exec(command))
            return (yield from self._redirected(command, self._simple(command)))
        if isinstance(command, Not):
            return int(not (yield from self._command(command.command, guarded=True)))
        if isinstance(command, For):
            return (yield from self._redirected(command, self._loop(command, guarded=guarded)))
        return (yield from self._redirected(command, self._group(command, guarded=guarded)))

    def _group(self, group: Group, *, guarded: bool) -> Steps:
        if not group.subshell:
            return (yield from self._sequence(group.body, guarded=guarded))
        inner = self.child()
        inner.errexit = self.errexit and not guarded
        return (yield from inner.run(group.body))

    def _loop(self, loop: For, *, guarded: bool) -> Steps:
        values = yield from expand(self, loop.words)
        code = 0
        for value in values:
            self._count()
            self.variables[loop.name] = value
            code = yield from self._sequence(loop.body, guarded=guarded)
        return code

    def _exec(self, command: Simple) -> Steps:
        """`exec` without a command: its redirections stay."""
        self._count()
        for redirection in command.redirections:
            file = yield from self._redirect(redirection)
            if file is not None:
                self.opened.append(file)
        return 0

    def _redirected(self, command: Simple | Group | For, steps: Steps) -> Steps:
        """Run with the command's redirections; files take what they get and nobody reads them."""
        if not command.redirections:
            return (yield from steps)
        before = self.out, self.err, dict(self.files)
        opened = []
        try:
            for redirection in command.redirections:
                file = yield from self._redirect(redirection)
                if file is not None:
                    opened.append(file)
            return (yield from steps)
        finally:
            self.out, self.err, self.files = before
            for file in opened:
                file.release()

    def _redirect(self, redirection: Redirection) -> Generator[Any, Any, OpenFile | None]:
        """Let a stream go elsewhere; the file that was opened, for a stream that can be locked."""
        if redirection.stream in FILE_NUMBERS:
            former = self.files.pop(redirection.stream, None)
            if former in self.opened:
                former.release()
            if redirection.target is None or redirection.target.literal == "-":
                return None
            path = yield from expand_one(self, redirection.target)
            file = self.files[redirection.stream] = OpenFile(self.around.lock(path))
            return file
        target = {None: [], 1: self.out, 2: self.err}[redirection.copies]
        if redirection.stream in {1, 12}:
            self.out = target
        if redirection.stream in {2, 12}:
            self.err = target
        return None

    # -- simple commands --------------------------------------------------------------------

    def _simple(self, command: Simple) -> Steps:
        self._count()
        words = yield from expand(self, command.words)
        assigned = {}
        for name, word in command.assignments:
            assigned[name] = yield from expand_one(self, word)
        if any(len(text) > TOO_LONG for text in (*words, *assigned.values())):
            self.err.append(f"{self.name}: argument list too long")
            return CANNOT_RUN
        if not words:
            self.variables.update(assigned)
            return self.status if assigned and not command.words and _substitutes(command) else 0
        return (yield from self.call(words, assigned))

    def call(
        self,
        words: Sequence[str],
        assigned: dict[str, str] | None = None,
        *,
        external: bool = False,
    ) -> Steps:
        """Run one command. `external`: the shell's own commands are out of reach."""
        name = words[0]
        builtin = builtin_name(name)
        if builtin is not None and (not external or builtin in FILES_TOO):
            code = yield from BUILTINS[builtin](self, words[1:])
            return code
        if name.rpartition("/")[2] in WRAPPERS:
            return (yield from call_wrapper(self, words, assigned or {}))
        text = self.around.script(name)
        if text is not None:
            return (yield from self.call_script(text, name, words[1:], assigned or {}))
        task = self.around.task(name)
        if task is not None:
            return (yield from self._heard(self.around.perform(task, words[1:])))
        program = self.around.program(name)
        if program is not None:
            inherited = self._inherited(assigned or {})
            return (yield from self._heard(program(words[1:], inherited)))
        self.err.append(f"{self.name}: {name}: not found")
        return NOT_FOUND

    def _heard(self, steps: Generator[Any, Any, tuple[int, str]]) -> Steps:
        """Run what says something on its error stream."""
        code, said = yield from steps
        if said:
            self.err.append(said)
        return code

    def call_script(
        self, text: str, name: str, arguments: Sequence[str], assigned: dict[str, str]
    ) -> Steps:
        """Run a script in a shell of its own, which sees exported variables only."""
        if self.depth >= DEPTH_MAX:
            self.err.append(f"{self.name}: cannot fork: resource temporarily unavailable")
            return MISUSED
        inherited = self._inherited(assigned)
        inner = Shell(
            around=self.around,
            out=self.out,
            err=self.err,
            name=name,
            arguments=tuple(arguments),
            variables=inherited,
            exported=dict.fromkeys(inherited),
            depth=self.depth + 1,
            files=dict(self.files),
        )
        return (yield from inner.run_text(text))

    def _inherited(self, assigned: Mapping[str, str]) -> dict[str, str]:
        """The variables that a command sees."""
        exported = {key: self.variables[key] for key in self.exported if key in self.variables}
        return {**exported, **assigned}

    def leave(self, code: int) -> ShellExit:
        """What a command raises to end this shell."""
        return ShellExit(code)

    def _count(self) -> None:
        self.around.commands += 1
        if self.around.commands > COMMANDS_MAX:
            limit = "shell_commands_max"
            message = f"a cron job ran more than {limit} = {COMMANDS_MAX} commands"
            raise LimitError(limit, COMMANDS_MAX, message)


def _substitutes(command: Simple) -> bool:
    """Whether the status of `x=$(…)` is that of the substitution."""
    return any(word.substitutes for _, word in command.assignments)
