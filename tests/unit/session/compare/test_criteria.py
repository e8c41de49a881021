"""The seven criteria: counted, read from the nights, or simulated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from sim.engine.orchestrators import pipelines
from sim.orchestrators.systemd.config import SystemdConfig
from sim.scenario.load import load_config_file, load_scenario
from sim.scenario.schema import Config
from sim.session.compare import traits
from sim.session.compare.criteria import COPIES, Criterion, criteria
from sim.session.compare.played import play
from sim.session.compare.sides import Side
from sim.session.compare.traits.systemd import copied as copied_units
from tests.unit.session import shop

CRONTAB = 'MAILTO=""\n0 3 * * *  copy.sh\n30 3 * * *  publish.sh\n'
TEXT = "# a comment\norchestrator: x\n\ntasks: {a: {work: b, checks: [c, d]}}\n"


def found(
    text: str = TEXT, outages: tuple[Mapping[str, Any], ...] = (), **settings: Any
) -> dict[str, Criterion]:
    """The criteria of one side of the shop, by name."""
    side = Side("a", "A", shop.config(**settings), "a.yaml", text)
    scenario = shop.scenario(outages=list(outages))
    return {one.name: one for one in criteria(scenario, play(scenario, [side])[0])}


def cron(**settings: Any) -> dict[str, Any]:
    """The shop under cron."""
    return {"orchestrator": "cron", "section": {"crontab": CRONTAB}, **settings}


def test_size_and_set_up_are_counted() -> None:
    """Lines without comments, leaves of the YAML, and things with a name."""
    told = found()

    assert {"lines": 2} == told["lines"].figures
    assert {"keys": 4} == told["keys"].figures
    assert 1 + 2 + 1 + 1 == told["setup"].figures["objects"]


def test_bad_data_that_nobody_sees() -> None:
    """A green night on no rows: neither records nor an alert ever show it."""
    outage = shop.outage("2024-03-12T02:00Z", "2024-03-12T06:00Z")
    told = found(outages=(outage,))["failure"]

    assert ("never_shown", 1) == (told.why_not, told.figures["failures"])


def test_a_failure_is_in_the_records_of_who_keeps_some() -> None:
    """Airflow's database has it at once; under cron nothing has."""
    outage = shop.outage("2024-03-12T02:00Z", "2024-03-12T06:00Z", mode="refuse")
    airflow, under_cron = found(outages=(outage,)), found(outages=(outage,), **cron())

    assert 0 == airflow["failure"].figures["median_us"]
    assert "never_shown" == under_cron["failure"].why_not


def test_nothing_failed() -> None:
    """Two good nights have no failure to find."""
    assert "nothing_failed" == found()["failure"].why_not


def test_a_backfill_is_simulated() -> None:
    """Both dates once more: one action, and both are right."""
    told = found()["backfill"].figures

    assert (1, 2, 2, True) == (told["actions"], told["right"], told["partitions"], told["over"])
    assert 12 <= told["minutes"] < 20


def test_a_backfill_of_a_load_that_appends() -> None:
    """Every date is there twice after it: none is right."""
    told = found(wiring=shop.tasks(mode="append"))["backfill"].figures

    assert (0, 2) == (told["right"], told["partitions"])


def test_a_hundred_pipelines_wait_for_slots() -> None:
    """One waits for next to nothing, a hundred for the executor's 32 processes."""
    told = found()["growth"].figures

    assert told["one"] < 0.05 < told["many"]
    assert (2 * COPIES, 2 * COPIES) == (told["ran"], told["asked"])


def test_a_hundred_crontab_lines_wait_for_nothing() -> None:
    """Cron starts whatever is due."""
    assert 0 == found(**cron())["growth"].figures["many"]


def test_edges_between_tables() -> None:
    """Assets are declared edges; dependencies between tasks are none."""
    section = shop.airflow()
    section["dags"]["sales"]["schedule"] = ["shop.orders"]
    section["dags"]["sales"]["tasks"]["publish"]["outlets"] = [shop.TABLE]
    declared = traits.declared(shop.config(section=section))

    assert {("shop.orders", shop.TABLE)} == declared
    assert {"found": 0, "edges": 1, "recall": 0.0} == found()["lineage"].figures
    assert frozenset() == traits.declared(shop.config(**cron()))


