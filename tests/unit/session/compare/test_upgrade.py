"""What moves from one release to the next, with the first pair of runs that differs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sim.errors import UsageError
from sim.session.compare.upgrade import Upgrade, upgrade_of
from tests.unit.session import shop


def upgrade(section: dict[str, Any] | None = None, **dag: Any) -> Upgrade:
    """The shop's DAG from 2 to 3."""
    found = {"orchestrator": "airflow", "airflow": section or shop.airflow(**dag)}
    text = json.dumps({**found, "tasks": shop.tasks()})
    return upgrade_of(shop.scenario(), text, "config.yaml")


def topics(found: Upgrade) -> list[str]:
    """What moves by itself."""
    return [one.moved.topic for one in found.moves]


def test_a_cron_text_moves() -> None:
    """An interval becomes a tick: the first run is about another day, and both are shown."""
    found = upgrade()
    pair = found.moves[0].instance

    assert ["schedule", "data_date"] == topics(found)
    assert ("airflow-2.11.2/cron-text", "airflow-3.3.2/cron-text") == (
        found.moves[0].moved.before.id,
        found.moves[0].moved.after.id,
    )
    assert pair is not None
    assert pair.before is not None
    assert pair.after is not None
    assert (("2024-03-11",), ("2024-03-12",)) == (pair.before.data_dates, pair.after.data_dates)
    assert found.moves_by_itself


def test_a_timetable_by_name_does_not_move() -> None:
    """Written out, it is the same in both, and the nights differ in nothing."""
    schedule = {"timetable": "CronDataIntervalTimetable", "cron": "0 3 * * *"}
    found = upgrade(schedule=schedule)

    assert ((), ()) == (found.moves, found.differences)
    assert not found.moves_by_itself


def test_catch_up_by_default() -> None:
    """Left to the default it moves, though these nights have no instance; written it does not."""
    schedule = {"timetable": "CronDataIntervalTimetable", "cron": "0 3 * * *"}
    found = upgrade(schedule=schedule, catchup=None)

    assert ["catchup"] == topics(found)
    assert found.moves[0].instance is None


def test_slas_are_watched_by_nobody() -> None:
    """The run that 2.x told of is the instance."""
    schedule = {"timetable": "CronDataIntervalTimetable", "cron": "0 3 * * *"}
    tasks = {"copy": {"sla": "1m"}, "publish": {"upstream": ["copy"]}}
    found = upgrade(schedule=schedule, tasks=tasks)

    assert ["sla"] == topics(found)
    assert "airflow-3.3.2/sla" == found.moves[0].moved.after.id


def test_what_the_newer_release_refuses() -> None:
    """Its problems, with their places, and no simulation."""
    found = upgrade(fail_stop=True)

    assert ["E-FAIL-STOP"] == [one.code for one in found.refused] or ["E-FAIL-FAST"] == [
        one.code for one in found.refused
    ]
    assert ("Airflow 2.11.2", "Airflow 3.3.2") == (found.before, found.after)
    assert found.moves_by_itself


def test_what_an_operator_does_moves_too() -> None:
    """A run by hand has no logical date in 3.x; a backfill leaves dates that have a run alone."""
    found = {one.action: one for one in upgrade().by_hand}

    (before,), (after,) = found["manual_run"].before, found["manual_run"].after
    assert before.logical_date is not None
    assert (None, None) == (after.logical_date, after.interval)
    assert ["manual-run", "manual-run"] == [one.name for one in found["manual_run"].rules]


def test_an_orchestrator_with_one_release() -> None:
    """There is nothing to go between."""
    crontab = {"orchestrator": "cron", "cron": {"crontab": "0 3 * * *  copy.sh\n"}}
    text = json.dumps({**crontab, "tasks": shop.tasks()})
    with pytest.raises(UsageError, match="no releases to go between"):
        upgrade_of(shop.scenario(), text, "config.yaml")
