"""three-orchestrators-one-night: what each tool does with the five faults, as its texts tell it."""

from __future__ import annotations

from functools import cache

import pytest

from sim.engine.simulate import simulate
from sim.kernel.calendar import HOUR, format_instant, parse_instant
from sim.kernel.journal import Journal
from sim.model.facts import Fact
from sim.model.states import RunState, TaskState
from sim.scenario.load import load_config_file, load_scenario
from sim.session.compare.criteria import criteria
from sim.session.compare.differences import differences, rules
from sim.session.compare.played import play
from sim.session.compare.sides import side_of

NAME = "three-orchestrators-one-night"
MORNING = parse_instant("2024-03-14T08:00Z")
MARCH = parse_instant("2024-03-14T10:00Z")


@cache
def played(config: str) -> Journal:
    """The three nights under one of the scenario's configs."""
    scenario = load_scenario(NAME)
    return simulate(scenario, load_config_file(scenario.folder / config, scenario=scenario))


def failures(config: str) -> list[tuple[str, str, str]]:
    """(time, task, reason) of each try of Thursday's night that failed, until eight o'clock."""
    journal = played(config)
    return [
        (format_instant(row.time)[11:19], journal.name(row.entity), row.detail.get("reason", ""))
        for row in journal.rows(Fact.TASK_STATE, since=MORNING - 8 * HOUR, until=MORNING)
        if row.value % 256 in {TaskState.FAILED, TaskState.UP_FOR_RETRY}
    ]


def webhook(config: str) -> str:
    """Why the second request for the night was refused; empty: it was obeyed."""
    rows = played(config).rows(Fact.INTERVENTION)
    (refused,) = [row.detail.get("refused", "") for row in rows if row.detail["by"] == "webhook"]
    return str(refused)


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ("config.yaml", [("03:03:30", "extract", "source_timeout")]),
        ("conductors/dagster.yaml", [("03:03:40", "extract", "source_timeout")]),
        ("conductors/prefect.yaml", [("03:03:30", "extract", "source_timeout")]),
        (
            "conductors/cron.yaml",
            [("03:03:30", "extract", "source_timeout"), ("03:33:00", "load", "rate_limited")],
        ),
    ],
)
def test_defaults_stop_at_the_first_fault(config: str, told: list[tuple[str, str, str]]) -> None:
    """Nothing is tried again; cron's next lines start all the same, but for the one at 03:20."""
    assert told == failures(config)


@pytest.mark.parametrize(
    ("config", "refused"),
    [
        ("config.yaml", "run_exists"),
        ("traps/airflow-2.yaml", ""),
        ("conductors/dagster.yaml", ""),
        ("conductors/prefect.yaml", ""),
        ("conductors/cron.yaml", "no line is called ventas"),
        ("solutions/cron-one-script.yaml", ""),
    ],
)
def test_the_same_night_twice(config: str, refused: str) -> None:
    """Airflow 3 knows the run by its date; in Airflow 2 that date is the next night's."""
    assert refused == webhook(config)


def test_the_webhook_takes_the_date_of_the_next_night() -> None:
    """On Airflow 2 nothing is created at 03:02 on Friday: a run of that logical date exists."""
    friday = parse_instant("2024-03-15T00:00Z")
    created = [
        len([row for row in played(config).rows(Fact.RUN_STATE, since=friday) if row.detail])
        for config in ("traps/airflow-2.yaml", "solutions/airflow-retries.yaml")
    ]

    assert [0, 1] == created


def test_a_worker_of_dagster_that_nobody_misses() -> None:
    """By default its run is STARTED for ever; with run monitoring it has failed within 2 min."""
    ends = [
        [
            format_instant(row.time)[11:19]
            for row in played(config).rows(Fact.RUN_STATE, until=MORNING)
            if row.value == RunState.FAILED and row.detail.get("reason") == "worker_lost"
        ]
        for config in ("traps/dagster-retry-policy.yaml", "solutions/dagster-monitored.yaml")
    ]

    assert [[], ["03:10:00", "03:18:00"]] == ends


def test_an_automation_misses_what_prefect_does_not() -> None:
    """Runs whose process is gone stay Running; half an hour after their start each gets another."""
    journal = played("solutions/prefect-watched.yaml")
    thursday = [
        (format_instant(row.time)[11:16], row.detail["run_type"])
        for row in journal.rows(Fact.RUN_STATE, since=MORNING - 8 * HOUR, until=MORNING)
        if "run_type" in row.detail
    ]

    assert [
        ("03:01", "scheduled"),
        ("03:15", "manual"),
        ("03:31", "automation"),
        ("03:44", "automation"),
    ] == thursday


def test_all_five_faults_reach_the_one_that_is_patient() -> None:
    """Airflow's retries go through a timeout, a lost worker and a scheduler that is away."""
    assert [
        ("03:03:30", "extract", "source_timeout"),
        ("03:14:41", "transform", "heartbeat_timeout"),
    ] == failures("solutions/airflow-retries.yaml")


def test_march_is_refused_without_partitions() -> None:
    """Dagster's job has none; the other three tools do what they are asked for."""
    refused = [
        [row.detail.get("refused", "") for row in played(one).rows(Fact.INTERVENTION, since=MARCH)]
        for one in ("traps/dagster-without-partitions.yaml", "solutions/dagster-monitored.yaml")
    ]

    assert [["the job has no partitions to backfill"], [""]] == refused


def test_what_the_criteria_say_of_lineage() -> None:
    """Assets know three edges of four: nobody declared the bank's rate."""
    scenario = load_scenario(NAME)
    side = side_of(scenario, "dagster")
    told = {one.name: one.figures for one in criteria(scenario, *play(scenario, [side]))}

    assert (3, 4) == (told["lineage"]["found"], told["lineage"]["edges"])
    assert (280, 400) == (told["growth"]["ran"], told["growth"]["asked"])


def test_what_a_person_ran_again_rests_on_backfills() -> None:
    """On 1 March only who has a loop in a shell has anything new: no schedule explains that."""
    scenario = load_scenario(NAME)
    sides = [side_of(scenario, name) for name in ("cron", "airflow3", "dagster", "prefect")]
    told = play(scenario, sides, window="2024-03-14")
    found = {(one.kind, one.subject): one for one in differences(told)}
    march = found["published", "dw.ventas"]

    assert [True, False, False, False] == [one.row >= 0 for one in march.sides]
    assert ["loop-by-hand", "backfill", "backfill", "no-backfill"] == [
        cited[0].name for cited in rules(told, march)
    ]
