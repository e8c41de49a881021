"""docs/faults.md: each line of its tables is replayed and must say what the journal says.

To write the last two columns anew: `python -m tests.unit.faults.test_faults_page`.
"""

from __future__ import annotations

import re
from typing import Any, get_args

import msgspec
import pytest

from sim.engine.replay import replay
from sim.faults.plan import Fault
from sim.kernel.calendar import format_instant
from sim.kernel.journal import Journal
from sim.model.facts import Fact
from sim.model.interventions import Backfill
from sim.model.states import TaskState
from tests.hygiene.tree import ROOT
from tests.unit.session.shop import airflow, at, config, played, scenario, tasks

PAGE = ROOT / "docs/faults.md"
LINE = re.compile(r"^\| `(\{type: .*?\})` \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$", re.MULTILINE)
DAY = "2024-03-11"
BACKFILL = Backfill(at=at("03:00"), pipeline="sales", first=DAY, last=DAY)
CRONTAB = {"crontab": "0 3 * * * flock -n /run/copy copy\n30 3 * * * publish\n"}
CHAIN = {
    "copy": {"retries": 1, "retry_delay": 10},
    "publish": {"upstream": ["copy"], "retries": 1, "retry_delay": 10},
}
SCHEDULES: dict[str, Any] = {
    "2": "0 3 * * *",
    "3": {"timetable": "CronDataIntervalTimetable", "cron": "0 3 * * *"},
}


def lines() -> list[tuple[str, str, str, str, str]]:
    """Fault, system, meaning, story, rows of each line of the page."""
    return LINE.findall(PAGE.read_text(encoding="utf-8"))


def night(fault: str, system: str) -> Journal:
    """The shop's night under a fault, run by the system that a line names."""
    given = msgspec.json.decode(_json(fault), type=Fault)  # type: ignore[arg-type]
    name, _, rest = system.partition(" ")
    wiring = tasks(mode="append")
    shop = scenario(nights=1)
    if name == "cron":
        done = played(
            faults=(given,), shop=shop, orchestrator="cron", section=CRONTAB, wiring=wiring
        )
        return done.journal
    version, _, executor = rest.partition(", ")
    section = {
        **airflow(tasks=CHAIN, schedule=SCHEDULES[version[0]]),
        "version": int(version[0]),
        **({"cfg": {"core": {"executor": executor}}} if executor.endswith("Executor") else {}),
    }
    if executor == "backfill":
        section["dags"]["sales"]["is_paused_upon_creation"] = True
        found = config(section=section, wiring=wiring)
        told = msgspec.structs.replace(found, runbook=(BACKFILL,))
        return replay(shop, told, faults=(given,)).journal
    return played(faults=(given,), shop=shop, section=section, wiring=wiring).journal


def _json(flow: str) -> str:
    """A flow mapping of plain scalars as JSON."""
    pairs = [pair.split(": ") for pair in flow.strip("{}").split(", ")]
    return "{" + ", ".join(f'"{key}": {_scalar(value)}' for key, value in pairs) + "}"


def _scalar(text: str) -> str:
    return text if text.isdecimal() or text in {"true", "false"} else f'"{text}"'


def story(journal: Journal) -> str:
    """What became of each try, `copy 03:00:00 running, …; publish …`."""
    told: dict[str, list[str]] = {}
    for row in journal.rows(Fact.TASK_STATE, Fact.PROCESS):
        clock = format_instant(row.time)[11:19]
        if row.fact is Fact.PROCESS:
            word = f"process {row.detail['end']}"
        elif row.value % 256 in {TaskState.SCHEDULED, TaskState.QUEUED}:
            continue
        else:
            word = TaskState(row.value % 256).word
        told.setdefault(journal.name(row.entity), []).append(f"{clock} {word}")
    return "; ".join(f"{task} {', '.join(states)}" for task, states in told.items())


def rows(journal: Journal) -> str:
    """The day's orders as readers see them in the end, as a multiple of the true ones."""
    last = [
        row.detail["partitions"][DAY]["sums"]["orders"]
        for row in journal.rows(Fact.PUBLISHED)
        if DAY in row.detail["partitions"]
    ]
    true = next(iter(journal.rows(Fact.SOURCE_READ))).detail["rows_true"]
    return f"{int(last[-1]) / true:.2g}" if last else "0"


@pytest.mark.parametrize("line", lines(), ids=lambda line: f"{line[0]} {line[1]}")
def test_a_line_says_what_happens(line: tuple[str, str, str, str, str]) -> None:
    """States with their instants, and how much of the day there is."""
    fault, system, _, told, left = line
    journal = night(fault, system)

    assert (told, left) == (story(journal), rows(journal))


def test_every_fault_is_shown() -> None:
    """Each kind has at least one line."""
    shown = {re.match(r"\{type: (\w+)", line[0])[1] for line in lines()}  # type: ignore[index]
    kinds = {one.__struct_config__.tag for one in get_args(Fault)}

    assert shown == kinds


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    for fault, system, meaning, told, left in lines():
        journal = night(fault, system)
        old = f"| `{fault}` | {system} | {meaning} | {told} | {left} |"
        page = page.replace(
            old, f"| `{fault}` | {system} | {meaning} | {story(journal)} | {rows(journal)} |"
        )
    PAGE.write_text(page, encoding="utf-8")
