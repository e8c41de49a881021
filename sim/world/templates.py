"""Templates in configs: a part of Jinja, sandboxed, strict about names, bounded in size and time.

Only what a practitioner of Airflow expects is there: the run's names, `macros.ds_add`, `ds_format`
and `timedelta`, the filters `ds`, `ds_nodash`, `ts`, `ts_nodash`. Nothing can be assigned, defined
or included, so no value grows beyond what its expression says. Text without braces is returned as
it is, without loading Jinja.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sim.world.template_sandbox import METHODS, TemplateProblem, sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jinja2 import Template
    from jinja2.nodes import Node

__all__ = ["TemplateProblem", "check", "names_used", "render"]

SOURCE_MAX = 20_000
"""Characters a template may have."""
OUTPUT_MAX = 200_000
"""Characters a rendered text may have."""
DEPTH_MAX = 60
"""Levels of nesting in an expression."""

_NODES = frozenset(
    {
        *("Add", "And", "Call", "Compare", "Concat", "CondExpr", "Const", "Dict", "Div", "Filter"),
        *("FloorDiv", "For", "Getattr", "Getitem", "If", "Keyword", "List", "Mod", "Mul", "Name"),
        *("Neg", "Not", "Operand", "Or", "Output", "Pair", "Pos", "Slice", "Sub", "Template"),
        *("TemplateData", "Test", "Tuple"),
    }
)
"""The parts of Jinja that a template may use."""


def render(text: str, names: Mapping[str, Any]) -> str:
    """`text` with its expressions replaced. Raises `TemplateProblem`."""
    if "{" not in text:
        return text
    from jinja2 import TemplateError  # noqa: PLC0415 - most texts have no expression

    pieces, length = [], 0
    try:
        for piece in _compiled(text).generate(**names):
            pieces.append(piece)
            length += len(piece)
            if length > OUTPUT_MAX:
                message = f"the rendered text has more than {OUTPUT_MAX} characters"
                raise TemplateProblem(message)
    except TemplateError as error:
        raise TemplateProblem(error.message or str(error)) from None
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise TemplateProblem(f"{type(error).__name__}: {error}") from None  # noqa: EM102, TRY003
    return "".join(pieces)


def check(text: str) -> TemplateProblem | None:
    """What is wrong with the syntax of `text`, None when nothing is."""
    if "{" not in text:
        return None
    from jinja2 import TemplateError  # noqa: PLC0415 - most texts have no expression

    try:
        _compiled(text)
    except TemplateError as error:
        return TemplateProblem(error.message or str(error))
    except TemplateProblem as problem:
        return problem
    return None


def names_used(text: str) -> frozenset[str]:
    """The names a template needs from outside; none for text that does not compile."""
    if "{" not in text:
        return frozenset()
    from jinja2 import TemplateSyntaxError, meta  # noqa: PLC0415 - most texts have no expression

    try:
        return frozenset(meta.find_undeclared_variables(sandbox().parse(text)))
    except (TemplateSyntaxError, RecursionError):
        return frozenset()


@lru_cache(maxsize=512)
def _compiled(text: str) -> Template:
    if len(text) > SOURCE_MAX:
        message = f"a template may have {SOURCE_MAX} characters, this one has {len(text)}"
        raise TemplateProblem(message)
    environment = sandbox()
    try:
        for place in _places(environment.parse(text)):
            _check_place(place)
        return environment.from_string(text)
    except RecursionError:
        raise TemplateProblem(_TOO_DEEP) from None


_TOO_DEEP = f"the template is nested more than {DEPTH_MAX} levels deep"


@dataclass(frozen=True, slots=True)
class _Place:
    """A node of a template, and what is around it."""

    node: Node
    depth: int = 0
    loops: int = 0
    called: bool = False

    @property
    def kind(self) -> str:
        return type(self.node).__name__


def _places(tree: Node) -> Iterator[_Place]:
    waiting = [_Place(tree)]
    while waiting:
        place = waiting.pop()
        yield place
        loops = place.loops + (place.kind == "For")
        called = getattr(place.node, "node", None) if place.kind == "Call" else None
        waiting.extend(
            _Place(child, place.depth + 1, loops, child is called)
            for child in place.node.iter_child_nodes()
        )


def _check_place(place: _Place) -> None:
    node, kind = place.node, place.kind
    if place.depth > DEPTH_MAX:
        raise TemplateProblem(_TOO_DEEP)
    if kind not in _NODES:
        message = f"{kind.lower()} is not available in a template, line {node.lineno}"
        raise TemplateProblem(message)
    if kind == "For" and (place.loops or getattr(node, "recursive", False)):
        message = f"a loop inside a loop is not available in a template, line {node.lineno}"
        raise TemplateProblem(message)
    attribute = getattr(node, "attr", "") if kind == "Getattr" else ""
    if attribute in METHODS and not place.called:
        # shown as it is, a function has its address in its text, another one on each run
        message = f"{attribute} is a function: write {attribute}(…), line {node.lineno}"
        raise TemplateProblem(message)
