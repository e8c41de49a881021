"""Alerts: incidents, who sees a message when, what tires a person, and the runbook."""

from __future__ import annotations

from typing import Any

from sim.faults.plan import AttemptCrash
from sim.model.facts import Fact
from sim.model.interventions import Rerun
from tests.unit.platform.stage import DAY_ONE, Stage, clock, copy_and_publish, stage
from tests.unit.session.shop import outage, world

BROKEN = [outage("2024-03-12T02:30Z", "2024-03-12T04:00Z")]


def rung(*times: str, channel: str = "pager", days: float = 1, **alert: Any) -> Stage:
    """A stage in trouble on which one alert is sent at these times."""
    shop = stage(
        alerts={"ring": {"channel": channel, "to": "on_call", **alert}},
        outages=BROKEN,
    )
    for time in times:
        shop.alert("ring", time)
    return shop.run(days=days)


def acknowledged(shop: Stage) -> list[tuple[str, int]]:
    """(time of day, incident) of each acknowledgement."""
    return [(clock(row.time), row.value) for row in shop.facts(Fact.ACKNOWLEDGED)]


def test_a_message_of_an_open_incident_wakes_nobody() -> None:
    """The same key is one incident: the second message joins it."""
    shop = rung("03:00", "03:05")

    assert shop.told(Fact.ALERT, "status", "key") == [
        ("03:00:00", 1, "sent", f"sales copy {DAY_ONE}"),
        ("03:05:00", 1, "grouped", f"sales copy {DAY_ONE}"),
    ]
    assert acknowledged(shop) == [("03:15:00", 1)]


def test_a_key_without_the_task_joins_messages_of_several_tasks() -> None:
    """The player's template decides what belongs together."""
    shop = stage(
        alerts={
            "ring": {"channel": "pager", "to": "on_call", "dedup_key": "{{ pipeline }} {{ fecha }}"}
        },
        outages=BROKEN,
    )
    shop.alert("ring", "03:00", task="copy")
    shop.alert("ring", "03:01", task="publish")
    shop.alert("ring", "03:02", day="2024-03-10")
    shop.run()

    assert [row.value for row in shop.facts(Fact.ALERT)] == [1, 1, 2]


def test_a_key_that_cannot_be_made_groups_nothing() -> None:
    """Two messages whose template fails are two incidents."""
    shop = rung("03:00", "03:05", dedup_key="{{ nothing }}")

    assert [row.detail["status"] for row in shop.facts(Fact.ALERT)] == ["sent", "sent"]


def test_publishing_the_date_closes_its_incident() -> None:
    """After the day is published, the same key opens a new incident."""
    shop = stage(alerts={"ring": {"channel": "pager", "to": "on_call"}}, outages=BROKEN)
    shop.alert("ring", "03:00")
    shop.begin("copy", "04:00")
    shop.begin("publish", "04:11")
    shop.alert("ring", "05:00")
    shop.run()

    assert [row.value for row in shop.facts(Fact.ALERT)] == [1, 2]


def rung_around_a_publication(task: str) -> list[int]:
    """Incidents of one key, before and after the date is published by tasks of its pipeline."""
    others = {
        "regions": {"work": "check", "table": "dw.regions", "write_mode": "append"},
        "look": {"work": "check", "input": "/data/orders.csv"},
    }
    shop = stage(
        tasks={**copy_and_publish(), **others},
        alerts={"ring": {"channel": "pager", "to": "on_call"}},
        outages=BROKEN,
    )
    shop.alert("ring", "03:00", task=task)
    shop.begin("copy", "04:00")
    shop.begin("publish", "04:11")
    shop.alert("ring", "05:00", task=task)
    shop.run()
    return [row.value for row in shop.facts(Fact.ALERT)]


def test_a_publication_closes_what_its_table_comes_from() -> None:
    """A task that works for another table is not done; one that works for none is, with its own."""
    assert rung_around_a_publication("copy") == [1, 2]
    assert rung_around_a_publication("regions") == [1, 1]
    assert rung_around_a_publication("look") == [1, 2]


def test_a_page_of_a_night_with_a_fault_tires_nobody() -> None:
    """A crash is a reason to page, whatever the sources say."""
    people = world()["people"]
    people["on_call"]["fatigue"] = {"false_pages": 1, "within": "1d", "factor": 2}
    shop = stage(
        alerts={"ring": {"channel": "pager", "to": "on_call", "dedup_key": "{{ task }}"}},
        people=people,
        faults=[AttemptCrash(task="copy", data_date=DAY_ONE)],
    )
    shop.begin("copy", "02:00")
    for task in ("copy", "publish"):
        shop.alert("ring", "03:00", task=task)
    shop.run()

    assert acknowledged(shop) == [("03:15:00", 1), ("03:15:00", 2)]


def test_a_pager_is_slower_by_night_than_by_day() -> None:
    """Night ends at 07:00 for whoever is on call."""
    assert acknowledged(rung("06:59")) == [("07:14:00", 1)]
    assert acknowledged(rung("07:00")) == [("07:05:00", 1)]
    assert acknowledged(rung("21:59")) == [("22:04:00", 1)]
    assert acknowledged(rung("22:00")) == [("22:15:00", 1)]


