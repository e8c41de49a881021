"""Random automation conditions: the text that a person would write, and what it has to mean."""

from __future__ import annotations

from hypothesis import strategies as st

from sim.kernel.calendar import HOUR
from sim.orchestrators.dagster.automation import conditions as c
from sim.orchestrators.dagster.automation.rewriting import (
    Selective,
    allowing,
    ignoring,
    replaced,
)

Drawn = tuple[str, c.Condition]
KEYS = ("a", "b", "c")
A = "AutomationCondition"
PLAIN: tuple[Drawn, ...] = (
    (f"{A}.missing()", c.MISSING),
    (f"{A}.newly_updated()", c.NEWLY_UPDATED),
    (f"{A}.newly_requested()", c.Operand("newly_requested")),
    (f"{A}.run_in_progress()", c.Operand("run_in_progress")),
    (f"{A}.backfill_in_progress()", c.Operand("backfill_in_progress")),
    (f"{A}.in_progress()", c.IN_PROGRESS),
    (f"{A}.execution_failed()", c.Operand("execution_failed")),
    (f"{A}.will_be_requested()", c.WILL_BE_REQUESTED),
    (f"{A}.initial_evaluation()", c.Operand("initial_evaluation")),
    (f"{A}.freshness_passed()", c.Operand("freshness_passed", "freshness_passed")),
    (f"{A}.freshness_failed()", c.Operand("freshness_failed", "freshness_failed")),
    (f"{A}.newly_missing()", c.NEWLY_MISSING),
    (f"{A}.in_latest_time_window()", c.IN_LATEST_TIME_WINDOW),
    (f"{A}.in_latest_time_window(timedelta(hours=2))", c.InLatestTimeWindow(2 * HOUR)),
    (f"{A}.any_deps_updated()", c.ANY_DEPS_UPDATED),
    (f"{A}.any_deps_missing()", c.ANY_DEPS_MISSING),
    (f"{A}.any_deps_in_progress()", c.ANY_DEPS_IN_PROGRESS),
    (f"{A}.all_deps_blocking_checks_passed()", c.ALL_DEPS_BLOCKING_CHECKS_PASSED),
    (f"{A}.any_downstream_conditions()", c.AnyDownstreamConditions()),
    (f"{A}.eager()", c.eager()),
    (f"{A}.on_missing()", c.on_missing()),
    (f'{A}.cron_tick_passed("*/20 * * * *")', c.CronTickPassed("*/20 * * * *")),
    (f'{A}.on_cron("0 * * * *", "Asia/Kolkata")', c.on_cron("0 * * * *", "Asia/Kolkata")),
    (
        f'{A}.executed_with_tags(tag_keys={{"dagster/from_automation_condition"}})',
        c.RunTags("executed_with_tags", frozenset({"dagster/from_automation_condition"})),
    ),
    (
        f"{A}.any_checks_match({A}.check_failed() | {A}.missing())",
        c.Checks(c.Or((c.Operand("check_failed"), c.MISSING)), "any"),
    ),
    (
        f"{A}.all_checks_match({A}.newly_updated().newly_true(), blocking_only=True)",
        c.Checks(c.NewlyTrue(c.NEWLY_UPDATED), "all", blocking_only=True),
    ),
)


def _operators(inner: st.SearchStrategy[Drawn]) -> st.SearchStrategy[Drawn]:
    return st.one_of(
        st.tuples(inner, inner).map(
            lambda two: (f"({two[0][0]}) & ({two[1][0]})", c.both(two[0][1], two[1][1]))
        ),
        st.tuples(inner, inner).map(
            lambda two: (f"({two[0][0]})\n  | ({two[1][0]})", c.either(two[0][1], two[1][1]))
        ),
        inner.map(lambda one: (f"~({one[0]})", c.Not(one[1]))),
        st.tuples(inner, inner).map(
            lambda two: (f"({two[0][0]}).since({two[1][0]})", c.Since(two[0][1], two[1][1]))
        ),
        inner.map(lambda one: (f"({one[0]}).newly_true()", c.NewlyTrue(one[1]))),
        inner.map(lambda one: (f"({one[0]}).since_last_handled()", c.since_last_handled(one[1]))),
        inner.map(lambda one: (f'({one[0]}).with_label("x")', c.labelled(one[1], "x"))),
        st.tuples(inner, inner).map(
            lambda two: (
                f'({two[0][0]}).replace("newly_updated", {two[1][0]})',
                replaced(two[0][1], "newly_updated", two[1][1]),
            )
        ),
        _about_others(inner),
        st.tuples(inner, st.sampled_from(KEYS)).map(_chosen),
    )


@st.composite
def _about_others(draw: st.DrawFn, inner: st.SearchStrategy[Drawn]) -> Drawn:
    """Of dependencies, or of one other asset."""
    text, condition = draw(inner)
    key = draw(st.sampled_from(KEYS))
    kind = draw(st.sampled_from(["any", "all", "asset"]))
    if kind == "asset":
        return f'{A}.asset_matches("{key}", {text})', c.AssetMatches(key, condition)
    how = "any" if kind == "any" else "all"
    return f"{A}.{kind}_deps_match({text})", c.Deps(condition, how)


def _chosen(drawn: tuple[Drawn, str]) -> Drawn:
    (text, condition), key = drawn
    if not isinstance(condition, Selective):
        return text, condition
    if len(text) % 2:
        chosen = allowing(condition, frozenset({key}))
        return f'({text}).allow(AssetSelection.assets("{key}"))', chosen
    return f'({text}).ignore(AssetSelection.keys("{key}"))', ignoring(condition, frozenset({key}))


def condition_texts(*, most: int = 4) -> st.SearchStrategy[Drawn]:
    """A text, and the condition that it says."""
    return st.recursive(st.sampled_from(PLAIN), _operators, max_leaves=most)
