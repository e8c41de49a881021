"""Random small nights for the laws of the engine: configs of Airflow and cron, faults, actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from sim.engine.simulate import simulate
from sim.faults.plan import AttemptCrash, Fault, HostOff, SourceOutage
from sim.kernel.journal import Journal
from sim.model.interventions import Clear, Intervention, Rerun
from sim.scenario.schema import Config, Scenario
from tests.unit.session.shop import airflow, at, config, scenario, tasks, world

NIGHTS = 2
DRAINED = at("2024-03-14T00:00Z")
"""The end of the window: from here on no run is created any more."""
SMALL_POOL = 2
TASKS = ("copy", "publish", "idle")


@dataclass(frozen=True)
class Night:
    """Everything that `simulate` is given, of which only plain data is drawn."""

    section: dict[str, Any]
    orchestrator: str = "airflow"
    faults: tuple[Fault, ...] = ()
    actions: tuple[Intervention, ...] = ()
    seed: int = 7

    @property
    def config(self) -> Config:
        """The config, built anew."""
        return config(
            orchestrator=self.orchestrator,
            section=self.section,
            wiring=wiring(),
            checks={"volume": {"min": 100}},
            alerts={"ring": {"channel": "pager", "to": "on_call"}},
        )

    def journal(self, *, until_drained: bool = True) -> Journal:
        """The simulation; after the window a date is run again and has a day to end."""
        last = (Rerun(at=DRAINED, data_date="2024-03-11"),) if until_drained else ()
        return simulate(
            shop(),
            self.config,
            seed=self.seed,
            faults=self.faults,
            interventions=(*self.actions, *last),
        )


def shop() -> Scenario:
    """The shop with durations and acknowledgements that are drawn."""
    section = world()
    section["work"]["copy"]["sigma"] = section["work"]["publish"]["sigma"] = 0.5
    section["people"]["on_call"]["acknowledges"]["pager"]["sigma"] = 0.5
    return scenario(nights=NIGHTS, work=section["work"], people=section["people"])


def wiring() -> dict[str, Any]:
    """What the tasks of every night do."""
    return {
        **tasks(mode="delete_insert_transaction", checks=["volume"]),
        "idle": {"work": "publish", "sql": "SELECT 1 AS n"},
    }


@st.composite
def airflow_nights(draw: st.DrawFn) -> Night:
    """Two DAGs of up to four tasks on a small pool and few executor slots."""
    section = airflow()
    section |= {
        "version": draw(st.sampled_from([2, 3])),
        "pools": {"small": {"slots": SMALL_POOL}},
        "cfg": {"core": {"parallelism": draw(st.integers(1, 4))}},
        "dags": {name: draw(dags()) for name in ("sales", "stock")},
    }
    return Night(section, faults=draw(faults()), actions=draw(actions()), seed=draw(seeds))


@st.composite
def dags(draw: st.DrawFn) -> dict[str, Any]:
    """A DAG of up to four tasks, each after any of those before it."""
    made: dict[str, Any] = {}
    for number in range(draw(st.integers(1, 4))):
        before = list(made)
        upstream = draw(st.lists(st.sampled_from(before), unique=True)) if before else []
        name = TASKS[number] if number < len(TASKS) else "wait"
        made[name] = {"upstream": upstream, **draw(task_arguments())}
        if name == "wait":
            made[name] |= {"type": "sensor", "sensor": draw(sensors())}
    return {
        "schedule": draw(st.sampled_from(["0 3 * * *", "30 1 * * *", "0 */6 * * *"])),
        "start_date": "2024-03-09",
        "catchup": draw(st.booleans()),
        "max_active_runs": draw(st.integers(1, 3)),
        "max_active_tasks": draw(st.integers(1, 4)),
        "tasks": made,
    }


@st.composite
def task_arguments(draw: st.DrawFn) -> dict[str, Any]:
    """Retries, pool, weight and rule of one task."""
    return {
        "pool": draw(st.sampled_from(["default_pool", "small"])),
        "pool_slots": draw(st.integers(1, SMALL_POOL)),
        "retries": draw(st.integers(0, 2)),
        "retry_delay": draw(st.sampled_from(["10s", "5m"])),
        "retry_exponential_backoff": draw(st.booleans()),
        "priority_weight": draw(st.integers(1, 5)),
        "trigger_rule": draw(
            st.sampled_from(["all_success", "all_done", "one_failed", "none_failed", "always"])
        ),
        "depends_on_past": draw(st.booleans()),
        "execution_timeout": draw(st.sampled_from([None, "4m"])),
        "on_failure_callback": draw(st.sampled_from([None, "ring"])),
    }


@st.composite
def sensors(draw: st.DrawFn) -> dict[str, Any]:
    """A sensor on the shop's database that gives up after an hour."""
    return {
        "system": "db",
        "mode": draw(st.sampled_from(["poke", "reschedule"])),
        "poke_interval": draw(st.sampled_from(["1m", "10m"])),
        "timeout": "1h",
        "soft_fail": draw(st.booleans()),
    }