@pytest.mark.parametrize("settings", [{}, cron()])
def test_copies(settings: dict[str, Any]) -> None:
    """Each pipeline so many times."""
    config = shop.config(**settings)
    three = traits.copied(config, 3)

    assert three is not None
    assert 3 * len(pipelines(config)) == len(pipelines(three))


def test_copies_of_anacrons_jobs() -> None:
    """Each has a timestamp of its own; variables, comments and continued lines stay as they are."""
    text = "# a\nA=1\n1 5 copy copy.sh \\\n && publish.sh\n@monthly 9 m publish.sh"
    config = shop.config(**cron(section={"crontab": CRONTAB, "anacrontab": text}))
    three = traits.copied(config, 3)

    assert three is not None
    assert {"copy", "copy__2", "copy__3", "m", "m__2", "m__3"} < set(pipelines(three))
    assert 3 * len(pipelines(config)) == len(pipelines(three))


def dagster() -> Config:
    """The flagship's solution on Dagster: three assets, one job, one schedule."""
    flagship = load_scenario("incident-revenue-zero")
    path = flagship.solutions["dagster-assets"]
    return load_config_file(path, scenario=flagship)


def test_edges_of_assets_and_copies_of_jobs() -> None:
    """Dependencies of assets are edges; a copy is a job with its schedule."""
    config = dagster()
    three = traits.copied(config, 3)

    assert {("extract", "transform"), ("transform", "load")} == traits.declared(config)
    assert three is not None
    assert (3, 3) == (len(three.settings.jobs), len(three.settings.schedules))
    assert len({one.job for one in three.settings.schedules.values()}) == 3


@pytest.mark.parametrize("name", ["prefect-flow", "systemd-timer"])
def test_copies_of_flows_and_units(name: str) -> None:
    """What starts by itself is there three times, each with a name of its own, and loads."""
    flagship = load_scenario("incident-revenue-zero")
    config = load_config_file(flagship.solutions[name], scenario=flagship)
    three = traits.copied(config, 3)

    assert three is not None
    assert 3 * len(pipelines(config)) == len(pipelines(three))
    assert frozenset() == traits.declared(config)


def test_a_unit_is_copied_with_the_units_that_it_names() -> None:
    """Requires=, After= and Unit= follow; a template is shared, and so is a longer name."""
    units = {
        "load.timer": "[Timer]\nOnCalendar=daily\nUnit=load.service\n",
        "load.service": "[Unit]\nRequires=read.service\nOnFailure=page@%N.service re-read.service\n"
        "[Service]\nType=oneshot\nExecStart=load\n",
        "read.service": "[Service]\nType=oneshot\nExecStart=extract\n",
        "page@.service": "[Service]\nType=oneshot\nExecStart=notify page\n",
    }
    found = copied_units(SystemdConfig(units=units), 2).units

    assert set(units) | {"load__2.timer", "load__2.service", "read__2.service"} == set(found)
    assert "Unit=load__2.service" in found["load__2.timer"]
    assert (
        "Requires=read__2.service\nOnFailure=page@%N.service re-read.service"
        in (found["load__2.service"])
    )


def test_who_refuses_a_backfill_is_asked_date_by_date() -> None:
    """Dagster's job has no partitions: one action a date, and every date is right."""
    flagship = load_scenario("incident-revenue-zero")
    path = flagship.solutions["dagster-assets"]
    side = Side("d", "D", dagster(), "d.yaml", path.read_text(encoding="utf-8"))
    played = play(flagship, [side], window="2024-03-05..2024-03-06")[0]
    told = {one.name: one.figures for one in criteria(flagship, played)}

    assert (2, 2, 2) == tuple(told["backfill"][key] for key in ("actions", "right", "partitions"))
    assert (1, 2) == (told["lineage"]["found"], told["lineage"]["edges"])


def test_an_orchestrator_of_which_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cell says so."""
    monkeypatch.setattr("sim.session.compare.traits.find_spec", lambda _name: None)
    told = found()

    assert ("not_known", "not_known") == (told["growth"].why_not, told["lineage"].why_not)
