"""Shell text to tokens: words with their quotes and expansions, operators, redirections.

The part of POSIX sh that crontabs and nightly scripts use; what is outside of it is refused with a
place, never guessed. Nothing is expanded here. Positions are indexes into the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from sim.platform.shell.shell_tree import Sequence


class ShellSyntaxError(ValueError):
    """Shell text that is wrong or outside of what is understood. `position` counts from 0."""

    def __init__(self, message: str, position: int, hint: str = "") -> None:
        super().__init__(message, position, hint)
        self.message = message
        self.position = position
        self.hint = hint

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Text:
    """Characters as they are."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name`, `$1`, `$@`, or `${name:-default}`."""

    name: str
    quoted: bool = False
    default: Word | None = None


@dataclass(frozen=True, slots=True)
class Substitution:
    """`$(commands)`."""

    commands: Sequence
    quoted: bool = False


Part = Text | Variable | Substitution


@dataclass(frozen=True, slots=True)
class Word:
    """One word; `parts` next to each other without blanks."""

    parts: tuple[Part, ...]
    position: int

    @property
    def literal(self) -> str | None:
        """The text when nothing in it has to be expanded, else None."""
        if all(isinstance(part, Text) for part in self.parts):
            return "".join(part.text for part in self.parts if isinstance(part, Text))
        return None

    @property
    def substitutes(self) -> bool:
        """Whether a `$( )` is in it."""
        return any(isinstance(part, Substitution) for part in self.parts)

    @property
    def bare(self) -> str | None:
        """The text when nothing in it is quoted or expanded: only then it can be a keyword."""
        plain = len(self.parts) == 1 and self.parts[0] == Text(self.literal or "")
        return self.literal if plain else None


@dataclass(frozen=True, slots=True)
class Operator:
    """`;`, `&&`, `||`, `(`, `)`, or a new line."""

    sign: str
    position: int


@dataclass(frozen=True, slots=True)
class Redirection:
    """Where a stream goes: a file, or where another stream goes now (`2>&1`)."""

    stream: int
    """1 or 2; 0 for input, 12 for both (`&>`)."""
    copies: int | None
    """The stream copied, None for a file."""
    target: Word | None
    position: int


DEPTH_MAX = 40
"""Commands inside commands."""

Token = Word | Operator | Redirection

_OPERATOR = re.compile(r"&&|\|\||;;|[;()|&\n]")
_REDIRECTION = re.compile(r"(&>>?|\d?(?:>>|>\||<<-?|<&|>&|<|>))")
_NAME = re.compile(r"[A-Za-z_]\w*|[0-9@*#?$!]", flags=re.ASCII)
_SPACE = re.compile(r"(?:[ \t]|\\\n)+")
_COMMENT = re.compile(r"#[^\n]*")


