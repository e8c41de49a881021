"""People, logs, markers and diffs: each a projection of the journal, each with its row."""

from __future__ import annotations

from collections import Counter

from sim.kernel.calendar import format_instant
from sim.views.alerts import Awareness, people
from sim.views.diff import Moved, diff
from sim.views.logs import task_log
from sim.views.markers import markers
from sim.views.nights import nights_of
from sim.views.replay import Replay
from tests.unit.session.shop import TABLE, ZERO_SQL, airflow, at, outage, played, scenario, tasks

EMPTY = outage("2024-03-12T02:30Z", "2024-03-12T03:30Z")
RING = {"ring": {"channel": "pager", "to": "on_call"}}


def zero() -> Replay:
    """The night of the zero: an empty answer published, read, noticed, told."""
    return played(shop=scenario(outages=[EMPTY]), wiring=tasks(sql=ZERO_SQL))


def gated() -> Replay:
    """The same night with a check inside the copy, retries and a page."""
    dag = airflow(
        tasks={
            "copy": {"retries": 2, "retry_delay": "15m", "on_retry_callback": "ring"},
            "publish": {"upstream": ["copy"]},
        }
    )
    return played(
        shop=scenario(outages=[EMPTY]),
        section=dag,
        wiring=tasks(checks=["volume"]),
        checks={"volume": {"min": 50}},
        alerts=RING,
    )


def codes(replay: Replay) -> list[tuple[str, str]]:
    """(time of day, code) of the first night's markers."""
    return [
        (format_instant(note.at)[11:16], note.code)
        for note in markers(replay, start=at("00:00"), end=at("23:00"))
    ]


def test_the_markers_of_the_night_of_the_zero() -> None:
    """What is worth stopping for, in order: nothing else."""
    assert codes(zero()) == [
        ("02:30", "outage.opens"),
        ("03:12", "published.wrong"),
        ("03:30", "outage.closes"),
        ("09:00", "read.wrong"),
        ("09:00", "person.noticed"),
        ("09:10", "person.escalated"),
    ]


def test_the_markers_of_a_night_that_was_held() -> None:
    """Checks that fail, one page, one message that joined it, and no wrong figure."""
    assert codes(gated()) == [
        ("02:30", "outage.opens"),
        ("03:10", "check.failed"),
        ("03:10", "alert.sent"),
        ("03:25", "alert.acknowledged"),
        ("03:30", "outage.closes"),
        ("03:35", "check.failed"),
        ("03:35", "alert.grouped"),
    ]


def test_incidents_are_as_the_paging_service_keeps_them() -> None:
    """One incident, its messages counted, its acknowledgement known."""
    known = people(gated().journal, start=at("00:00"), end=at("23:00"))
    (incident,) = known.incidents

    assert (incident.alert, incident.channel, incident.person) == ("ring", "pager", "on_call")
    assert incident.acknowledged_at == incident.opened_at + 900_000_000
    assert incident.messages == 2
    assert known.awareness == (Awareness("on_call", incident.acknowledged_at, "alert"),)


def test_who_knew_first_and_how() -> None:
    """Without a page it is the reader, and then whom she told."""
    known = people(zero().journal, start=at("00:00"), end=at("23:00"))

    assert known.incidents == ()
    assert [(one.person, one.how) for one in known.awareness] == [
        ("analyst", "noticed"),
        ("boss", "told"),
    ]
    assert [one.code for one in known.told] == [
        "person.reads",
        "person.noticed",
        "person.escalated",
    ]


def test_a_log_tells_what_the_job_could_know() -> None:
    """Line by line with try and level; a short read is no warning, for the job cannot tell."""
    lines = task_log(gated().journal, "sales", "copy", start=at("00:00"), end=at("03:11"))
    told = [(line.try_number, line.level, line.note.code) for line in lines]

    assert told == [
        (1, "info", "log.state"),
        (1, "info", "log.state"),
        (1, "info", "log.state"),
        (1, "info", "log.source"),
        (1, "info", "log.file_opened"),
        (1, "info", "log.file_closed"),
        (1, "error", "log.check_failed"),
        (1, "warning", "log.state"),
        (1, "warning", "log.alert"),
    ]
    assert lines[3].note.params["rows"] == 0


def test_a_log_is_of_one_task() -> None:
    """What the loader did is in its own log: what it read, executed and published."""
    lines = task_log(zero().journal, "sales", "publish", start=at("00:00"), end=at("23:00"))

    assert [line.note.code for line in lines if line.note.code != "log.state"] == [
        "log.file_read",
        "log.statement",
        "log.published",
    ]
    assert task_log(zero().journal, "nobody", "publish", start=at("00:00"), end=at("23:00")) == ()


def test_every_note_leads_to_its_row() -> None:
    """Markers, notes about people and log lines name the row that they tell of."""
    replay = gated()
    rows = list(replay.journal.rows())
    span = {"start": at("00:00"), "end": at("23:00")}
    notes = [
        *markers(replay, **span),
        *people(replay.journal, **span).told,
        *(line.note for line in task_log(replay.journal, "sales", "copy", **span)),
    ]

    assert len(notes) > 20
    assert all(rows[note.row].time == note.at for note in notes)


def test_nothing_moved_between_two_equal_attempts() -> None:
    """The same night twice has no difference."""
    assert diff(zero(), zero(), start=at("00:00"), end=at("23:00")) == ()


def test_what_moved_between_two_attempts() -> None:
    """Tasks, what was published, what was read, and how often the pager rang."""
    moved = diff(zero(), gated(), start=at("00:00"), end=at("23:00"))

    assert Counter(one.what for one in moved) == {"task": 2, "published": 1, "read": 1, "pages": 1}
    assert [one for one in moved if one.what == "pages"] == [Moved("pages", "pager", "0", "1")]
    read = next(one for one in moved if one.what == "read")
    assert (read.before, read.name) == ("0.00", "analyst")
    assert next(one for one in moved if one.what == "published").name == f"{TABLE} 2024-03-11"


def test_a_task_that_is_only_in_one_attempt_has_one_side() -> None:
    """A task that was added has no before."""
    added = played(
        tasks={"copy": {}, "publish": {"upstream": ["copy"]}, "idle": {}},
        wiring={**tasks(), "idle": {"work": "publish", "sql": "SELECT 1 AS n"}},
    )
    (moved,) = diff(played(), added, start=at("00:00"), end=at("23:00"))

    assert (moved.what, moved.name, moved.before) == ("task", "sales.idle", None)


def test_a_journal_is_sorted_in_one_pass() -> None:
    """Reads, extracts, pages, publications and outages of the night, and the time worked."""
    nights = nights_of(gated())
    (page,) = nights.pages

    assert len(nights.reads) == 2
    assert [(one.rows, one.bad) for one in nights.extracts] == [
        (0, True), (0, True), (102, False), (103, False),
    ]  # fmt: skip
    assert (page.alert, page.person, page.data_date) == ("ring", "on_call", "2024-03-11")
    assert nights.outages == [("db", at("02:30"), at("03:30"))]
    assert nights.systems == {"db"}


def test_time_worked_is_that_of_the_tries() -> None:
    """Ten minutes of copy and two of publish, on each of two nights."""
    assert nights_of(played()).busy_us == 2 * 12 * 60_000_000
