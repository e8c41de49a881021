"""Laws of anacron, over random anacrontabs, outages, faults and operators."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.kernel.calendar import DAY, HOUR, MINUTE, format_instant, parse_instant, to_civil
from sim.kernel.journal import Journal
from sim.model.facts import Fact
from sim.model.states import RunState
from tests.properties.nights import Night, anacron_nights, seeds
from tests.unit.cron.cron_host import Night as HostNight
from tests.unit.cron.cron_host import simulate

START = date(2024, 3, 1)
MIDNIGHT = parse_instant("2024-03-01T00:00Z")
DAYS = 40
OPENS, CLOSES = 3, 22


def day_of(instant: int) -> date:
    """The calendar day in UTC."""
    return to_civil(instant).date()


def anacron_starts(journal: Journal) -> dict[str, list[tuple[int, int, bool]]]:
    """By job: start and end of each run that anacron started, and whether it came to its end."""
    begun: dict[int, int] = {}
    found: dict[str, list[tuple[int, int, bool]]] = defaultdict(list)
    for row in journal.rows(Fact.RUN_STATE):
        if row.value == RunState.RUNNING:
            if "last_run" in row.detail:
                begun[row.entity] = row.time
        elif row.entity in begun:
            name = journal.name(journal.who(row.entity).parent)
            whole = row.detail.get("reason") != "host_off"
            found[name].append((begun[row.entity], row.time, whole))
    return found


@st.composite
def outages(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Up to six times at which the host is off, minutes since the start, apart from each other."""
    edges = draw(st.lists(st.integers(0, DAYS * 24 * 60 - 1), max_size=12, unique=True))
    edges = sorted(edges)[: len(edges) // 2 * 2]
    return list(zip(edges[::2], edges[1::2], strict=True))


def played(spans: list[tuple[int, int]], period: int, start: str, seed: int) -> HostNight:
    """Forty days of one job of half an hour."""
    return simulate(
        "",
        anacrontab=(
            f"RANDOM_DELAY=30\nSTART_HOURS_RANGE={OPENS}-{CLOSES}\n{period} 5 daily extract\n"
        ),
        anacron_start="debian" if start == "debian" else "hourly",
        minutes={"extract": 30},
        start=f"{START}T00:00Z",
        end=f"{START + timedelta(days=DAYS)}T00:00Z",
        outages=[
            (format_instant(MIDNIGHT + off * MINUTE), format_instant(MIDNIGHT + on * MINUTE))
            for off, on in spans
        ],
        seed=seed,
    )


@settings(max_examples=60)
@given(
    spans=outages(),
    period=st.integers(1, 9),
    start=st.sampled_from(["hourly", "debian"]),
    seed=seeds,
)
def test_dates_between_runs(
    spans: list[tuple[int, int]], period: int, start: str, seed: int
) -> None:
    """A job that came to its end starts again no fewer days later than its period is long."""
    runs = anacron_starts(played(spans, period, start, seed).journal)["daily"]

    for (before, _, whole), (after, _, _) in pairwise(runs):
        assert before < after
        # a start just before midnight may run its job just after
        slack = 1 if start == "debian" else 0
        assert not whole or (day_of(after) - day_of(before)).days >= period - slack


@settings(max_examples=60)
@given(spans=outages(), period=st.integers(1, 9), seed=seeds)
def test_what_was_missed_is_made_up_for_once(
    spans: list[tuple[int, int]], period: int, seed: int
) -> None:
    """On a day on which a job is due and the host is on for three of its hours, it runs: once."""
    runs = anacron_starts(played(spans, period, "hourly", seed).journal)["daily"]
    off = [(MIDNIGHT + start * MINUTE, MIDNIGHT + end * MINUTE) for start, end in spans]
    done = Counter(day_of(begun) for begun, _, whole in runs if whole)
    last = START - timedelta(days=1)
    for number in range(DAYS):
        day, opens = START + timedelta(days=number), MIDNIGHT + number * DAY + OPENS * HOUR
        stays_on = any(
            all(ended <= since or begun >= since + 3 * HOUR for begun, ended in off)
            for since in range(opens, opens + (CLOSES - OPENS - 3) * HOUR, HOUR)
        )
        is_due = (day - last).days >= period
        assert done[day] == 1 or not (is_due and stays_on)
        assert done[day] <= int(is_due)
        last = day if done[day] else last


@settings(max_examples=60)
@given(night=anacron_nights())
def test_a_job_of_anacron_never_runs_beside_itself(night: Night) -> None:
    """Whatever starts anacron, however often: its timestamp is locked until the job has ended."""
    runs = anacron_starts(night.journal())
    for name, spans in runs.items():
        for (_, ended, _), (begun, _, _) in pairwise(spans):
            assert ended <= begun, name
