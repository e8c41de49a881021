"""Alerts and people: who was told what, when, how; who knew first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.views.note import Note

if TYPE_CHECKING:
    from sim.kernel.journal import Journal


_ABOUT_PEOPLE = (Fact.ALERT, Fact.ACKNOWLEDGED, Fact.NOTICED, Fact.ESCALATED, Fact.READ)


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident as the paging service keeps it."""

    number: int
    alert: str
    channel: str
    person: str
    data_date: str
    opened_at: int
    messages: int
    """Messages in all; those after the first joined it and woke nobody."""
    acknowledged_at: int | None


@dataclass(frozen=True, slots=True)
class Awareness:
    """The first time that a person knew something was wrong."""

    person: str
    at: int
    how: str
    """`alert` (acknowledged), `noticed` (on a dashboard) or `told` (by somebody else)."""


@dataclass(frozen=True, slots=True)
class People:
    """What people knew within a span."""

    incidents: tuple[Incident, ...]
    awareness: tuple[Awareness, ...]
    """In order of time; the first is the instant at which the incident was known."""
    told: tuple[Note, ...]
    """Everything about people, in order."""


def people(journal: Journal, *, start: int, end: int) -> People:
    """Alerts, acknowledgements, reads noticed and escalations within [start, end)."""
    incidents: dict[int, Incident] = {}
    known: dict[str, Awareness] = {}
    told = []
    for row in journal.rows(*_ABOUT_PEOPLE, since=start, until=end):
        name, detail = journal.name(row.entity), row.detail
        if row.fact is Fact.ALERT:
            before = incidents.get(row.value)
            incidents[row.value] = Incident(
                number=row.value,
                alert=detail["alert"],
                channel=detail["channel"],
                person=name,
                data_date=detail["data_date"],
                opened_at=row.time if before is None else before.opened_at,
                messages=1 if before is None else before.messages + 1,
                acknowledged_at=None if before is None else before.acknowledged_at,
            )
            params = {"alert": detail["alert"], "person": name, "channel": detail["channel"]}
            code = "alert.sent" if detail["status"] == "sent" else "alert.grouped"
            told.append(
                Note(row.time, code, row.index, {**params, "data_date": detail["data_date"]})
            )
        elif row.fact is Fact.ACKNOWLEDGED:
            incidents = {
                number: _acknowledged(one, row.time) if number == row.value else one
                for number, one in incidents.items()
            }
            known.setdefault(name, Awareness(name, row.time, "alert"))
            params = {"person": name, "after_us": detail["after"]}
            told.append(Note(row.time, "alert.acknowledged", row.index, params))
        elif row.fact is Fact.NOTICED:
            known.setdefault(name, Awareness(name, row.time, "noticed"))
            params = {"person": name, "shown": detail["shown"], "expected": detail["expected"]}
            told.append(Note(row.time, "person.noticed", row.index, params))
        elif row.fact is Fact.ESCALATED:
            known.setdefault(name, Awareness(name, row.time, "told"))
            told.append(
                Note(row.time, "person.escalated", row.index, {"person": name, "by": detail["by"]})
            )
        else:
            keys = ("figure", "partition", "shown", "stale")
            params = {"person": name, **{key: detail[key] for key in keys}}
            told.append(Note(row.time, "person.reads", row.index, params))
    awareness = sorted(known.values(), key=lambda one: one.at)
    return People(tuple(incidents.values()), tuple(awareness), tuple(told))


def _acknowledged(incident: Incident, at: int) -> Incident:
    return Incident(
        number=incident.number,
        alert=incident.alert,
        channel=incident.channel,
        person=incident.person,
        data_date=incident.data_date,
        opened_at=incident.opened_at,
        messages=incident.messages,
        acknowledged_at=at,
    )
