"""Templates in configs: Jinja in its sandbox, strict about names, bounded in size and in loops.

Only what a practitioner of Airflow expects is there: the run's names and the filters `ds`,
`ds_nodash`, `ts`, `ts_nodash`. Text without braces is returned as it is, without loading Jinja.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Template
    from jinja2.sandbox import SandboxedEnvironment

SOURCE_MAX = 20_000
"""Characters a template may have."""
OUTPUT_MAX = 200_000
"""Characters a rendered text may have."""


class TemplateProblem(Exception):  # noqa: N818 - the player's problem, which becomes a fact
    """A template that cannot be rendered; the message says why."""


def render(text: str, names: Mapping[str, Any]) -> str:
    """`text` with its expressions replaced. Raises `TemplateProblem`."""
    if "{" not in text:
        return text
    from jinja2 import TemplateError  # noqa: PLC0415 - most texts have no expression

    try:
        rendered = _compiled(text).render(**names)
    except TemplateError as error:
        raise TemplateProblem(error.message or str(error)) from None
    except (ArithmeticError, LookupError, TypeError, ValueError, OverflowError) as error:
        raise TemplateProblem(f"{type(error).__name__}: {error}") from None  # noqa: EM102, TRY003
    if len(rendered) > OUTPUT_MAX:
        message = f"the rendered text has more than {OUTPUT_MAX} characters"
        raise TemplateProblem(message)
    return rendered


def check(text: str) -> TemplateProblem | None:
    """What is wrong with the syntax of `text`, None when nothing is."""
    if "{" not in text:
        return None
    from jinja2 import TemplateSyntaxError  # noqa: PLC0415 - most texts have no expression

    try:
        _compiled(text)
    except TemplateSyntaxError as error:
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
    except TemplateSyntaxError:
        return frozenset()


@lru_cache(maxsize=512)
def _compiled(text: str) -> Template:
    if len(text) > SOURCE_MAX:
        message = f"a template may have {SOURCE_MAX} characters, this one has {len(text)}"
        raise TemplateProblem(message)
    return _environment().from_string(text)


@lru_cache(maxsize=1)
def _environment() -> SandboxedEnvironment:
    from jinja2 import StrictUndefined  # noqa: PLC0415 - most texts have no expression
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415 - as above

    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.globals.clear()
    environment.globals["macros"] = {"ds_add": _ds_add}
    environment.filters.update(ds=_ds, ds_nodash=_ds_nodash, ts=_ts, ts_nodash=_ts_nodash)
    # filters and operators that make a short template's output long
    for name in ("center", "indent", "wordwrap", "format", "pprint", "xmlattr", "tojson"):
        environment.filters.pop(name, None)
    environment.intercepted_binops = frozenset({"*", "**"})
    environment.call_binop = _refuse_growth  # type: ignore[method-assign,assignment]
    return environment


def _refuse_growth(_context: Any, operator: str, left: Any, right: Any) -> Any:
    """Numbers may be multiplied, texts and lists may not; powers are refused."""
    if operator == "*" and isinstance(left, int | float) and isinstance(right, int | float):
        return left * right
    message = f"{operator!r} is not allowed here"
    raise TemplateProblem(message)


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
