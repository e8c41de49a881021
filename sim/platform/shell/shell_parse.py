"""The grammar of the shell that is simulated: lists, groups, `for`, redirections.

Source: POSIX.1-2017, Shell & Utilities 2.10, as far as nightly scripts of a data team go. `if`,
`while`, `case`, functions, pipes and background jobs are refused by name: a text that is accepted
does what sh would do.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NoReturn

from sim.platform.shell.shell_tree import AndOr, Command, For, Group, Not, Sequence, Simple
from sim.platform.shell.shell_words import (
    DEPTH_MAX,
    Lexer,
    Operator,
    Redirection,
    ShellSyntaxError,
    Text,
    Token,
    Word,
)

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=", flags=re.ASCII)
_REFUSED = {"if", "while", "until", "case", "function", "select", "[["}
_MISPLACED = {"then", "elif", "else", "fi", "do", "done", "esac", "in", "}"}
_ENDS = {";", "\n"}


@lru_cache(maxsize=256)
def parse_shell(text: str) -> Sequence:
    """The tree of a whole text. Raises `ShellSyntaxError`."""
    return parse_range(text, 0, len(text))


def parse_range(text: str, start: int, end: int, *, depth: int = 0) -> Sequence:
    """The tree of a part of a text; positions are those of the whole."""
    return _Parser(Lexer(text, start=start, end=end, depth=depth).tokens(), end, depth).whole()


class _Parser:
    def __init__(self, tokens: list[Token], end: int, depth: int) -> None:
        self.tokens = tokens
        self.at = 0
        self.end = end
        self.depth = depth

    def whole(self) -> Sequence:
        sequence = self.sequence(frozenset())
        if self.at < len(self.tokens):
            self.refuse('")" closes nothing', "remove it")
        return sequence

    def sequence(self, closers: frozenset[str]) -> Sequence:
        """And-or lists until a keyword in `closers`, a `)` or the end."""
        items: list[AndOr] = []
        while True:
            self.skip_lines()
            if self.at >= len(self.tokens) or self.sign() == ")" or self.keyword() in closers:
                return Sequence(tuple(items))
            items.append(self.and_or())
            if self.sign() in _ENDS:
                self.at += 1
            elif self.at < len(self.tokens) and self.sign() != ")":
                self.refuse("a command ends with ; or a new line", "write ; before it")

    def and_or(self) -> AndOr:
        first = self.command()
        rest: list[tuple[str, Command]] = []
        while self.sign() in {"&&", "||"}:
            sign = self.sign()
            self.at += 1
            self.skip_lines()
            rest.append((sign, self.command()))
        return AndOr(first, tuple(rest))

    def command(self) -> Command:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            self.refuse("commands are nested too deeply", f"at most {DEPTH_MAX} levels")
        command = self.one_command()
        self.depth -= 1
        return command

    def one_command(self) -> Command:
        keyword = self.keyword()
        if self.sign() == "(":
            return self.bracketed()
        if keyword == "{":
            return self.bracketed()
        if keyword == "for":
            return self.loop()
        if keyword == "!":
            self.at += 1
            return Not(self.command())
        if keyword in _REFUSED:
            hint = "use &&, || and ( ), or for … in …; do …; done"
            self.refuse(f"{keyword} is not simulated", hint)
        if keyword in _MISPLACED:
            self.refuse(f'"{keyword}" is out of place here', "put ; before a closing }")
        return self.simple()

    def bracketed(self) -> Group:
        opened = self.tokens[self.at]
        subshell = isinstance(opened, Operator)
        self.at += 1
        if subshell and self.sign() == "(" and self.position() == opened.position + 1:
            self.refuse("arithmetic is not simulated", "")
        body = self.sequence(frozenset() if subshell else frozenset("}"))
        closed = self.sign() == ")" if subshell else self.keyword() == "}"
        if not closed:
            sign, close = ("(", ")") if subshell else ("{", "; }")
            message = f'this "{sign}" is never closed'
            raise ShellSyntaxError(message, opened.position, f"close it with {close}")
        if not body.items:
            self.refuse("there is nothing between the brackets", "put a command there, or true")
        self.at += 1
        return Group(body, subshell, self.redirections())

    def loop(self) -> For:
        opened = self.tokens[self.at]
        self.at += 1
        name = self.keyword()
        if name is None or not name.isidentifier():
            self.refuse("a for loop needs the name of a variable", "for day in 1 2 3; do …; done")
        self.at += 1
        self.expect("in", "for day in 1 2 3; do …; done")
        words: list[Word] = []
        while self.at < len(self.tokens) and isinstance(self.tokens[self.at], Word):
            word = self.tokens[self.at]
            assert isinstance(word, Word)
            words.append(word)
            self.at += 1
        if self.sign() in _ENDS:
            self.at += 1
        self.skip_lines()
        self.expect("do", "for … in …; do …; done")
        body = self.sequence(frozenset({"done"}))
        if self.keyword() != "done":
            message = "this for is never closed"
            raise ShellSyntaxError(message, opened.position, "close it with ; done")
        self.at += 1
        return For(name, tuple(words), body, self.redirections())

    def expect(self, keyword: str, hint: str) -> None:
        if self.keyword() != keyword:
            self.refuse(f'here "{keyword}" is missing', hint)
        self.at += 1

    def redirections(self) -> tuple[Redirection, ...]:
        found: list[Redirection] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if not isinstance(token, Redirection):
                break
            found.append(token)
            self.at += 1
        return tuple(found)

    def simple(self) -> Simple:
        position = self.position()
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirections: list[Redirection] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if isinstance(token, Operator):
                break
            self.at += 1
            if isinstance(token, Redirection):
                redirections.append(token)
                continue
            assigned = None if words else _assignment(token)
            if assigned is not None:
                assignments.append(assigned)
            else:
                words.append(token)
        if not (assignments or words or redirections):
            self.refuse("a command is missing here", "put a command there, or true")
        if self.sign() == "(":
            self.refuse("functions are not simulated", "make it a script of its own")
        return Simple(tuple(assignments), tuple(words), tuple(redirections), position)

    # -- looking at the next token ----------------------------------------------------------

    def skip_lines(self) -> None:
        while self.sign() == "\n":
            self.at += 1

    def sign(self) -> str:
        token = self.tokens[self.at] if self.at < len(self.tokens) else None
        return token.sign if isinstance(token, Operator) else ""

    def keyword(self) -> str | None:
        token = self.tokens[self.at] if self.at < len(self.tokens) else None
        return token.bare if isinstance(token, Word) else None

    def position(self) -> int:
        return self.tokens[self.at].position if self.at < len(self.tokens) else self.end

    def refuse(self, message: str, hint: str) -> NoReturn:
        raise ShellSyntaxError(message, self.position(), hint)


def _assignment(word: Word) -> tuple[str, Word] | None:
    """Name and value of `name=value`, or None for any other word."""
    first = word.parts[0] if word.parts else None
    if not isinstance(first, Text) or first.quoted:
        return None
    match = _ASSIGNMENT.match(first.text)
    if match is None:
        return None
    rest = Text(first.text[match.end() :])
    parts = (rest, *word.parts[1:]) if rest.text else word.parts[1:]
    return match[1], Word(parts, word.position + match.end())
