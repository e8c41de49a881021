"""Each kind of objective, met and missed, with the evidence that a person can check."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from sim.faults.plan import AttemptCrash
from sim.kernel.calendar import parse_span
from sim.objectives.config import KINDS, Objective
from sim.objectives.evaluate import JUDGES, evaluate
from sim.objectives.finding import Finding
from sim.views.nights import nights_of
from sim.views.replay import Replay
from tests.unit.session.shop import (
    FIRST,
    TABLE,
    ZERO_SQL,
    airflow,
    at,
    outage,
    played,
    scenario,
    tasks,
)

EMPTY = outage("2024-03-12T02:30Z", "2024-03-12T03:30Z")
PARTIAL = outage("2024-03-12T02:30Z", "2024-03-12T03:30Z", "partial", rows=40)
DAY = "2024-03-11"


def asked(kind: str, replay: Replay, **expectation: Any) -> Finding:
    """One objective, judged on one replay."""
    objective = msgspec.convert({"id": "O", kind: expectation}, Objective)
    return evaluate(objective, replay, nights_of(replay))


def night(*outages: dict[str, Any], nights: int = 2, **settings: Any) -> Replay:
    """A replay of the shop under some outages."""
    return played(shop=scenario(nights=nights, outages=list(outages)), **settings)


def paged(*outages: dict[str, Any], delay: str = "0m", **check: Any) -> Replay:
    """A replay whose copy checks its rows, pages on failure, and has one more try."""
    dag = airflow(
        tasks={
            "copy": {"retries": 1, "retry_delay": "30m", "on_retry_callback": "ring"},
            "publish": {"upstream": ["copy"]},
        }
    )
    wiring = tasks(checks=["volume"])
    shop = scenario(nights=2, outages=list(outages))
    alerts = {"ring": {"channel": "pager", "to": "on_call"}}
    return played(
        shop=shop,
        section=dag,
        wiring=wiring,
        checks={"volume": check or {"min": 50}},
        alerts=alerts,
    )


def codes(finding: Finding) -> list[tuple[str, date | None]]:
    """(code, night) of each piece of evidence."""
    return [(one.code, one.night) for one in finding.evidence]


def test_every_kind_has_a_judge() -> None:
    """What an author may write can be judged, and nothing else."""
    assert set(KINDS) == set(JUDGES)


@pytest.mark.parametrize("given", [{}, {"pages": {"max": 1}, "no_gap": {"table": TABLE}}])
def test_an_objective_of_no_or_two_kinds_has_none(given: dict[str, Any]) -> None:
    """The loader refuses such an objective by its empty kind."""
    assert msgspec.convert({"id": "O", **given}, Objective).kind == ""


# -- what readers are shown -----------------------------------------------------------------


def test_never_published_is_met_by_right_reads() -> None:
    """Both mornings were looked at."""
    finding = asked("never_published", night(), table=TABLE, figure="revenue", equals=0)

    assert (finding.met, codes(finding)) == (True, [("held", None)])
    assert finding.evidence[0].params == {"checked": 2}


def test_never_published_is_missed_by_a_read_of_the_figure() -> None:
    """The read, its night, its instant, its row, what was shown and what was true."""
    replay = night(EMPTY, wiring=tasks(sql=ZERO_SQL))
    finding = asked("never_published", replay, table=TABLE, figure="revenue", equals=0)
    (one,) = finding.evidence

    assert (finding.met, one.code, one.night, one.time) == (False, "read.wrong", FIRST, at("09:00"))
    assert one.row is not None
    assert list(replay.journal.rows())[one.row].time == one.time
    assert (one.params["person"], one.params["shown"]) == ("analyst", "0.00")
    assert float(one.params["truth"]) > 1_000


@pytest.mark.parametrize(
    ("share", "met"), [({"below_truth": 0.5}, False), ({"below_truth": 0.3}, True)]
)
def test_a_share_of_the_truth_is_a_bound(share: dict[str, float], *, met: bool) -> None:
    """Forty of a hundred rows are less than half and more than a third of the figure."""
    finding = asked("never_published", night(PARTIAL), table=TABLE, figure="orders", **share)
    revenue = asked("never_published", night(PARTIAL), table=TABLE, figure="revenue", **share)

    assert finding.met is True
    assert revenue.met is met


def test_too_much_is_wrong_as_well() -> None:
    """A day loaded twice is twice the truth."""
    crash = AttemptCrash(task="publish", data_date=DAY, before_statement=2)
    dag = {"copy": {}, "publish": {"upstream": ["copy"], "retries": 1, "retry_delay": "1m"}}
    replay = night(wiring=tasks(mode="append"), tasks=dag, faults=(crash,))
    above = asked("never_published", replay, table=TABLE, figure="revenue", above_truth=1.5)

    assert (above.met, codes(above)) == (False, [("read.wrong", FIRST)])
    assert asked("never_published", replay, table=TABLE, figure="revenue", above_truth=2.1).met


def test_a_day_marked_stale_or_missing_is_not_a_wrong_figure() -> None:
    """Holding a night back shows nobody anything wrong; but it is not the truth either."""
    held = {"min": 50, "mark_stale": TABLE}
    replay = night(
        outage("2024-03-12T02:30Z", "2024-03-13T02:00Z"),
        wiring=tasks(checks=["volume"]),
        checks={"volume": held},
    )
    missing = night(outage("2024-03-12T02:30Z", "2024-03-13T02:00Z", "refuse"))
    wanted = {"table": TABLE, "figure": "revenue", "below_truth": 1.0}

    assert asked("never_published", replay, **wanted).met is True
    assert asked("never_published", missing, **wanted).met is True
    assert codes(asked("read_equals_truth", replay, person="analyst")) == [("read.stale", FIRST)]
    assert codes(asked("read_equals_truth", missing, person="analyst")) == [("read.missing", FIRST)]


def test_what_one_person_reads_is_the_truth_or_not() -> None:
    """Every read of hers; a wrong one is named."""
    wrong = asked("read_equals_truth", night(PARTIAL), person="analyst")

    assert asked("read_equals_truth", night(), person="analyst").met is True
    assert (wrong.met, codes(wrong)) == (False, [("read.wrong", FIRST)])


# -- what stands in a table -----------------------------------------------------------------


def test_a_table_equals_the_truth_at_the_end() -> None:
    """A partial day differs, a missing day differs, with both figures."""
    partial = asked("equals_truth", night(PARTIAL), table=TABLE)
    refused = outage("2024-03-12T02:30Z", "2024-03-12T03:30Z", "refuse")
    missing = asked("equals_truth", night(refused), table=TABLE)

    assert asked("equals_truth", night(), table=TABLE).met is True
    assert codes(partial) == codes(missing) == [("table.differs", FIRST)]
    assert partial.evidence[0].params["sums"]["orders"] == "40"
    assert (missing.evidence[0].params["rows"], missing.evidence[0].params["sums"]) == (0, {})


def test_a_gap_is_a_day_that_holds_nothing() -> None:
    """A wrong day is no gap, a missing one is."""
    refused = outage("2024-03-12T02:30Z", "2024-03-12T03:30Z", "refuse")
    gap = asked("no_gap", night(refused), table=TABLE)

    assert asked("no_gap", night(PARTIAL), table=TABLE).met is True
    assert (gap.met, codes(gap)) == (False, [("table.gap", FIRST)])
    assert gap.evidence[0].params == {"table": TABLE, "partition": DAY}


def test_a_rerun_leaves_the_truth_only_when_the_write_repeats_well() -> None:
    """Replacing the partition does; appending doubles the day."""
    good = night(reruns=True)
    doubled = night(reruns=True, wiring=tasks(mode="append"))
    missed = asked("rerun_equals_truth", doubled, table=TABLE)

    assert asked("rerun_equals_truth", good, table=TABLE).met is True
    assert len(nights_of(good).reruns) == 2
    assert {one.code for one in missed.evidence} == {"rerun.differs"}
    assert missed.evidence[0].params["rows"] == 2 * missed.evidence[0].params["rows_true"]


def test_a_rerun_must_not_touch_other_days() -> None:
    """Overwriting the table removes every other day, and the finding names them."""
    replay = night(nights=5, reruns=True, wiring=tasks(mode="overwrite_table"))
    finding = asked("rerun_equals_truth", replay, table=TABLE)

    assert finding.met is False
    assert "rerun.removed" in {one.code for one in finding.evidence}


def test_a_rerun_into_another_day_is_named() -> None:
    """A load that always writes the same date changes a day that nobody ran again."""
    wiring = tasks()
    wiring["publish"]["sql"] = (
        "SELECT DATE '2024-02-01' AS fecha, region, sum(amount) AS revenue, "
        "count(*) + {{ try_number }} AS orders "
        "FROM input GROUP BY region"
    )
    replay = night(reruns=True, wiring=wiring)
    finding = asked("rerun_equals_truth", replay, table=TABLE)

    assert {"rerun.differs", "rerun.touched"} == {one.code for one in finding.evidence}


# -- time and pages -------------------------------------------------------------------------


def test_done_by_counts_late_nights_and_forgives_some() -> None:
    """Published at 03:12: in time for 03:12, late by two minutes for 03:10."""
    replay = night()
    late = asked("done_by", replay, table=TABLE, at="03:10")

    assert asked("done_by", replay, table=TABLE, at="03:12").met is True
    assert (late.met, [one.code for one in late.evidence]) == (False, ["late.published"] * 2)
    assert late.evidence[0].params["late_us"] == parse_span("2m")
    assert asked("done_by", replay, table=TABLE, at="03:10", misses_max=1).met is False
    assert asked("done_by", replay, table=TABLE, at="03:10", misses_max=2).met is True


def test_a_night_that_was_never_published_is_late() -> None:
    """Even when the epilogue publishes it: that is after the window."""
    refused = outage("2024-03-12T02:30Z", "2024-03-12T03:30Z", "refuse")
    finding = asked("done_by", night(refused, reruns=True), table=TABLE, at="07:00")

    assert codes(finding) == [("late.never", FIRST)]


def test_a_bad_extract_wants_a_page_in_time() -> None:
    """Paged ten seconds after the copy's end; nobody at all; too late for half a second."""
    held = asked("paged_within", paged(EMPTY), minutes=15, of="bad_extract")
    nobody = asked("paged_within", night(EMPTY), minutes=15, of="bad_extract")

    assert (held.met, held.evidence[0].params) == (True, {"checked": 1})
    assert codes(nobody) == [("page.none", FIRST)]
    assert nobody.evidence[0].params["rows"] == 0
    assert nobody.evidence[0].time == at("03:10")


