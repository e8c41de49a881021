"""Verdict and score: every window and seed, the JSON as its page says, the three axes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sim.session.score import changes, figures_of
from sim.session.verdict import judge, to_json
from sim.views.nights import nights_of
from tests.unit.session.shop import (
    TABLE,
    ZERO_SQL,
    airflow,
    config,
    outage,
    played,
    scenario,
    tasks,
)

PAGE = Path(__file__).parents[3] / "docs" / "verdict.md"
OBJECTIVES: list[dict[str, Any]] = [
    {"id": "O1", "never_published": {"table": TABLE, "figure": "revenue", "equals": 0}},
    {"id": "O2", "done_by": {"table": TABLE, "at": "07:00"}},
    {"id": "B1", "bonus": True, "done_by": {"table": TABLE, "at": "03:01"}},
]
EMPTY = outage("2024-03-12T02:30Z", "2024-03-12T03:30Z")
ZERO = {"wiring": tasks(sql=ZERO_SQL)}


def keys(value: Any, path: str = "") -> set[str]:
    """Every key of a JSON value: `objectives[].id`. What is in `params` is another page's."""
    if isinstance(value, list):
        return {key for one in value for key in keys(one, f"{path}[]")}
    if not isinstance(value, dict) or path.endswith("params"):
        return set()
    found = set()
    for name, part in value.items():
        here = f"{path}.{name}" if path else name
        found |= {here} | keys(part, here)
    return found


def test_the_page_documents_every_key_and_no_other() -> None:
    """The table of docs/verdict.md and the object of a missed verdict have the same keys."""
    shop = scenario(objectives=OBJECTIVES, outages=[EMPTY])
    told = to_json(judge(shop, config(**ZERO)), "en", say=lambda evidence: evidence.code)
    documented = set(re.findall(r"^\| `([\w.\[\]]+)` \|", PAGE.read_text(), re.MULTILINE))

    assert documented == keys(told)
    assert json.loads(json.dumps(told)) == told


def test_without_words_there_is_no_message() -> None:
    """The library says codes; sentences are the terminal's."""
    told = to_json(judge(scenario(objectives=OBJECTIVES), config()), "en")

    assert "objectives[].evidence[].message" not in keys(told)


def test_an_objective_is_met_only_where_it_holds_everywhere() -> None:
    """The outage hits the first night of each seed; each seed gives its own evidence."""
    shop = scenario(objectives=OBJECTIVES, outages=[EMPTY], hidden_seeds=(8, 9))
    verdict = judge(shop, config(**ZERO))
    wrong, done, bonus = verdict.objectives

    assert (wrong.met, done.met, bonus.met, verdict.met) == (False, True, False, False)
    assert [one.seed for one in wrong.evidence] == [7, 8, 9]
    assert {one.code for one in done.evidence} == {"held"}
    assert verdict.missed == ("O1", "B1")
    assert [(window, seed) for window, seed, _ in verdict.replays] == [
        ("march", 7), ("march", 8), ("march", 9),
    ]  # fmt: skip


def test_a_bonus_that_is_missed_does_not_decide() -> None:
    """B1 cannot be met; the verdict is met all the same."""
    verdict = judge(scenario(objectives=OBJECTIVES), config())

    assert (verdict.met, verdict.missed) == (True, ("B1",))


def test_the_digest_is_that_of_all_replays() -> None:
    """The same twice; another config, another digest."""
    shop = scenario(objectives=OBJECTIVES)
    first, again, other = (
        judge(shop, one) for one in (config(), config(), config(schedule="0 4 * * *"))
    )

    assert first == again
    assert first.digest != other.digest


# -- the score ------------------------------------------------------------------------------


def figures(**settings: Any) -> Any:
    """The figures of one replay of the shop."""
    shop = scenario(objectives=OBJECTIVES, outages=settings.pop("outages", []))
    replay = played(shop=shop, **settings)
    return figures_of(shop, replay, nights_of(replay))


def test_a_good_night_costs_its_hours() -> None:
    """Twice twelve minutes of work, nothing wrong, nobody woken."""
    told = figures()

    assert (told.wrong_reads, told.missing_reads, told.pages, told.late_nights) == (0, 0, 0, 0)
    assert (told.slot_hours, told.cost, told.minutes_to_correct) == (0.4, 0.4, 0.0)


def test_a_wrong_night_counts_a_whole_day() -> None:
    """The zero was never mended: one wrong read, a day until correct data."""
    told = figures(outages=[EMPTY], **ZERO)

    assert (told.wrong_reads, told.missing_reads) == (1, 0)
    assert told.minutes_to_correct == 24 * 60


def test_a_mended_night_counts_from_the_bad_extract() -> None:
    """Bad at 03:10, held, tried again at 03:40, published at 03:52: 42 minutes and a page."""
    dag = airflow(
        tasks={
            "copy": {"retries": 1, "retry_delay": "30m", "on_retry_callback": "ring"},
            "publish": {"upstream": ["copy"]},
        }
    )
    told = figures(
        outages=[EMPTY],
        section=dag,
        wiring=tasks(checks=["volume"]),
        checks={"volume": {"min": 50}},
        alerts={"ring": {"channel": "pager", "to": "on_call"}},
    )

    assert told.minutes_to_correct == pytest.approx(42.2, abs=0.1)
    assert (told.pages, told.false_pages) == (1, 0)
    assert told.cost == pytest.approx(told.slot_hours + 0.5)


def test_a_morning_without_a_figure_is_missing_and_late() -> None:
    """Refused and not retried: nothing to read, and late."""
    told = figures(outages=[outage("2024-03-12T02:30Z", "2024-03-12T03:30Z", "refuse")])

    assert (told.wrong_reads, told.missing_reads, told.late_nights) == (0, 1, 1)


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        ({}, 0),
        ({"schedule": "0 4 * * *"}, 1),
        ({"checks": {"volume": {"min": 50, "on_failure": "warn"}}}, 2),
        ({"wiring": tasks(checks=["volume"]), "checks": {"volume": {"min": 50}}}, 2),
        (ZERO, 1),
        ({"max_active_runs": None}, 0),
    ],
    ids=["none", "a key", "a check", "a check and its use", "sql", "a default"],
)
def test_changes_are_keys_that_differ(settings: dict[str, Any], count: int) -> None:
    """From what the player found: a statement of SQL is one key, a default is not given."""
    assert changes(scenario(), config(**settings)) == count


def test_another_orchestrator_is_counted_by_what_was_written() -> None:
    """Leaving Airflow takes its five keys away and adds a crontab and a word: defaults are none."""
    cron = config(orchestrator="cron", section={"crontab": "0 3 * * * copy && publish"})

    assert changes(scenario(), cron) == 7