def test_nobody_looks_at_a_chat_by_night() -> None:
    """A message of 03:00 is seen at 08:30, one of the evening at 08:30 of the next day."""
    assert acknowledged(rung("03:00", channel="chat")) == [("08:30:00", 1)]
    assert acknowledged(rung("10:00", channel="chat")) == [("10:45:00", 1)]
    assert acknowledged(rung("23:00", channel="chat")) == []
    assert acknowledged(rung("23:00", channel="chat", days=2)) == [("08:30:00", 1)]


def test_a_channel_that_nobody_looks_at_is_never_acknowledged() -> None:
    """Mail is sent, and that is all."""
    shop = rung("03:00", channel="mail", days=5)

    assert len(shop.facts(Fact.ALERT)) == 1
    assert acknowledged(shop) == []


def test_false_pages_tire_and_are_forgotten_after_a_while() -> None:
    """After two pages for nothing within a day, acknowledging takes twice as long."""
    people = world()["people"]
    people["on_call"]["fatigue"] = {"false_pages": 2, "within": "1d", "factor": 2}
    shop = stage(alerts={"ring": {"channel": "pager", "to": "on_call"}}, people=people)
    times = ["10:00", "11:00", "12:00", "2024-03-13T11:30Z"]
    for number, time in enumerate(times, start=1):
        shop.alert("ring", time, day=f"2024-02-0{number}")
    shop.run(days=2)
    spans = [row.detail["after"] // 60_000_000 for row in shop.facts(Fact.ACKNOWLEDGED)]

    # the last one comes when only the page of 12:00 is within a day
    assert spans == [5, 5, 10, 5]


def test_pages_with_a_reason_do_not_tire() -> None:
    """A page of a night with an outage is no false one, however many there are."""
    people = world()["people"]
    people["on_call"]["fatigue"] = {"false_pages": 1, "within": "1d", "factor": 2}
    shop = stage(
        alerts={"ring": {"channel": "pager", "to": "on_call", "dedup_key": "{{ task }}"}},
        people=people,
        outages=BROKEN,
    )
    for task in ("copy", "publish"):
        shop.alert("ring", "03:00", task=task)
    shop.run()

    assert acknowledged(shop) == [("03:15:00", 1), ("03:15:00", 2)]


def test_a_draw_belongs_to_the_incident_and_not_to_its_number() -> None:
    """An incident of another pipeline before it does not change how fast this one is seen."""
    people = world()["people"]
    people["on_call"]["acknowledges"]["pager"]["sigma"] = 0.8

    def after(*tasks: str) -> int:
        shop = stage(
            alerts={"ring": {"channel": "pager", "to": "on_call"}}, people=people, outages=BROKEN
        )
        for task in tasks:
            shop.alert("ring", "03:00", task=task)
        shop.run()
        wanted = shop.facts(Fact.ALERT)[-1].value
        (row,) = [row for row in shop.facts(Fact.ACKNOWLEDGED) if row.value == wanted]
        return int(row.detail["after"])

    assert after("publish") == after("copy", "publish")
    assert after("publish") != after("copy")


# -- the runbook ----------------------------------------------------------------------------


def run_by_hand(**runbook: Any) -> Stage:
    """A page at 03:00, acknowledged at 03:15, during an outage until 04:00."""
    return rung("03:00", runbook={"after": "10m", **runbook})


def test_a_runbook_waits_for_the_source_and_runs_the_date_again() -> None:
    """Looks at 03:25, then every 10 minutes; at 04:05 the source is well."""
    shop = run_by_hand()

    assert shop.operated == [
        ("04:05:00", Rerun(at=shop.kernel.start + 14_700_000_000, data_date=DAY_ONE, by="on_call"))
    ]


def test_a_runbook_may_act_at_once() -> None:
    """Without looking at the source the date is run again in the middle of the outage."""
    shop = run_by_hand(when="at_once")

    assert [time for time, _ in shop.operated] == ["03:25:00"]


def test_a_runbook_looks_as_often_as_it_says() -> None:
    """Every half an hour: 03:25, 03:55, 04:25."""
    shop = run_by_hand(look_every="30m")

    assert [time for time, _ in shop.operated] == ["04:25:00"]


def test_a_runbook_does_nothing_once_the_date_is_published() -> None:
    """A retry was faster than the person: at 04:15 nothing is left to do."""
    runbook = {"after": "1h", "when": "at_once"}
    shop = stage(
        alerts={"ring": {"channel": "pager", "to": "on_call", "runbook": runbook}},
        outages=[outage("2024-03-12T02:30Z", "2024-03-12T03:20Z")],
    )
    shop.alert("ring", "03:00")
    shop.begin("copy", "03:20")
    shop.begin("publish", "03:31")
    shop.run()

    assert acknowledged(shop) == [("03:15:00", 1)]
    assert shop.orders() == shop.true_orders()
    assert shop.operated == []


def test_nobody_acts_on_a_message_that_nobody_sees() -> None:
    """No acknowledgement, no runbook."""
    shop = rung("03:00", channel="mail", runbook={"when": "at_once"}, days=3)

    assert shop.operated == []
