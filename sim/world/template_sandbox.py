"""The sandbox that templates run in: which values, filters and functions they meet.

A closed list, not Jinja's own. Nothing here pads or grows a value beyond `VALUE_MAX`, shows the
address of an object or reads a clock. What a template may say at all is in `templates`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2.sandbox import SandboxedEnvironment

VALUE_MAX = 10_000
"""Characters or items that a value inside an expression may have."""
_FILTERS = (
    *("abs", "capitalize", "count", "d", "default", "first", "float", "int", "last", "length"),
    *("lower", "max", "min", "round", "string", "sum", "title", "trim", "truncate", "upper"),
)


class TemplateProblem(Exception):  # noqa: N818 - the player's problem, which becomes a fact
    """A template that cannot be rendered; the message says why."""


class Macros:
    """What a template calls `macros`, as in Airflow 2.11.2, macros/__init__.py."""

    timedelta = timedelta

    @staticmethod
    def ds_add(ds: str, days: int) -> str:
        """An ISO date, some days later."""
        return (date.fromisoformat(ds) + timedelta(days=days)).isoformat()

    @staticmethod
    def ds_format(ds: str, given: str, wanted: str) -> str:
        """A date written in one format, in another."""
        return datetime.strptime(ds, given).replace(tzinfo=UTC).strftime(wanted)

    def __repr__(self) -> str:
        # the text of an object would hold its address, another one on each run
        return "macros"


_FIELDS: dict[type, frozenset[str]] = {
    date: frozenset({"year", "month", "day", "hour", "minute", "second", "microsecond"}),
    timedelta: frozenset({"days", "seconds"}),
}
"""By type of value, what can be read off it."""
_CALLS: dict[type, frozenset[str]] = {
    str: frozenset(
        {"endswith", "lower", "replace", "split", "startswith", "strip", "title", "upper"}
    ),
    date: frozenset(
        {"date", "isoformat", "isoweekday", "replace", "strftime", "time", "timestamp", "weekday"}
    ),
    timedelta: frozenset({"total_seconds"}),
    dict: frozenset({"get", "items", "keys", "values"}),
    Macros: frozenset({"ds_add", "ds_format", "timedelta"}),
}
"""By type of value, what can be called on it."""
METHODS = frozenset().union(*_CALLS.values())
"""Names that only make sense when they are called."""
_LOOP = frozenset({"first", "index", "index0", "last", "length"})


@lru_cache(maxsize=1)
def sandbox() -> SandboxedEnvironment:
    """The one environment in which templates are compiled."""
    from jinja2 import StrictUndefined  # noqa: PLC0415 - most texts have no expression
    from jinja2.runtime import LoopContext  # noqa: PLC0415 - as above
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
            known = {LoopContext: _LOOP}, _FIELDS, _CALLS
            return any(
                attr in names
                for types in known
                for kind, names in types.items()
                if isinstance(obj, kind)
            ) and super().is_safe_attribute(obj, attr, value)

        def getitem(self, obj: Any, argument: Any) -> Any:
            """What is in a list or mapping; never an attribute, as Jinja would have it."""
            try:
                return obj[argument]
            except (LookupError, TypeError):
                return self.undefined(obj=obj, name=argument)

        def wrap_str_format(self, value: Any) -> None:
            """No way around `is_safe_attribute`: `'{:999999999}'.format` pads at will."""

        def call(self, context: Any, called: Any, *args: Any, **kwargs: Any) -> Any:
            if getattr(called, "__name__", "") == "replace" and isinstance(called.__self__, str):
                return _replace(called.__self__, *args)
            return _bounded(super().call(context, called, *args, **kwargs))

    environment = Sandbox(undefined=StrictUndefined, autoescape=False)
    environment.globals.clear()
    environment.globals["macros"] = Macros()
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
