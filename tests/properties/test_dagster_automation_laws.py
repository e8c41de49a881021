"""Laws of declarative automation, over random conditions as people would write them."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from hypothesis import example, given
from hypothesis import strategies as st

from sim.model.interventions import Backfill, Intervention, Trigger
from sim.model.work import Outcome
from sim.orchestrators.dagster.automation.expression import parse_expression
from sim.orchestrators.dagster.automation_sensor import AutomationSensor
from sim.orchestrators.dagster.config import Asset
from tests.properties.automation_texts import KEYS, Drawn, condition_texts
from tests.unit.dagster.builder import CHECK_FAILS, FAILS, at, fly

ASSETS = {key: Asset() for key in KEYS}
RUNNING = {"default_status": "RUNNING"}
HOURLY = {"dimension": {"type": "hourly", "start_date": "2024-03-09-21:00"}}
UNTIL = at("02:30:00")


@given(condition_texts(most=12))
def test_a_text_says_what_it_was_made_of(drawn: Drawn) -> None:
    """Every expression of the grammar is read back as the condition that it stands for."""
    text, condition = drawn
    parsed = parse_expression(text, ASSETS)

    assert [] == [one for one in parsed.problems if not one.code.startswith("W-")]
    assert condition == parsed.condition


@st.composite
def deployments(draw: st.DrawFn) -> dict[str, Any]:
    """Three assets with conditions, perhaps partitioned, fresh or checked; one or two sensors."""
    texts = draw(st.lists(condition_texts(), min_size=1, max_size=3))
    partitioned = draw(st.sampled_from([(), ("a", "b", "c"), ("b",)]))
    assets: dict[str, Any] = {
        "a": {},
        "b": {"deps": ["a"], "checks": {"fine": {"blocking": draw(st.booleans())}}},
        "c": {"deps": draw(st.sampled_from([["b"], ["a", "b"], []]))},
    }
    for key, (text, _) in zip(KEYS, texts, strict=False):
        assets[key]["automation_condition"] = text
    for key in partitioned:
        assets[key]["partitions_def"] = "hours"
    if draw(st.booleans()):
        assets["a"]["freshness_policy"] = {"fail_window": "25m", "warn_window": "10m"}
    one = {"default_automation_condition_sensor": RUNNING}
    two = {
        "late": {**RUNNING, "target": "c"},
        "early": {**RUNNING, "target": "a or b", "minimum_interval_seconds": 60},
    }
    return {
        "assets": assets,
        "partitions_defs": {"hours": HOURLY},
        "automation_condition_sensors": draw(st.sampled_from([one, two])),
        "outcomes": draw(outcomes()),
        "spans": {"a": draw(st.sampled_from([25, 60, 600]))},
        "actions": draw(actions()),
    }


@st.composite
def outcomes(draw: st.DrawFn) -> dict[tuple[str, int], Outcome]:
    """What of the first tries does not go well."""
    some: list[tuple[tuple[str, int], Outcome]] = [
        (("a", 1), FAILS),
        (("b", 1), FAILS),
        (("b_fine", 1), CHECK_FAILS),
    ]
    return dict(draw(st.lists(st.sampled_from(some), unique_by=lambda one: one[0])))


@st.composite
def actions(draw: st.DrawFn) -> tuple[Intervention, ...]:
    """Somebody runs a job, or backfills it, at an odd second or on the sensor's own."""
    when = at(draw(st.sampled_from(["00:40:00", "00:40:30", "00:41:17"])))
    some: tuple[Intervention, ...] = (
        Trigger(at=when, pipeline="roots"),
        Trigger(at=when, pipeline="all"),
        Backfill(at=when, pipeline="all", first="2024-03-09", last="2024-03-10"),
    )
    return tuple(draw(st.lists(st.sampled_from(some), unique_by=id, max_size=2)))


def simulated(section: dict[str, Any]) -> bytes:
    """The journal of a few hours."""
    jobs = {"roots": {"selection": 'key:"a"'}, "all": {"selection": "*"}}
    return fly(jobs=jobs, schedules={}, until=UNTIL, **section).kernel.journal.to_bytes()


MISSING = {"automation_condition": "AutomationCondition.missing()"}
LATE = {
    "automation_condition": "~(~AutomationCondition.cron_tick_passed('*/20 * * * *').newly_true())"
    ".newly_true()"
}
FRESH = {
    "automation_condition": "AutomationCondition.all_deps_match(AutomationCondition."
    "freshness_failed()).newly_true().since_last_handled()"
}
TWO_AGO = {
    "automation_condition": """(
        ~(~AutomationCondition.newly_updated() & AutomationCondition.in_latest_time_window())
        .newly_true() | AutomationCondition.will_be_requested()
    ).newly_true()"""
}
TICK = {"automation_condition": 'AutomationCondition.cron_tick_passed("*/20 * * * *")'}
BUSY = {
    "automation_condition": "AutomationCondition.any_deps_match("
    "AutomationCondition.run_in_progress()).newly_true()"
}
ALONE = {"automation_condition_sensors": {"default_automation_condition_sensor": RUNNING}}


@given(deployments())
@example({**ALONE, "assets": {"a": MISSING}})
@example({**ALONE, "assets": {"a": LATE}})
@example({**ALONE, "assets": {"a": TWO_AGO}})
@example(
    {
        "assets": {"a": TICK, "b": {"deps": ["a"], **BUSY}},
        "automation_condition_sensors": {
            "first": {**RUNNING, "target": "b"},
            "second": {**RUNNING, "target": "a"},
        },
    }
)
@example(
    {
        **ALONE,
        "assets": {
            "a": {"freshness_policy": {"fail_window": "20m"}},
            "b": {"deps": ["a"], **FRESH},
        },
        "actions": (Trigger(at=at("00:40:00"), pipeline="roots"),),
    }
)
def test_ticks_that_are_skipped_would_have_found_nothing(section: dict[str, Any]) -> None:
    """Equal bytes, whether a sensor goes round each time or only when it can find something."""
    skipped = simulated(section)
    evaluate = AutomationSensor._evaluate

    def always(sensor: AutomationSensor) -> int:
        busy = evaluate(sensor)
        sensor.loop.wake(sensor._kernel.now + 1)
        return busy

    with patch.object(AutomationSensor, "_evaluate", always):
        stepped = simulated(section)

    assert stepped == skipped
