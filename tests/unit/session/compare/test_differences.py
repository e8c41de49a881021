"""What differs between the sides, and what it rests on: decided from the facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from sim.scenario.load import load_scenario
from sim.session.compare.chains import LINKS_MAX, chain_of
from sim.session.compare.differences import Difference, chains, differences, rules
from sim.session.compare.played import Played, play
from sim.session.compare.rules import rules_of
from sim.session.compare.sides import Side, side_of, sides_of
from sim.views.ledger.reasons import Reason
from tests.unit.session import shop


def side(name: str, **settings: Any) -> Side:
    """A side of the shop."""
    return Side(name, name, shop.config(**settings), f"{name}.yaml", "")


def compared(
    *sides: Side, **settings: Any
) -> tuple[tuple[Played, ...], dict[tuple[str, str], Difference]]:
    """The sides played in the shop, and their differences by kind and subject."""
    played = play(shop.scenario(**settings), sides)
    found = {(one.kind, one.subject): one for one in differences(played)}
    return played, found


def names(played: Sequence[Played], one: Difference) -> list[list[str]]:
    """The rules cited for each side, by name."""
    return [[rule.name for rule in cited] for cited in rules(played, one)]


def test_equal_configs_differ_in_nothing() -> None:
    """The same config twice: no difference."""
    _, found = compared(side("a"), side("b"))

    assert {} == found


def test_each_side_has_the_same_world() -> None:
    """What a source really has is the same for each, and the digest of one side is its replay's."""
    played, _ = compared(side("a"), side("b", schedule="0 4 * * *"))
    true = [
        [extract.rows_true for extract in one.nights.extracts if extract.data_date == "2024-03-11"]
        for one in played
    ]

    assert true[0] == true[1]
    assert shop.played().journal.digest == played[0].replay.journal.digest


@pytest.mark.parametrize(
    ("section", "pipelines", "cited"),
    [
        ({"anacrontab": "1 5 nightly copy\n"}, (), "anacron-cronie-1.7.2/anacron-once"),
        (
            {"anacrontab": "1 5 nightly copy\n", "anacron_start": "debian"},
            ("nightly",),
            "anacron-2.3/anacron-once",
        ),
        ({"anacrontab": "1 5 nightly copy\n"}, ("nightly", "x"), "cron-3.0pl1/missed-is-lost"),
        ({"anacrontab": "# none\n"}, (), "cron-3.0pl1/missed-is-lost"),
    ],
)
def test_what_cron_loses_anacron_makes_up_for(
    section: dict[str, str], pipelines: Sequence[str], cited: str
) -> None:
    """The rule is anacron's where only its jobs are meant."""
    config = shop.config(orchestrator="cron", section={"crontab": "", **section})

    assert cited == rules_of(config, pipelines)["no_catchup"].id


def test_a_failure_with_and_without_retries() -> None:
    """The side that tries again rests on retries, the other on the default of none."""
    outage = shop.outage("2024-03-12T02:00Z", "2024-03-12T03:02Z", mode="refuse")
    tasks = {"copy": {"retries": 2, "retry_delay": "5m"}, "publish": {"upstream": ["copy"]}}
    played, found = compared(side("none"), side("two", tasks=tasks), outages=[outage])

    assert [["no-retries"], ["retries"]] == names(played, found["task", "copy"])
    published = found["published", shop.TABLE]
    assert ["published.none", "published.right"] == [one.code for one in published.sides]
    told = chains(played, published)[1]
    assert told is not None
    assert ["chain.outage", "chain.run", "chain.started"] == [one.code for one in told.links[:3]]
    assert "chain.source" in {link.code for link in told.links}
    assert "chain.published" == told.links[-1].code


def test_the_day_of_a_run_in_two_and_three() -> None:
    """A cron text means an interval in 2.x and a tick in 3.x; each side cites its own rule."""
    scenario = load_scenario("date-off-by-one")
    played = play(
        scenario,
        [side_of(scenario, "airflow2"), side_of(scenario, "airflow3")],
        window="2024-03-18",
    )
    runs = next(one for one in differences(played) if one.kind == "runs")

    assert {"ds-of-interval"} <= set(names(played, runs)[0])
    assert {"ds-of-tick"} <= set(names(played, runs)[1])


