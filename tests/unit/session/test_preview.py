"""The preview of a runbook: each figure is that of the replay which carries it out."""

from __future__ import annotations

from typing import Any

import msgspec

from sim.engine.replay import replay
from sim.kernel.calendar import DAY, MINUTE
from sim.model.facts import Fact
from sim.model.interventions import Backfill, Clear, Intervention, Pause, Rerun
from sim.model.states import RunState
from sim.session.preview import PlannedAction, Preview, preview
from sim.views.ledger.reasons import Reason
from tests.unit.session.shop import TABLE, at, config, scenario

BEFORE = [f"2024-03-{day:02}" for day in range(4, 10)]
"""Six dates that were published before the clock started."""


def backfill(**changes: Any) -> Backfill:
    """A backfill of the six dates at ten o'clock."""
    told = {"at": at("10:00"), "pipeline": "sales", "first": BEFORE[0], "last": BEFORE[-1]}
    return Backfill(**{**told, **changes})


def made(*actions: Intervention, nights: int = 2, **settings: Any) -> Preview:
    """The preview of a runbook in the shop, under Airflow 3."""
    shop = scenario(nights=nights, objectives=[{"id": "O1", "cost": {"max": 1.0}}])
    found = config(**settings)
    told = {**msgspec.structs.asdict(found), "runbook": actions}
    told["settings"] = msgspec.structs.replace(found.settings, version=3)
    return preview(shop, type(found)(**told))


def only(one: Preview) -> PlannedAction:
    """The only action of a preview."""
    (action,) = one.actions
    return action


def test_what_is_there_already_is_left_alone() -> None:
    """Without a reprocess_behavior, dates that have a run get none."""
    action = only(made(backfill()))

    assert action.runs == ()
    assert [day[:10] for day in action.left_alone] == BEFORE
    assert set(action.left_alone.values()) == {"already exists"}


def test_completed_runs_are_done_again_in_order() -> None:
    """Two at once, from the last date to the first."""
    action = only(made(backfill(reprocess="completed", reverse=True, max_active_runs=2)))

    assert [run.run_id[11:21] for run in action.runs] == BEFORE[::-1]
    assert not any(run.created for run in action.runs)
    assert action.at_once == 2
    assert action.ends == max(run.ended or 0 for run in action.runs)
    assert {run.state for run in action.runs} == {RunState.SUCCESS}


def test_dates_that_were_never_published_get_runs_of_their_own() -> None:
    """History begins on 1 January; the schedule had begun before."""
    early = backfill(first="2023-12-30", last="2024-01-01")
    action = only(made(early, start_date="2023-12-01"))

    assert [(run.run_id[:21], run.created) for run in action.runs] == [
        ("backfill__2023-12-30T", True),
        ("backfill__2023-12-31T", True),
    ]
    assert [day[:10] for day in action.left_alone] == ["2024-01-01"]


def test_it_is_what_the_replay_does() -> None:
    """Runs, their order and their ends are those of the journal under the same runbook."""
    action = backfill(reprocess="completed", max_active_runs=3)
    shop = scenario()
    found = msgspec.structs.replace(config(), runbook=(action,))
    played = replay(shop, found)
    cause = next(row.index for row in played.journal.rows(Fact.INTERVENTION))
    touched = {row.entity for row in played.journal.rows(Fact.RUN_STATE) if row.cause == cause}
    ends = {
        played.journal.name(row.entity): row.time
        for row in played.journal.rows(Fact.RUN_STATE)
        if row.entity in touched and row.value == RunState.SUCCESS
    }

    assert ends == {run.run_id: run.ended for run in only(preview(shop, found)).runs}


def test_the_cost_is_that_of_both_replays() -> None:
    """Six runs of twelve minutes more, and an objective that they break."""
    one = made(backfill(reprocess="completed"))
    without, within = one.cost

    assert round(within.slot_hours - without.slot_hours, 1) == 1.2
    assert one.objectives == (("O1", True, False),)


def test_partitions_that_would_be_rewritten_are_listed() -> None:
    """A delete before its insert is seen: gone once; of the past no truth is known here."""
    wiring = msgspec.to_builtins(config().tasks)
    wiring["publish"]["write_mode"] = "delete_insert"
    one = made(backfill(reprocess="completed"), wiring=wiring)

    assert [part.data_date for part in one.rewritten] == BEFORE
    assert {(part.table, part.gone, part.right) for part in one.rewritten} == {(TABLE, 1, None)}


def test_other_runs_that_are_held_up_are_named_with_the_reason() -> None:
    """One slot for all: a backfill just before three o'clock delays the night behind it."""
    section = {
        "version": 3,
        "cfg": {"core": {"parallelism": 1}},
        "dags": {
            "sales": {
                "schedule": "0 3 * * *",
                "start_date": "2024-01-01",
                "catchup": False,
                "tasks": {"copy": {}, "publish": {"upstream": ["copy"]}},
            }
        },
    }
    early = backfill(at=at("02:30"), reprocess="completed")
    one = made(early, section=section)

    assert [run.run_id for run in one.moved] == ["scheduled__2024-03-12T03:00:00Z"]
    (delayed,) = one.moved
    assert (delayed.after or 0) - (delayed.before or 0) > 30 * MINUTE
    assert one.longer[0].reason is Reason.PARALLELISM


def test_what_lies_in_no_night_is_said() -> None:
    """An action of next week is neither carried out nor forgotten."""
    late = backfill(at=at("10:00") + 7 * DAY)
    one = made(late)

    assert one.actions == ()
    assert one.outside == (late,)


def test_refusals_and_actions_without_runs() -> None:
    """Cron knows neither clear nor pause; what Airflow refuses has its reason."""
    clear = Clear(at=at("10:00"), pipeline="sales", data_date="2023-01-01")
    one = made(clear, Pause(at=at("11:00"), pipeline="sales"), start_date="2024-01-01")

    assert [action.refused for action in one.actions] == ["no_such_run", None]
    assert [action.runs for action in one.actions] == [(), ()]


def test_a_rerun_hits_every_pipeline() -> None:
    """The run of that date is done again, once."""
    action = only(made(Rerun(at=at("10:00"), data_date="2024-03-11")))

    assert [run.created for run in action.runs] == [False]
    assert action.ends is not None