class Lexer:
    """Reads tokens one after the other. `parse` is how `$( )` is read."""

    def __init__(
        self, text: str, *, start: int = 0, end: int | None = None, depth: int = 0
    ) -> None:
        self.text = text
        self.at = start
        self.end = len(text) if end is None else end
        self.depth = depth

    def tokens(self) -> list[Token]:
        """All tokens. Raises `ShellSyntaxError`."""
        found: list[Token] = []
        while True:
            self._skip_blanks()
            if self.at >= self.end:
                return found
            found.append(self._token())

    def _skip_blanks(self) -> None:
        for pattern in (_SPACE, _COMMENT):
            match = pattern.match(self.text, self.at, self.end)
            if match is not None:
                self.at = match.end()

    def _token(self) -> Token:
        start = self.at
        redirection = _REDIRECTION.match(self.text, start, self.end)
        if redirection is not None:
            self.at = redirection.end()
            return self._redirection(redirection.group(), start)
        operator = _OPERATOR.match(self.text, start, self.end)
        if operator is None:
            return self.word()
        self.at = operator.end()
        sign = operator.group()
        refused = {
            "|": ("pipes are not simulated", "let one script do both parts"),
            "&": ("background jobs are not simulated", "give the job a crontab line of its own"),
            ";;": ("case is not simulated", "use && and ||"),
        }
        if sign in refused:
            message, hint = refused[sign]
            raise ShellSyntaxError(message, start, hint)
        return Operator(sign, start)

    def _redirection(self, sign: str, start: int) -> Redirection:
        if "<<" in sign:
            message = "here-documents are not simulated"
            raise ShellSyntaxError(message, start)
        stream = 12 if sign[0] == "&" else int(sign[0]) if sign[0].isdigit() else int(">" in sign)
        self._skip_blanks()
        if self.at >= self.end or self.text[self.at] in "\n;|&()":
            message = f'nothing follows "{sign}"'
            raise ShellSyntaxError(message, start, "a file name, such as /var/log/etl.log")
        target = self.word()
        if sign.endswith("&") and target.literal in {"1", "2"}:
            return Redirection(stream, int(target.literal or 0), None, start)
        return Redirection(stream, None, target, start)

    # -- words ------------------------------------------------------------------------------

    def word(self) -> Word:
        """The word that starts here."""
        start = self.at
        parts: list[Part] = []
        while self.at < self.end and self.text[self.at] not in " \t\n;|&()<>":
            parts += self._part()
        return Word(tuple(_joined(parts)), start)

    def _part(self) -> list[Part]:
        sign = self.text[self.at]
        if sign == "'":
            return [self._single_quoted()]
        if sign == '"':
            return self._double_quoted()
        if sign == "\\":
            self.at += 2
            following = self.text[self.at - 1 : self.at]
            return [] if following == "\n" else [Text(following or "\\", quoted=True)]
        if sign == "`":
            self._refuse("backticks are not simulated", "write $( … )")
        if sign == "$":
            return [self._expansion(quoted=False)]
        self.at += 1
        return [Text(sign)]

    def _single_quoted(self) -> Text:
        close = self.text.find("'", self.at + 1, self.end)
        if close < 0:
            self._refuse("this quote is never closed", "close it with '")
        text = self.text[self.at + 1 : close]
        self.at = close + 1
        return Text(text, quoted=True)

    def _double_quoted(self) -> list[Part]:
        start = self.at
        self.at += 1
        parts: list[Part] = [Text("", quoted=True)]
        while self.at < self.end and self.text[self.at] != '"':
            sign = self.text[self.at]
            if sign == "$":
                parts.append(self._expansion(quoted=True))
            elif sign == "\\" and self.text[self.at + 1 : self.at + 2] in {'"', "\\", "$", "`"}:
                parts.append(Text(self.text[self.at + 1], quoted=True))
                self.at += 2
            else:
                parts.append(Text(sign, quoted=True))
                self.at += 1
        if self.at >= self.end:
            raise ShellSyntaxError("this quote is never closed", start, 'close it with "')  # noqa: EM101, TRY003
        self.at += 1
        return parts

    def _expansion(self, *, quoted: bool) -> Part:
        start = self.at
        self.at += 1
        following = self.text[self.at : self.at + 1]
        if self.text.startswith("((", self.at):
            self._refuse("arithmetic is not simulated", "")
        if following == "(":
            return self._substitution(quoted=quoted)
        if following == "{":
            return self._braces(start, quoted=quoted)
        name = _NAME.match(self.text, self.at, self.end)
        if name is None:
            return Text("$", quoted)
        self.at = name.end()
        return Variable(name.group(), quoted)

    def _substitution(self, *, quoted: bool) -> Substitution:
        from sim.platform.shell.shell_parse import parse_range  # noqa: PLC0415 - they recurse

        start = self.at + 1
        close = _closing(self.text, start, self.end)
        if close < 0:
            self._refuse("this $( is never closed", "close it with )")
        if self.depth >= DEPTH_MAX:
            self._refuse("commands are nested too deeply", f"at most {DEPTH_MAX} levels")
        commands = parse_range(self.text, start, close, depth=self.depth + 1)
        self.at = close + 1
        return Substitution(commands, quoted)

    def _braces(self, start: int, *, quoted: bool) -> Variable:
        shape = re.compile(r"\{(\w+|[@*#?])(?::?-([^}]*))?\}", flags=re.ASCII)
        match = shape.match(self.text, self.at, self.end)
        if match is None:
            message = "only ${name} and ${name:-default} are simulated"
            raise ShellSyntaxError(message, start)
        default = None
        if match[2] is not None:
            inner = Lexer(self.text, start=match.start(2), end=match.end(2), depth=self.depth)
            parts: list[Part] = []
            while inner.at < inner.end:
                parts += inner._part()
            default = Word(tuple(_joined(parts)), match.start(2))
        self.at = match.end()
        return Variable(match[1], quoted, default)

    def _refuse(self, message: str, hint: str) -> NoReturn:
        raise ShellSyntaxError(message, self.at, hint)


def _closing(text: str, start: int, end: int) -> int:
    """Index of the `)` that closes a `$(`, or -1; quotes and inner brackets are passed over."""
    depth, quote, at = 1, "", start
    while at < end:
        sign = text[at]
        if sign == "\\" and quote != "'":
            at += 1
        elif quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "()":
            depth += 1 if sign == "(" else -1
            if depth == 0:
                return at
        at += 1
    return -1


def _joined(parts: list[Part]) -> list[Part]:
    """Neighbouring texts of one kind as one."""
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, Text) and isinstance(last, Text) and last.quoted == part.quoted:
            joined[-1] = Text(last.text + part.text, part.quoted)
        else:
            joined.append(part)
    return joined
