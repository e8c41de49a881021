"""The flagship minute by minute: the journal shows the night as the curriculum tells it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sim.engine.simulate import simulate
from sim.kernel.calendar import format_instant, parse_instant
from sim.model.facts import Fact
from sim.model.states import TaskState
from sim.scenario.load import load_config, load_scenario

if TYPE_CHECKING:
    from sim.kernel.journal import Journal, Row

SCENARIO = "incident-revenue-zero"


@cache
def night(config: str = "config.yaml") -> Journal:
    """March under one of the scenario's configs, seed 1714."""
    scenario = load_scenario(SCENARIO)
    path = scenario.folder / config
    return simulate(scenario, load_config(path.read_text(), file=str(path), scenario=scenario))


def between(journal: Journal, start: str, end: str, *facts: Fact) -> list[Row]:
    """The rows of these facts from `start` until before `end`."""
    first, last = parse_instant(start), parse_instant(end)
    return [row for row in journal.rows(*facts) if first <= row.time < last]


def tries(journal: Journal, task: str, day: str) -> list[tuple[str, str, int]]:
    """(time of day, state, try) of every change of state of a task's instances on a day."""
    return [
        (format_instant(row.time)[11:19], TaskState(row.value % 256).word, row.value // 256)
        for row in between(journal, f"{day}T00:00Z", f"{day}T23:59Z", Fact.TASK_STATE)
        if journal.name(row.entity) == task
    ]


def test_the_broken_night_of_the_14th() -> None:
    """Outage, three green jobs, version 74 with a revenue of 0, the read and the escalation."""
    journal = night()
    rows = between(journal, "2024-03-14T00:00Z", "2024-03-15T00:00Z")
    told = []
    for row in rows:
        clock, who = format_instant(row.time)[11:19], journal.name(row.entity)
        if row.fact is Fact.OUTAGE:
            told.append(
                (clock, f"outage {row.detail['mode']} {'opens' if row.value else 'closes'}")
            )
        elif row.fact is Fact.TASK_STATE:
            told.append((clock, f"{who} {TaskState(row.value % 256).word}"))
        elif row.fact is Fact.FILE_WRITE and row.detail["phase"] == "closed":
            told.append((clock, f"{who} has {row.value} rows"))
        elif row.fact is Fact.PUBLISHED:
            figure = row.detail["partitions"]["2024-03-13"]["sums"]["revenue"]
            told.append((clock, f"{who} version {row.value} revenue {figure}"))
        elif row.fact is Fact.READ:
            told.append((clock, f"{who} reads {row.detail['shown']}"))
        elif row.fact in {Fact.NOTICED, Fact.ESCALATED, Fact.ALERT}:
            told.append((clock, f"{row.fact.name.lower()} {who}"))

    assert told == [
        ("02:30:00", "outage empty opens"),
        ("03:00:00", "extract running"),
        ("03:45:00", "/data/ventas.csv has 0 rows"),
        ("03:45:00", "extract success"),
        ("03:50:00", "outage empty closes"),
        ("04:00:00", "transform running"),
        ("04:06:00", "/data/metricas.csv has 5 rows"),
        ("04:06:00", "transform success"),
        ("05:00:00", "load running"),
        ("05:02:00", "dw.daily_metrics version 74 revenue 0.00"),
        ("05:02:00", "load success"),
        ("09:00:00", "VP reads 0.00"),
        ("09:00:00", "noticed VP"),
        ("09:12:00", "escalated CTO"),
    ]


def test_the_truth_of_the_13th_is_a_weekday_of_the_shop() -> None:
    """The figure the VP should have seen is 655 860 within 6 % and the spread of baskets."""
    read = between(
        night("solutions/gate-and-retry.yaml"), "2024-03-14T09:00Z", "2024-03-14T09:01Z", Fact.READ
    )

    assert 655_860 * 0.93 < float(read[0].detail["shown"]) < 655_860 * 1.07


def test_fix_a_on_the_14th_retries_into_a_live_replica() -> None:
    """Attempt 1 fails its gate at 03:45:20 and pages; attempt 2 is published before 04:55."""
    journal = night("solutions/gate-and-retry.yaml")
    extract = [
        change
        for change in tries(journal, "extract", "2024-03-14")
        if change[1] not in {"scheduled", "queued"}
    ]
    pages = between(journal, "2024-03-14T00:00Z", "2024-03-15T00:00Z", Fact.ALERT)
    published = between(journal, "2024-03-14T00:00Z", "2024-03-15T00:00Z", Fact.PUBLISHED)

    assert [change[1:] for change in extract] == [
        ("running", 1), ("up_for_retry", 1), ("running", 2), ("success", 2),
    ]  # fmt: skip
    assert extract[0][0] == "03:00:00"
    assert extract[1][0] == "03:45:20"
    assert [format_instant(row.time)[11:19] for row in pages] == ["03:45:20"]
    assert "04:53:00" <= format_instant(published[0].time)[11:19] < "04:55:00"


def test_fix_a_on_the_17th_needs_four_attempts() -> None:
    """312 rows fail three times; the fourth attempt, after 06:00, is published before 07:00."""
    journal = night("solutions/gate-and-retry.yaml")
    reads = between(journal, "2024-03-17T00:00Z", "2024-03-18T00:00Z", Fact.SOURCE_READ)
    published = between(journal, "2024-03-17T00:00Z", "2024-03-18T00:00Z", Fact.PUBLISHED)

    assert [row.value for row in reads[:3]] == [312, 312, 312]
    assert reads[3].value == reads[3].detail["rows_true"]
    assert "06:53:00" <= format_instant(published[0].time)[11:19] < "07:00:00"


def test_fix_c_keeps_the_last_good_day_until_the_operator_ran_it_again() -> None:
    """The audit refuses at 03:46 and pages; the person clears once awake; then the truth."""
    journal = night("solutions/write-audit-publish.yaml")
    rows = between(journal, "2024-03-14T00:00Z", "2024-03-14T09:00Z")
    audit = next(row for row in rows if row.fact is Fact.CHECK)
    page = next(row for row in rows if row.fact is Fact.ALERT)
    acknowledged = next(row for row in rows if row.fact is Fact.ACKNOWLEDGED)
    cleared = next(row for row in rows if row.fact is Fact.INTERVENTION)

    assert format_instant(audit.time)[11:16] == "03:46"
    assert (audit.value, format_instant(page.time)[11:16]) == (0, "03:46")
    assert [row.value for row in rows if row.fact is Fact.STALE_MARKED] == [1, 0]
    assert page.time < acknowledged.time < cleared.time
    assert len([row for row in rows if row.fact is Fact.PUBLISHED]) == 1


def test_the_cron_chain_retries_by_hand_as_far_as_cron_can() -> None:
    """On the 14th published at 04:53:40; on the 17th the fourth try, after 06:00, makes 07:00."""
    journal = night("solutions/cron-chain.yaml")
    runs = {
        day: [time for time, state, _ in tries(journal, "extract", day) if state == "running"]
        for day in ("2024-03-14", "2024-03-17")
    }
    published = [
        format_instant(row.time)[11:19]
        for day in runs
        for row in between(journal, f"{day}T00:00Z", f"{day}T23:59Z", Fact.PUBLISHED)
    ]
    pages = between(journal, "2024-03-01T00:00Z", "2024-04-01T00:00Z", Fact.ALERT)

    assert runs == {
        "2024-03-14": ["03:00:00", "04:00:20"],
        "2024-03-17": ["03:00:00", "04:00:20", "05:00:40", "06:01:00"],
    }
    assert published == ["04:53:40", "06:54:20"]
    assert [format_instant(row.time)[5:16] for row in pages] == ["03-14T03:45", "03-17T03:45"]
