"""Alerts and the people who get them: incidents, acknowledgements, runbooks.

As in a paging service: a message whose key belongs to an open incident joins it and wakes nobody; a
message with a new key opens an incident. An incident closes when its data date is published in a
table that its task works for, since that is when the person on call closes it; for a task that
reaches no table, one of its pipeline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import parse_span
from sim.model.facts import Entity, Fact
from sim.model.interventions import Rerun
from sim.world.templates import TemplateProblem, render

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.kernel.loop import Kernel
    from sim.model.interventions import Intervention
    from sim.model.work import Attempt
    from sim.platform.config import Alert, Runbook
    from sim.platform.site import Site


@dataclass(slots=True)
class _Incident:
    number: int
    name: str
    """Its key and how many of that key there were: what draws for it belong to. The number would
    move with the incidents of other pipelines."""
    data_date: str
    pipeline: str
    task: str
    acknowledged: bool = False


class Alerts:
    """Routes the alerts of one simulation. Implements `sim.model.work.Announcer`."""

    def __init__(self, kernel: Kernel, site: Site, alerts: Mapping[str, Alert]) -> None:
        self._kernel = kernel
        self._site = site
        self._alerts = alerts
        self._open: dict[str, _Incident] = {}
        self._count = 0
        self._of_key: dict[str, int] = {}
        self._false_pages: list[int] = []
        self.operate: Callable[[Intervention], None] = lambda _action: None
        """How a person acts on the orchestrator; set once it is built."""
        site.on_publish.append(self._close)

    def send(self, alert: str, attempt: Attempt, *, cause: int) -> None:
        """Send the alert about this attempt, because of the journal row `cause`."""
        config = self._alerts[alert]
        macros = {**attempt.macros(), "pipeline": attempt.pipeline, "task": attempt.task}
        data_date = self._site.data_date(attempt, macros)
        macros["fecha"] = data_date
        key = self._key(config, macros, f"{alert} {attempt.pipeline} {attempt.task} {data_date}")
        incident = self._open.get(key)
        status = "grouped"
        if incident is None:
            incident = self._open[key] = self._opened(key, data_date, attempt)
            status = "sent"
        row = self._kernel.fact(
            Fact.ALERT,
            self._person(config.to),
            incident.number,
            cause,
            alert=alert,
            channel=config.channel,
            key=key,
            status=status,
            task_instance=attempt.task_instance,
            data_date=data_date,
        )
        if status == "sent":
            self._deliver(config, incident, row)

    def _key(self, alert: Alert, macros: Mapping[str, Any], instead: str) -> str:
        try:
            return render(alert.dedup_key, macros)
        except TemplateProblem:
            # a key that cannot be made is no key: every message is then its own incident
            times = self._of_key[instead] = self._of_key.get(instead, 0) + 1
            return f"{instead} {times}"

    def _opened(self, key: str, data_date: str, attempt: Attempt) -> _Incident:
        self._count += 1
        times = self._of_key[key] = self._of_key.get(key, 0) + 1
        name = f"{key} #{times}"
        return _Incident(self._count, name, data_date, attempt.pipeline, attempt.task)

    def _deliver(self, alert: Alert, incident: _Incident, row: int) -> None:
        now = self._kernel.now
        person = self._site.people[alert.to]
        if alert.channel == "pager" and not self._site.in_trouble(incident.data_date, now):
            self._false_pages.append(now)
        after_us = person.acknowledges_after(
            alert.channel,
            now,
            false_pages=self._false_pages,
            streams=self._site.streams,
            key=incident.name,
        )
        if after_us is not None:
            self._kernel.after(after_us, self._acknowledge, alert, incident, row, after_us)

    def _acknowledge(self, alert: Alert, incident: _Incident, row: int, after_us: int) -> None:
        incident.acknowledged = True
        acknowledged = self._kernel.fact(
            Fact.ACKNOWLEDGED,
            self._person(alert.to),
            incident.number,
            row,
            channel=alert.channel,
            after=after_us,
        )
        if alert.runbook is not None:
            self._kernel.after(
                parse_span(alert.runbook.after),
                self._look,
                alert,
                alert.runbook,
                incident,
                acknowledged,
            )

    def _look(self, alert: Alert, runbook: Runbook, incident: _Incident, cause: int) -> None:
        """The person looks at the source and, when it is well, processes the date again."""
        if incident not in self._open.values():
            return  # published in the meantime: nothing left to do
        if runbook.when == "source_ready" and not self._site.sources_well(self._kernel.now):
            self._kernel.after(
                parse_span(runbook.look_every), self._look, alert, runbook, incident, cause
            )
            return
        self.operate(Rerun(at=self._kernel.now, data_date=incident.data_date, by=alert.to))

    def recovered(self, pipeline: str) -> None:
        """Incidents of this name are over: what they were about works again."""
        self._open = {
            key: incident for key, incident in self._open.items() if incident.pipeline != pipeline
        }

    def _close(self, table: str, attempt: Attempt, data_dates: frozenset[str]) -> None:
        self._open = {
            key: incident
            for key, incident in self._open.items()
            if incident.data_date not in data_dates or not self._ends(incident, table, attempt)
        }

    def _ends(self, incident: _Incident, table: str, attempt: Attempt) -> bool:
        """Whether what was published is what the incident kept from being published."""
        if incident.task in self._site.comes_from(table):
            return True
        return incident.pipeline == attempt.pipeline and not self._site.leads_somewhere(
            incident.task
        )

    def _person(self, name: str) -> int:
        return self._kernel.journal.entity(Entity.PERSON, name)