def test_a_page_that_comes_late_is_told_by_how_much() -> None:
    """The page is sent with the last try, half an hour after the first bad one."""
    dag = airflow(
        tasks={
            "copy": {"retries": 1, "retry_delay": "10m", "on_failure_callback": "ring"},
            "publish": {"upstream": ["copy"]},
        }
    )
    replay = night(
        outage("2024-03-12T02:30Z", "2024-03-12T05:00Z"),
        section=dag,
        wiring=tasks(checks=["volume"]),
        checks={"volume": {"min": 50}},
        alerts={"ring": {"channel": "pager", "to": "on_call"}},
    )
    finding = asked("paged_within", replay, minutes=15, of="bad_extract")
    (one,) = finding.evidence

    assert (finding.met, one.code) == (False, "page.late")
    assert parse_span("20m") < one.params["late_us"] < parse_span("21m")
    assert asked("paged_within", replay, minutes=21, of="bad_extract").met is True


def test_a_refused_try_carried_on_with_nothing() -> None:
    """It failed by itself: nobody need be told of bad data."""
    refused = outage("2024-03-12T02:30Z", "2024-03-12T03:30Z", "refuse")

    assert asked("paged_within", night(refused), minutes=15, of="bad_extract").met is True


def test_a_try_that_failed_wants_a_page_of_that_night() -> None:
    """Nobody, a page at once, and one that comes with the last try ten minutes later."""
    refused = outage("2024-03-12T02:30Z", "2024-03-12T04:00Z", "refuse")
    late = airflow(
        tasks={
            "copy": {"retries": 1, "retry_delay": "10m", "on_failure_callback": "ring"},
            "publish": {"upstream": ["copy"]},
        }
    )
    rings = {"ring": {"channel": "pager", "to": "on_call"}}
    nobody = asked("paged_within", night(refused), minutes=15, of="failed_try")
    slow = asked(
        "paged_within", night(refused, section=late, alerts=rings), minutes=5, of="failed_try"
    )

    assert [("page.nobody", FIRST)] == codes(nobody)
    assert [("page.slow", FIRST)] == codes(slow)
    assert asked(
        "paged_within", night(refused, section=late, alerts=rings), minutes=11, of="failed_try"
    ).met
    assert asked("paged_within", night(), minutes=5, of="failed_try").met


def test_a_page_without_an_incident_is_false() -> None:
    """A check that is too tight pages on a night on which nothing was wrong."""
    tight = paged(min=10_000)
    finding = asked("false_pages", tight, max=0)

    assert asked("false_pages", paged(EMPTY), max=0).met is True
    assert finding.met is False
    assert {one.code for one in finding.evidence} == {"page.false"}
    assert finding.evidence[0].params == {"alert": "ring", "person": "on_call", "data_date": DAY}
    assert asked("false_pages", tight, max=2).met is True


def test_pages_in_all_are_counted_true_or_false() -> None:
    """One page on the night of the outage: none is too few to ask for."""
    replay = paged(EMPTY)

    assert asked("pages", replay, max=1).met is True
    assert [one.code for one in asked("pages", replay, max=0).evidence] == ["page.many"]
