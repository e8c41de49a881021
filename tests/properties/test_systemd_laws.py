"""Laws of systemd, over random small hosts with troubles and operators."""

from __future__ import annotations

from hypothesis import given, settings

from sim.model.facts import Fact
from sim.model.states import RunState
from sim.orchestrators.systemd.units import Timer, read_units
from tests.properties.nights import Night
from tests.properties.systemd_nights import systemd_nights

ENDED = frozenset({RunState.SUCCESS, RunState.FAILED})


@settings(max_examples=60)
@given(night=systemd_nights())
def test_a_unit_never_runs_twice_at_once(night: Night) -> None:
    """Whoever starts it: a timer, another unit, an operator, its own Restart=."""
    journal = night.journal()
    open_runs: dict[int, set[int]] = {}
    for row in journal.rows(Fact.RUN_STATE):
        runs = open_runs.setdefault(journal.who(row.entity).parent, set())
        if row.value in ENDED:
            runs.discard(row.entity)
        else:
            runs.add(row.entity)
        assert len(runs) <= 1


@settings(max_examples=60)
@given(night=systemd_nights())
def test_a_timer_never_elapses_before_its_time(night: Night) -> None:
    """And not later than its accuracy and its random delay allow, but at a boot."""
    journal = night.journal()
    units = read_units(night.section["units"], timezone="UTC")
    boots = {row.time for row in journal.rows(Fact.HOST) if row.value}
    for row in journal.rows(Fact.TICK):
        timer = units[journal.name(row.entity)]
        assert isinstance(timer, Timer)
        late = row.time - row.detail["scheduled"]
        assert 0 <= late <= timer.accuracy_us + timer.randomized_delay_us or row.time in boots


@settings(max_examples=60)
@given(night=systemd_nights())
def test_nothing_that_requires_a_failed_unit_runs_after_it(night: Night) -> None:
    """A run that waited for a unit it requires begins only when that one's run went well."""
    journal = night.journal()
    units = read_units(night.section["units"], timezone="UTC")
    last: dict[str, RunState] = {}
    waits: dict[int, list[str]] = {}
    for row in journal.rows(Fact.RUN_STATE):
        name = f"{journal.name(journal.who(row.entity).parent)}.service"
        if row.value == RunState.QUEUED:
            waits[row.entity] = [f"{one}.service" for one in row.detail["waits_for"]]
        elif row.value == RunState.RUNNING and row.entity in waits:
            needed = units[name].names("Requires", "BindsTo")
            assert all(
                last[one] is not RunState.FAILED for one in waits[row.entity] if one in needed
            )
        last[name] = RunState(row.value)