@st.composite
def cron_nights(draw: st.DrawFn) -> Night:
    """A crontab of up to four lines that chain, retry, lock, page and overlap."""
    commands = [
        "copy && publish",
        "copy; publish",
        "copy || { sleep 5m; copy; } && publish",
        "flock -n /lock copy",
        "timeout 6m copy || notify ring",
        "idle",
    ]
    lines = [
        f"{draw(st.integers(0, 59))} {draw(st.sampled_from(['3', '*/6', '2-4']))} * * * "
        f"{draw(st.sampled_from(commands))}"
        for _ in range(draw(st.integers(1, 4)))
    ]
    section = {"crontab": "\n".join(lines)}
    return Night(section, "cron", faults=draw(faults()), seed=draw(seeds))


@st.composite
def anacron_nights(draw: st.DrawFn) -> Night:
    """Up to three jobs of anacron beside a crontab that may call it."""
    jobs = []
    for number in range(draw(st.integers(1, 3))):
        period = draw(st.sampled_from(["1", "@monthly", "2", "0"]))
        command = draw(st.sampled_from(["copy && publish", "copy; publish", "idle"]))
        jobs.append(f"{period} {draw(st.integers(0, 90))} job{number} {command}\n")
    hours = draw(st.sampled_from(["", "START_HOURS_RANGE=3-22\n", "START_HOURS_RANGE=1-2\n"]))
    lines = ["", "30 4 * * * anacron\n", "*/20 * * * * anacron -n\n", "0 5 * * * anacron -df\n"]
    section = {
        "crontab": draw(st.sampled_from(lines)),
        "anacrontab": hours + draw(st.sampled_from(["", "RANDOM_DELAY=45\n"])) + "".join(jobs),
        "anacron_start": draw(st.sampled_from(["hourly", "debian", "by_hand"])),
    }
    return Night(section, "cron", faults=draw(faults()), actions=draw(actions()), seed=draw(seeds))


seeds = st.integers(0, 1_000)


def faults() -> st.SearchStrategy[tuple[Fault, ...]]:
    """Up to three faults of any kind within the window."""
    hours = st.integers(0, 20)
    one = st.one_of(
        st.builds(
            lambda hour, span, mode: SourceOutage(
                system="db", start=_hour(hour), end=_hour(hour + span), mode=mode, rows=10
            ),
            hours,
            st.integers(1, 4),
            st.sampled_from(["refuse", "empty", "partial", "slow", "timeout"]),
        ),
        st.builds(
            AttemptCrash,
            task=st.sampled_from(TASKS),
            data_date=st.sampled_from(["2024-03-10", "2024-03-11", "2024-03-12"]),
            try_number=st.integers(1, 2),
            before_statement=st.integers(1, 3),
        ),
        st.builds(lambda hour: HostOff(start=_hour(hour), end=_hour(hour + 3)), hours),
    )
    return st.lists(one, max_size=3).map(tuple)


def actions() -> st.SearchStrategy[tuple[Intervention, ...]]:
    """Up to two actions of an operator on the first night."""
    instant = st.integers(at("02:00"), at("09:00"))
    dates = st.sampled_from(["2024-03-10", "2024-03-11"])
    one = st.one_of(
        st.builds(Rerun, at=instant, data_date=dates),
        st.builds(Clear, at=instant, pipeline=st.just("sales"), data_date=dates),
    )
    return st.lists(one, max_size=2).map(tuple)


def _hour(hour: int) -> str:
    return f"2024-03-12T{hour:02d}:00Z" if hour < 24 else f"2024-03-13T{hour - 24:02d}:00Z"
