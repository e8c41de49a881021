"""Automation conditions written as expressions: what they say, and what is wrong with them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.kernel.calendar import DAY, HOUR
from sim.orchestrators.dagster.automation import conditions as c
from sim.orchestrators.dagster.automation.conditions import (
    And,
    Checks,
    Condition,
    CronTickPassed,
    Deps,
    InLatestTimeWindow,
    NewlyTrue,
    Not,
    Operand,
    Or,
    RunTags,
    Since,
)
from sim.orchestrators.dagster.automation.expression import DEPTH_MAX, SIZE_MAX, parse_expression
from sim.orchestrators.dagster.automation.rewriting import ignoring, replaced, without
from sim.orchestrators.dagster.automation.source_text import TEXT_MAX
from sim.orchestrators.dagster.config import Asset

A = "AutomationCondition"
ASSETS = {
    "a": Asset(group_name="raw", kinds=["csv"]),
    "b": Asset(deps=["a"], tags={"team": "sales"}),
    "c": Asset(deps=["b"], owners=["team:sales"]),
    "x/y": Asset(),
}
MISSING, UPDATED = c.MISSING, c.NEWLY_UPDATED


def read(text: str) -> Condition:
    """What a text without problems says; A stands for the class."""
    parsed = parse_expression(text.replace("A.", f"{A}."), ASSETS)
    assert parsed.problems == ()
    assert parsed.condition is not None
    return parsed.condition


def problems(text: str) -> list[str]:
    """Every problem: `1:5 E-CODE`."""
    found = parse_expression(text.replace("A.", f"{A}."), ASSETS).problems
    return [f"{one.line}:{one.column} {one.code}" for one in found]


def one_problem(text: str) -> tuple[str, str]:
    """Message and hint of the only problem."""
    (found,) = parse_expression(text.replace("A.", f"{A}."), ASSETS).problems
    return found.message, found.hint


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("A.eager()", c.eager()),
        ("dg.A.eager()", c.eager()),
        ("dagster.A.on_missing()", c.on_missing()),
        ('A.on_cron("0 9 * * *")', c.on_cron("0 9 * * *")),
        (
            'A.on_cron(cron_timezone="Europe/Madrid", cron_schedule="@daily")',
            c.on_cron("@daily", "Europe/Madrid"),
        ),
        ("A.missing() & A.newly_updated()", And((MISSING, UPDATED))),
        ("A.missing() | A.newly_updated() | ~A.missing()", Or((MISSING, UPDATED, Not(MISSING)))),
        (
            "A.missing() | A.newly_updated() & A.missing()",
            Or((MISSING, And((UPDATED, MISSING)))),
        ),
        ("A.missing().newly_true()", NewlyTrue(MISSING)),
        ("A.missing().since(A.newly_updated())", Since(MISSING, UPDATED)),
        ("A.missing().since(reset_condition=A.newly_updated())", Since(MISSING, UPDATED)),
        ("A.missing().since_last_handled()", c.since_last_handled(MISSING)),
        ("A.any_deps_match(A.missing())", Deps(MISSING, "any")),
        ("A.all_deps_match(condition=A.missing())", Deps(MISSING, "all")),
        ('A.asset_matches("x/y", A.missing())', c.AssetMatches("x/y", MISSING)),
        ('A.asset_matches(AssetKey(["x", "y"]), A.missing())', c.AssetMatches("x/y", MISSING)),
        ('A.cron_tick_passed("*/5 * * * *")', CronTickPassed("*/5 * * * *")),
        ("A.in_latest_time_window(timedelta(days=1, hours=2))", InLatestTimeWindow(DAY + 2 * HOUR)),
        ("A.in_latest_time_window(datetime.timedelta(2))", InLatestTimeWindow(2 * DAY)),
        ("A.in_latest_time_window(lookback_delta=None)", c.IN_LATEST_TIME_WINDOW),
        ("A.freshness_failed()", Operand("freshness_failed", "freshness_failed")),
        (
            "A.any_checks_match(A.check_failed(), blocking_only=True)",
            Checks(Operand("check_failed"), "any", blocking_only=True),
        ),
        (
            'A.executed_with_tags(tag_keys={"x"}, tag_values={"team": "sales"})',
            RunTags("executed_with_tags", frozenset({"x"}), frozenset({("team", "sales")})),
        ),
        ('A.missing().with_label("gone")', Operand("missing", "gone")),
        ("A.any_downstream_conditions()", c.AnyDownstreamConditions()),
    ],
)
def test_an_expression_says_what_python_would(text: str, condition: Condition) -> None:
    """Precedence, keywords and defaults are Python's and Dagster's."""
    assert condition == read(text)


def test_ready_made_conditions_are_what_they_are_made_of() -> None:
    """Written out as Dagster's page writes them, labels and all."""
    eager = """(
        A.in_latest_time_window()
        & (A.newly_missing() | A.any_deps_updated()).since_last_handled()
        & ~A.any_deps_missing()  # whatever is above has to be there
        & ~A.any_deps_in_progress()
        & ~A.in_progress()
    ).with_label("eager")"""

    assert c.eager() == read(eager)


