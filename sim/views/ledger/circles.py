"""Circles of waits: task instances that wait for each other, so that none will ever go on.

An edge leads from a task instance to one that holds what it waits for. For a pool that is several,
and the wait ends when any of them does: so a circle is a deadlock only if every one of the holders
is in it; otherwise it is starvation, which others can end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.model.states import FINISHED
from sim.views.ledger.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.views.ledger.contract import Ledger
    from sim.views.ledger.story import TaskStory

_HELD = frozenset(
    {
        Reason.POOL,
        Reason.PARALLELISM,
        Reason.EXECUTOR_SLOT,
        Reason.MAX_ACTIVE_TASKS,
        Reason.MAX_ACTIVE_TIS_PER_DAG,
        Reason.MAX_ACTIVE_TIS_PER_DAGRUN,
        Reason.STEP_LIMIT,
        Reason.TAG_LIMIT,
        Reason.THREAD,
    }
)


@dataclass(frozen=True, slots=True)
class Edge:
    """One task instance waits for another one."""

    waiting: int
    reason: Reason
    blocker: str
    """What is between them: a pool, a run, a DAG."""
    holder: int


@dataclass(frozen=True, slots=True)
class Circle:
    """Edges, each from where the one before leads to; the last leads to the first."""

    edges: tuple[Edge, ...]
    closed: bool
    """Whether nobody outside can end it."""


def circles(ledger: Ledger) -> tuple[Circle, ...]:
    """The circles at the end of a ledger, one for each set of task instances that wait in one."""
    import networkx as nx  # noqa: PLC0415 - a fifth of a second, only when somebody asks

    edges = list(_edges(ledger))
    graph: Any = nx.DiGraph()
    graph.add_nodes_from(sorted({edge.waiting for edge in edges}))
    for edge in edges:
        graph.add_edge(edge.waiting, edge.holder, edge=edge)
    found = []
    for members in sorted(nx.strongly_connected_components(graph), key=min):
        part = graph.subgraph(sorted(members))
        if part.number_of_edges():
            cycle = nx.find_cycle(part, source=min(members))
            closed = all(set(graph.successors(one)) <= members for one in members)
            around = tuple(graph.edges[start, end]["edge"] for start, end in cycle)
            found.append(Circle(around, closed))
    return tuple(found)


def _edges(ledger: Ledger) -> Iterator[Edge]:
    """Who waits for whom now."""
    for entity, story in ledger.story.tasks.items():
        waits = ledger.waits(entity)
        if not waits or waits[-1].end < ledger.now or story.state in FINISHED:
            continue
        last = waits[-1]
        for holder in _holders(ledger, story, last.reason, last.blocker, last.entity):
            if holder.entity != entity:
                yield Edge(entity, last.reason, last.blocker, holder.entity)


def _holders(
    ledger: Ledger, story: TaskStory, reason: Reason, blocker: str, entity: int
) -> Iterator[TaskStory]:
    if reason in _HELD:
        yield from ledger.holders(story, reason, ledger.now - 1)
    elif entity >= 0:
        yield ledger.story.tasks[entity]
    elif reason is Reason.RUN_LIMIT:
        run = next((run for run in ledger.story.runs.values() if run.run_id == blocker), None)
        yield from () if run is None else _unfinished(run.tasks)
    elif reason in {Reason.SENSOR_POKE, Reason.DEFERRAL} and story.probed is not None:
        dag_id, logical_date = story.probed
        for run in ledger.story.runs.values():
            if run.dag_id == dag_id and run.logical_date == logical_date:
                awaited = ledger.awaited_tasks(story) or tuple(run.tasks)
                yield from _unfinished({name: run.tasks.get(name, []) for name in awaited})


def _unfinished(tasks: dict[str, list[TaskStory]]) -> Iterator[TaskStory]:
    for tis in tasks.values():
        for one in tis:
            if one.state not in FINISHED:
                yield one