def test_catch_up_is_named_where_dates_were_made_up_for() -> None:
    """The side that runs the past rests on the default of 2.x, the other on what is written."""
    scenario = load_scenario("catchup-flood")
    found = [scenario.config_path, scenario.traps["no-catchup"]]
    played = play(scenario, sides_of(scenario, files=found), window="2024-03-15")
    runs = next(one for one in differences(played) if one.kind == "runs")

    assert [["catchup-default"], ["no-catchup-written"]] == names(played, runs)
    assert ("ecommerce_daily_metrics",) == runs.pipelines
    assert [74, 1] == [one.params["count"] for one in runs.sides]


def test_differences_alike_are_told_once() -> None:
    """A later schedule moves every night: one difference, all nights."""
    _, found = compared(side("three"), side("four", schedule="0 4 * * *"), nights=4)

    assert 4 == len(found["runs", ""].nights)
    assert 4 == len(found["published", shop.TABLE].nights)


def test_a_message_and_silence() -> None:
    """One side tells a person of the failure, the other nobody."""
    outage = shop.outage("2024-03-12T02:00Z", "2024-03-12T04:00Z", mode="refuse")
    alerts = {"page": {"channel": "pager", "to": "on_call"}}
    tasks = {"copy": {"on_failure_callback": "page"}, "publish": {"upstream": ["copy"]}}
    played, found = compared(
        side("silent"), side("loud", tasks=tasks, alerts=alerts), outages=[outage]
    )
    told = found["messages", ""]

    assert ["messages.none", "messages.some"] == [one.code for one in told.sides]
    assert [["no-message"], ["message"]] == names(played, told)


def test_waits_are_those_within_the_nights() -> None:
    """What an operator asks for after the nights, for judging, counts for none of them."""
    objective = {"id": "R", "rerun_equals_truth": {"table": shop.TABLE}, "text": "again"}
    played = play(shop.scenario(objectives=[objective]), [side("a")])[0]

    assert Reason.HUMAN not in played.waits
    assert {"R": True} == dict(played.objectives)


def test_objectives_that_ask_for_more_replays_are_left_out() -> None:
    """`idempotent` is None: it is not judged by one replay."""
    objective = {"id": "I", "idempotent": {"table": shop.TABLE, "schedules": 5}, "text": "twice"}
    played = play(shop.scenario(objectives=[objective]), [side("a")])[0]

    assert {"I": None} == dict(played.objectives)


def test_a_chain_is_bounded_and_says_what_it_leaves_out() -> None:
    """Fourteen links at most, the ends of the chain."""
    tasks = {"copy": {"retries": 20, "retry_delay": "1m"}, "publish": {"upstream": ["copy"]}}
    outage = shop.outage("2024-03-12T02:00Z", "2024-03-12T03:15Z", mode="refuse")
    played, _ = compared(side("a", tasks=tasks), side("b"), outages=[outage])
    journal = played[0].replay.journal
    last = max(one.row for one in played[0].nights.publications if one.data_date == "2024-03-11")
    chain = chain_of(journal, last)

    assert LINKS_MAX == len(chain.links)
    assert chain.left_out > 0
    assert ("chain.outage", "chain.published") == (chain.links[0].code, chain.links[-1].code)


def test_an_orchestrator_without_rules_is_compared_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is claimed of it."""
    monkeypatch.setattr("sim.session.compare.rules.find_spec", lambda _name: None)
    played, found = compared(side("three"), side("four", schedule="0 4 * * *"))

    assert [[], []] == names(played, found["runs", ""])


def test_a_run_that_is_executed_again() -> None:
    """Of Dagster's second run the chain tells what failed in the first, and it rests on retries."""
    flagship = load_scenario("incident-revenue-zero")
    files = [flagship.solutions[name] for name in ("dagster-assets", "gate-and-retry")]
    played = play(flagship, sides_of(flagship, files=files), window="2024-03-14")
    found = {(one.kind, one.subject): one for one in differences(played)}
    extract = found["task", "extract"]
    links = [link.code for link in chains(played, extract)[0].links]

    again = ["chain.check", "chain.state", "chain.run"]
    assert ["chain.run", *again, *again, "chain.started", "chain.source"] == links
    assert names(played, extract)[0] == ["retries"]


def test_a_file_that_is_not_there_has_no_date() -> None:
    """A reader who finds no file fails, and the comparison tells it."""
    _, found = compared(side("a"), side("b", tasks={"publish": {}}))

    assert [None, "missing_input"] == [
        one.params["reason"] for one in found["task", "publish"].sides
    ]