def test_lines_break_and_comments_stand_anywhere() -> None:
    """As in a block of YAML, without parentheses around them."""
    assert And((MISSING, UPDATED)) == read("A.missing()  # gone\n  & A.newly_updated()\n")


def test_an_unlabelled_and_takes_in_another() -> None:
    """What has a label stays whole, as `eager` does."""
    window = c.IN_LATEST_TIME_WINDOW

    assert And((MISSING, UPDATED, window)) == read(
        "(A.missing() & A.newly_updated()) & A.in_latest_time_window()"
    )
    assert And((c.eager(), MISSING)) == read("A.eager() & A.missing()")


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ('AssetSelection.assets("a", "b")', "ab"),
        ('dg.AssetSelection.keys(AssetKey("a"))', "a"),
        ('AssetSelection.groups("raw")', "a"),
        ('AssetSelection.kind("csv")', "a"),
        ('AssetSelection.tag("team", "sales")', "b"),
        ('AssetSelection.tag_string("team=sales")', "b"),
        ('AssetSelection.owner("team:sales")', "c"),
        ('AssetSelection.from_string("a+1")', "ab"),
        ('AssetSelection.assets("c").upstream()', "abc"),
        ('AssetSelection.assets("c").upstream(depth=1, include_self=False)', "b"),
        ('AssetSelection.assets("a").downstream(include_self=False)', "bc"),
        ('AssetSelection.assets("a", "b").roots()', "a"),
        ('AssetSelection.assets("a", "b").sinks()', "b"),
        ('AssetSelection.all() - AssetSelection.assets("b", "x/y")', "ac"),
        ('AssetSelection.groups("raw") | AssetSelection.assets("c")', "ac"),
        ('AssetSelection.groups("raw") & AssetSelection.assets("c")', ""),
    ],
)
def test_selections_are_the_assets_that_they_select(text: str, keys: str) -> None:
    """By key, group, kind, tag, owner, text, and by what is above and below."""
    expected = Deps(MISSING, "any", ignore=frozenset(keys))

    assert expected == read(f"A.any_deps_match(A.missing()).ignore({text})")


def test_ignore_reaches_every_condition_about_dependencies() -> None:
    """Through & and ~ and latches; allow adds to what was allowed before."""
    left_out = frozenset({"a"})
    found = read('A.on_cron("0 9 * * *").ignore(AssetSelection.assets("a"))')
    twice = read(
        'A.any_deps_missing().allow(AssetSelection.keys("a")).allow(AssetSelection.keys("b"))'
    )

    assert ignoring(c.on_cron("0 9 * * *"), left_out) == found
    assert isinstance(found, And)
    assert replace(c.all_deps_updated_since_cron("0 9 * * *"), ignore=left_out) in found.operands
    assert replace(c.ANY_DEPS_MISSING, allow=frozenset({"a", "b"})) == twice


def test_replace_finds_a_name_a_label_or_the_condition_itself() -> None:
    """Everywhere but inside of newly_true, which Dagster's does not look into."""
    by_label = read('A.eager().replace("newly_missing", A.missing())')
    by_name = read('A.any_deps_missing().replace("will_be_requested", A.missing())')
    itself = read("A.any_deps_missing().replace(A.will_be_requested(), A.missing())")

    assert replaced(c.eager(), c.NEWLY_MISSING, MISSING) == by_label
    assert by_name == itself
    assert by_label != c.eager()
    assert ["1:45 W-AUTOMATION-REPLACE"] == problems(
        'A.newly_missing().replace("missing", A.missing())'
    )


