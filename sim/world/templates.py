"""Templates in configs: a part of Jinja, sandboxed, strict about names, bounded in size and time.

Only what a practitioner of Airflow expects is there: the run's names, `macros.ds_add`, `ds_format`
and `timedelta`, the filters `ds`, `ds_nodash`, `ts`, `ts_nodash`. Nothing can be assigned, defined
or included, so no value grows beyond what its expression says. Text without braces is returned as
it is, without loading Jinja.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jinja2 import Template
    from jinja2.nodes import Node
    from jinja2.sandbox import SandboxedEnvironment

SOURCE_MAX = 20_000
"""Characters a template may have."""
OUTPUT_MAX = 200_000
"""Characters a rendered text may have."""
VALUE_MAX = 10_000
"""Characters or items that a value inside an expression may have."""
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
_FILTERS = (
    *("abs", "capitalize", "count", "d", "default", "first", "float", "int", "last", "length"),
    *("lower", "max", "min", "round", "string", "sum", "title", "trim", "truncate", "upper"),
)
_ATTRIBUTES: dict[type, frozenset[str]] = {
    str: frozenset({"endswith", "lower", "split", "startswith", "strip", "title", "upper"}),
    date: frozenset(
        {
            *("year", "month", "day", "hour", "minute", "second", "microsecond", "date", "time"),
            *("isoformat", "isoweekday", "replace", "strftime", "timestamp", "weekday"),
        }
    ),
    timedelta: frozenset({"days", "seconds", "total_seconds"}),
    dict: frozenset({"get", "items", "keys", "values"}),
}


class TemplateProblem(Exception):  # noqa: N818 - the player's problem, which becomes a fact
    """A template that cannot be rendered; the message says why."""


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
        return frozenset(meta.find_undeclared_variables(_environment().parse(text)))
    except (TemplateSyntaxError, RecursionError):
        return frozenset()


@lru_cache(maxsize=512)
def _compiled(text: str) -> Template:
    if len(text) > SOURCE_MAX:
        message = f"a template may have {SOURCE_MAX} characters, this one has {len(text)}"
        raise TemplateProblem(message)
    environment = _environment()
    try:
        for node, depth, loops in _nodes(environment.parse(text)):
            _check_node(node, depth, loops)
        return environment.from_string(text)
    except RecursionError:
        raise TemplateProblem(_TOO_DEEP) from None


_TOO_DEEP = f"the template is nested more than {DEPTH_MAX} levels deep"


def _nodes(tree: Node) -> Iterator[tuple[Node, int, int]]:
    """Every node with its depth, and how many loops are around it."""
    waiting = [(tree, 0, 0)]
    while waiting:
        node, depth, loops = waiting.pop()
        yield node, depth, loops
        inside = loops + (type(node).__name__ == "For")
        waiting.extend((child, depth + 1, inside) for child in node.iter_child_nodes())


def _check_node(node: Node, depth: int, loops: int) -> None:
    kind = type(node).__name__
    if depth > DEPTH_MAX:
        raise TemplateProblem(_TOO_DEEP)
    if kind not in _NODES:
        message = f"{kind.lower()} is not available in a template, line {node.lineno}"
        raise TemplateProblem(message)
    if kind == "For" and (loops or getattr(node, "recursive", False)):
        message = f"a loop inside a loop is not available in a template, line {node.lineno}"
        raise TemplateProblem(message)


@lru_cache(maxsize=1)
def _environment() -> SandboxedEnvironment:
    from jinja2 import StrictUndefined  # noqa: PLC0415 - most texts have no expression
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415 - as above

    class Sandbox(ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset({"*", "**", "%"})

        def call_binop(self, _context: Any, operator: str, left: Any, right: Any) -> Any:
            """Numbers only: texts and lists would be repeated or padded at will."""
            if isinstance(left, int | float) and isinstance(right, int | float):
                return self.binop_table[operator](left, right) if operator != "**" else _power()
            message = f"{operator!r} is for numbers here"
            raise TemplateProblem(message)

        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            allowed = (names for kind, names in _ATTRIBUTES.items() if isinstance(obj, kind))
            return any(attr in names for names in allowed) and super().is_safe_attribute(
                obj, attr, value
            )

        def call(self, *args: Any, **kwargs: Any) -> Any:
            return _bounded(super().call(*args, **kwargs))

    environment = Sandbox(undefined=StrictUndefined, autoescape=False)
    environment.globals.clear()
    environment.globals["macros"] = {
        "ds_add": _ds_add,
        "ds_format": _ds_format,
        "timedelta": timedelta,
    }
    given = {name: _bounded_filter(environment.filters[name]) for name in _FILTERS}
    environment.filters.clear()
    environment.filters.update(given, join=_join, replace=_replace)
    environment.filters.update(ds=_ds, ds_nodash=_ds_nodash, ts=_ts, ts_nodash=_ts_nodash)
    return environment


def _power() -> Any:
    message = "'**' is not available in a template"
    raise TemplateProblem(message)


def _bounded(value: Any) -> Any:
    """`value`, if it is of a size that one expression may have."""
    if isinstance(value, str | list | tuple | dict) and len(value) > VALUE_MAX:
        message = f"a value in a template has more than {VALUE_MAX} characters or items"
        raise TemplateProblem(message)
    return value


def _bounded_filter(apply: Callable[..., Any]) -> Callable[..., Any]:
    # `wraps` keeps the mark by which Jinja hands a filter its context
    @wraps(apply)
    def bounded(*args: Any, **kwargs: Any) -> Any:
        return _bounded(apply(*args, **kwargs))

    return bounded


def _join(values: Any, separator: str = "") -> str:
    texts = [str(value) for value in _bounded(values)]
    if sum(map(len, texts)) + len(separator) * len(texts) > VALUE_MAX:
        message = f"a value in a template has more than {VALUE_MAX} characters or items"
        raise TemplateProblem(message)
    return separator.join(texts)


def _replace(text: Any, old: str, new: str) -> str:
    given = str(text)
    if len(given) + given.count(old) * len(new) > VALUE_MAX:
        message = f"a value in a template has more than {VALUE_MAX} characters or items"
        raise TemplateProblem(message)
    return given.replace(old, new)


def _ds(moment: datetime | date) -> str:
    return moment.strftime("%Y-%m-%d")


def _ds_nodash(moment: datetime | date) -> str:
    return moment.strftime("%Y%m%d")


def _ts(moment: datetime) -> str:
    return moment.isoformat()


def _ts_nodash(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%S")


def _ds_add(ds: str, days: int) -> str:
    """Airflow's macros.ds_add: an ISO date, some days later."""
    return (date.fromisoformat(ds) + timedelta(days=days)).isoformat()


def _ds_format(ds: str, given: str, wanted: str) -> str:
    """Airflow's macros.ds_format: a date written in one format, in another."""
    return datetime.strptime(ds, given).replace(tzinfo=UTC).strftime(wanted)