def test_without_takes_an_operand_out() -> None:
    """The window of eager, as people do who want every partition."""
    expected = without(c.eager(), c.IN_LATEST_TIME_WINDOW)

    assert expected == read("A.eager().without(A.in_latest_time_window())")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["1:1 E-AUTOMATION-SYNTAX"]),
        ("A.eager() &", ["1:30 E-AUTOMATION-SYNTAX"]),
        ("A.eager()) | (A.missing()", ["1:28 E-AUTOMATION-SYNTAX"]),
        ("A.eager() and A.missing()", ["1:1 E-AUTOMATION-SYNTAX"]),
        ("not A.eager()", ["1:1 E-AUTOMATION-SYNTAX"]),
        ("A.eager() - A.missing()", ["1:1 E-AUTOMATION-SYNTAX"]),
        ("A", ["1:1 E-AUTOMATION-SYNTAX"]),
        ("eager()", ["1:1 E-AUTOMATION-SYNTAX"]),
        ("A.eager", ["1:21 E-AUTOMATION-NAME"]),
        ("A.eagre()", ["1:21 E-AUTOMATION-NAME"]),
        ("A.eager().newly()", ["1:29 E-AUTOMATION-NAME"]),
        ("A.eager(1)", ["1:27 E-AUTOMATION-ARGUMENT"]),
        ("A.on_cron()", ["1:1 E-AUTOMATION-ARGUMENT"]),
        ("A.on_cron(cron=1)", ["1:1 E-AUTOMATION-ARGUMENT", "1:29 E-AUTOMATION-ARGUMENT"]),
        ('A.on_cron("* * *")', ["1:29 E-CRON"]),
        ('A.on_cron("0 0 * * *", "Mars/X")', ["1:42 E-TIMEZONE"]),
        ('A.cron_tick_passed("0 0 30 2 *")', ["1:38 W-CRON-NEVER"]),
        ('A.on_cron("0 0 * * *", cron_schedule="x")', ["1:42 E-AUTOMATION-ARGUMENT"]),
        ("A.any_deps_match(A.check_passed())", ["1:56 E-AUTOMATION-ARGUMENT"]),
        ("A.any_checks_match(A.eager())", ["1:58 E-AUTOMATION-ARGUMENT"]),
        ("A.missing().allow(AssetSelection.all())", ["1:31 E-AUTOMATION-NAME"]),
        ('A.any_deps_missing().allow("a")', ["1:46 E-SELECTION"]),
        ('A.any_deps_missing().allow(AssetSelection.assets("z"))', ["1:68 W-SELECTION-EMPTY"]),
        ('A.any_deps_missing().allow(AssetSelection.from_string("z"))', ["1:73 E-SELECTION"]),
        ('A.any_deps_missing().allow(AssetSelection.groups("z"))', ["1:68 W-SELECTION-EMPTY"]),
        ("A.any_deps_missing().allow(AssetSelection.checks())", ["1:61 E-AUTOMATION-NAME"]),
        ('A.asset_matches("z", A.missing())', ["1:35 E-ASSET-UNKNOWN"]),
        ("A.missing().without(A.missing())", ["1:31 E-AUTOMATION-NAME"]),
        ("A.eager().without(A.missing())", ["1:37 E-AUTOMATION-ARGUMENT"]),
        ("(A.missing() & A.eager()).without(A.missing())", ["1:71 E-AUTOMATION-ARGUMENT"]),
        ("A.in_latest_time_window(2)", ["1:43 E-AUTOMATION-ARGUMENT"]),
        ("A.in_latest_time_window(timedelta(days=0))", ["1:43 E-AUTOMATION-ARGUMENT"]),
        ("A.in_latest_time_window(timedelta(years=1))", ["1:59 E-AUTOMATION-ARGUMENT"]),
        ('A.executed_with_tags({"x"})', ["1:40 E-AUTOMATION-ARGUMENT"]),
        ("A.any_job_root_assets_match(A.missing())", ["1:21 E-AUTOMATION-NAME"]),
        ("A.eager(*x)", ["1:27 E-AUTOMATION-ARGUMENT"]),
        ("A.missing().with_label(f'x')", ["1:42 E-AUTOMATION-ARGUMENT"]),
        ("__import__('os').system('true')", ["1:1 E-AUTOMATION-SYNTAX"]),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, found: list[str]) -> None:
    """Line and column of the word itself, from 1."""
    assert found == problems(text)


def test_every_problem_is_told_at_once() -> None:
    """Each operand and argument is looked at, whatever the others are; bytes are not columns."""
    text = 'A.eager().with_label("ñandú") & A.nope()\n& A.on_cron("x", "Mars/X") | ~A.missing'

    assert [
        "1:71 E-AUTOMATION-NAME",
        "2:31 E-CRON",
        "2:36 E-TIMEZONE",
        "2:69 E-AUTOMATION-NAME",
    ] == problems(text)


def test_hints_name_what_was_meant() -> None:
    """The nearest word, the sign for a keyword, the reason why something is not there."""
    assert ("AutomationCondition has no eagre", "did you mean eager?") == one_problem("A.eagre()")
    assert "write &" == one_problem("A.eager() and A.missing()")[1]
    assert "virtual" in one_problem("A.eager().resolve_through_virtual()")[0]
    assert "from_string" in one_problem('A.any_deps_missing().allow("a")')[1]


@pytest.mark.parametrize(
    "text",
    [
        "~" * (DEPTH_MAX + 5) + "A.missing()",
        "A.missing()" + ".newly_true()" * (DEPTH_MAX + 5),
        "(" * 300 + "A.missing()" + ")" * 300,
        "A.missing()" * TEXT_MAX,
        "A.missing()\0",
        "~" * 5_000,
        "A.any_deps_missing().allow(AssetSelection.all()" + ".roots()" * 100 + ")",
        "(A.missing() & A.missing())"
        '.replace("missing", A.eager())'
        + '.replace("missing", A.eager() & A.eager() & A.eager())'
        * 3,
    ],
)
def test_a_text_without_measure_is_refused(text: str) -> None:
    """Neither depth, length nor growth brings the reader down."""
    parsed = parse_expression(text.replace("A.", f"{A}."), ASSETS)

    assert parsed.condition is None
    assert len(parsed.problems) >= 1


def test_many_operands_are_not_deep() -> None:
    """A long row of & is one condition of as many operands."""
    found = read(" & ".join(["A.missing()"] * 300))

    assert isinstance(found, And)
    assert 300 == len(found.operands) < SIZE_MAX
