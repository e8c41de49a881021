"""The graph of a DAG, and what a task is beyond a node with edges: mapped, a setup, a teardown.

Computed once from the graph. An ordinary task has no shape at all, so that what this module is
about costs nothing where it is not used. Tasks are named by their numbers, which are in topological
order. Source: Airflow 2.11.2 and 3.3.2, models/abstractoperator.py
`get_upstreams_only_setups_and_teardowns`, ti_deps/deps/trigger_rule_dep.py, models/dagrun.py
`_tis_for_dagrun_state`, models/dag.py `partial_subset`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import msgspec

from sim.errors import InternalError
from sim.orchestrators.airflow.map_lists import MapList, read_list, tasks_of
from sim.orchestrators.airflow.task_groups import FAST, GroupTask
from sim.orchestrators.airflow.weights import bits, relatives

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sim.orchestrators.airflow.config import MappedOver, Task


def is_mapped(task: Task) -> bool:
    """Whether a task is expanded over anything."""
    return bool(_lists(task))


def expanded_over(task: Task) -> list[str]:
    """The tasks over whose returned lists a task is expanded."""
    return [name for over in _lists(task) for name in tasks_of(over)]


def literal_length(task: Task) -> int:
    """The product of the lengths of those lists over which a task is expanded that name no task."""
    given = [read_list(over, {}) for over in _lists(task) if not any(tasks_of(over))]
    return prod(one.length(lambda _: None) or 0 for one in given)


def _lists(task: Task) -> list[MappedOver]:
    given = list(task.expand.values())
    return given if task.expand_kwargs is None else [*given, task.expand_kwargs]


def above(task: Task) -> list[str]:
    """The direct upstream: what is written, whose lists it is expanded over, its setups."""
    lists: Sequence[str] = ()
    if (task.expand or task.expand_kwargs is not None) and getattr(task, "head", True):
        lists = expanded_over(task)
    return list(dict.fromkeys([*task.upstream, *lists, *task.setups]))


def topological(tasks: Mapping[str, Task]) -> list[str]:
    """Task ids, each after its upstream, otherwise as written.

    Raises `InternalError` for a cycle, which `validate` reports before.
    """
    order: list[str] = []
    done: set[str] = set()
    left = list(tasks)
    needs = {name: above(task) for name, task in tasks.items()}
    while left:
        ready = [name for name in left if done.issuperset(needs[name])]
        if not ready:
            message = f"the tasks {', '.join(left)} wait for one another"
            raise InternalError(message)
        order += ready
        done.update(ready)
        left = [name for name in left if name not in done]
    return order


def edges(tasks: Mapping[str, Task]) -> Iterable[tuple[str, str]]:
    """Every dependency of a DAG, (from, to), in topological order of `to`."""
    for name in topological(tasks):
        for other in above(tasks[name]):
            yield other, name


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """What is special about one task."""

    mapped: bool
    """Has `expand()`: one task instance for each entry of the product of its lists."""
    over: tuple[int, ...]
    """The tasks whose returned lists it is expanded over."""
    lists: tuple[MapList, ...]
    """The lists that depend on what these return; it has an index for each of their product."""
    literal: int
    """The product of the lengths of its lists that stand in the DAG file."""
    grouped: bool
    """It is in a mapped task group."""
    pairs: frozenset[int]
    """Tasks directly below, in the same mapped group, that look at the same index of this one."""
    feeds: bool
    """Some task is expanded over what this one returns."""
    teardown: bool
    setups: tuple[int, ...]
    """Setups further up that must have succeeded: those with a teardown below, or with none."""
    own_setups: tuple[int, ...]
    """Of a teardown: the setups directly above it."""
    scope: tuple[int, ...]
    """Of a teardown, 3.x: the tasks between its setups and itself, without its direct upstream."""
    watchers: tuple[int, ...]
    """Tasks not directly below that look at how this one ended."""


ORDINARY = Shape(
    mapped=False,
    over=(),
    lists=(),
    literal=1,
    grouped=False,
    pairs=frozenset(),
    feeds=False,
    teardown=False,
    setups=(),
    own_setups=(),
    scope=(),
    watchers=(),
)
"""Nothing special; for one that cannot do without a shape."""


@dataclass(frozen=True, slots=True)
class Graph:
    """The tasks of one DAG as far as shapes and subsets depend on them."""

    upstream: tuple[tuple[int, ...], ...]
    downstream: tuple[tuple[int, ...], ...]
    setups: frozenset[int]
    teardowns: frozenset[int]
    fail_dagrun: frozenset[int]
    """Teardowns with on_failure_fail_dagrun."""

    @classmethod
    def of(cls, given: Mapping[str, Task], numbers: Mapping[str, int]) -> Graph:
        """The graph of tasks; their numbers are in topological order."""
        tasks = [given[name] for name in numbers]
        upstream = [tuple(sorted({numbers[name] for name in above(task)})) for task in tasks]
        downstream: list[list[int]] = [[] for _ in tasks]
        for number, direct in enumerate(upstream):
            for other in direct:
                downstream[other].append(number)
        named = {numbers[name] for task in tasks for name in task.setups}
        flagged = {number for number, task in enumerate(tasks) if task.setup}
        return cls(
            tuple(upstream),
            tuple(tuple(below) for below in downstream),
            frozenset(named | flagged),
            frozenset(number for number, task in enumerate(tasks) if task.teardown),
            frozenset(number for number, task in enumerate(tasks) if task.on_failure_fail_dagrun),
        )

    def above(self) -> list[frozenset[int]]:
        """For each task, every task from which a path leads to it."""
        return [frozenset(bits(mask)) for mask in relatives(self.upstream)]

    def below(self) -> list[frozenset[int]]:
        """For each task, every task to which a path leads."""
        below: list[set[int]] = [set() for _ in self.upstream]
        for number, mask in enumerate(relatives(self.upstream)):
            for other in bits(mask):
                below[other].add(number)
        return [frozenset(numbers) for numbers in below]

    def teardowns_of(self, setup: int) -> frozenset[int]:
        """The teardowns directly below a setup."""
        return self.teardowns.intersection(self.downstream[setup])

    def leaves(self) -> tuple[int, ...]:
        """The tasks that decide how a run ends: teardowns do only when they may fail it."""
        ignored = self.teardowns - self.fail_dagrun
        leaves = tuple(
            number
            for number, below in enumerate(self.downstream)
            if number not in ignored and ignored.issuperset(below)
        )
        return leaves or tuple(n for n, below in enumerate(self.downstream) if not below)


def shapes(graph: Graph, tasks: Sequence[Task], numbers: Mapping[str, int]) -> list[Shape | None]:
    """The shape of each task, None for an ordinary one."""
    over = [tuple(sorted({numbers[name] for name in expanded_over(task)})) for task in tasks]
    mapped = {number for number, task in enumerate(tasks) if is_mapped(task)}
    fed = {other for number in mapped for other in over[number]}
    if not mapped and not graph.setups and not graph.teardowns:
        return [None] * len(tasks)
    above, below = graph.above(), graph.below()
    setups = [
        () if number in graph.teardowns else _indirect_setups(graph, number, above, below)
        for number in range(len(tasks))
    ]
    own = [
        tuple(n for n in graph.upstream[number] if n in graph.setups)
        if number in graph.teardowns
        else ()
        for number in range(len(tasks))
    ]
    scope = [_scope(graph, number, own[number], above, below) for number in range(len(tasks))]
    made: list[Shape | None] = []
    for number, task in enumerate(tasks):
        shape = Shape(
            mapped=number in mapped,
            over=over[number],
            lists=tuple(read_list(one, numbers) for one in _lists(task) if any(tasks_of(one))),
            literal=literal_length(task),
            grouped=isinstance(task, GroupTask),
            pairs=_pairs(tasks, graph.downstream[number], task),
            feeds=number in fed,
            teardown=number in graph.teardowns,
            setups=setups[number],
            own_setups=own[number],
            scope=scope[number],
            watchers=tuple(
                other
                for other in range(len(tasks))
                if number in setups[other] or number in scope[other]
            ),
        )
        near = not mapped.isdisjoint(graph.downstream[number])
        told = shape.setups or shape.watchers
        plain = not (shape.mapped or shape.feeds or shape.teardown or told or near)
        made.append(None if plain else shape)
    return made


def _pairs(tasks: Sequence[Task], below: Iterable[int], task: Task) -> frozenset[int]:
    if not isinstance(task, GroupTask):
        return frozenset()
    return frozenset(
        number
        for number in below
        if tasks[number].task_group == task.task_group and tasks[number].trigger_rule not in FAST
    )


def literally_mapped(shapes: Sequence[Shape | None]) -> tuple[int, ...]:
    """The mapped tasks all of whose lists stand in the DAG file."""
    return tuple(
        number
        for number, shape in enumerate(shapes)
        if shape is not None and shape.mapped and not shape.over
    )


def relevant_setups(graph: Graph, above: Collection[int], below: Collection[int]) -> list[int]:
    """The setups above a task that are there for it: with a teardown below it, or without any."""
    after = graph.teardowns.intersection(below)
    return [
        setup
        for setup in sorted(graph.setups.intersection(above))
        if not (own := graph.teardowns_of(setup)) or own & after
    ]


def _indirect_setups(
    graph: Graph, number: int, above: list[frozenset[int]], below: list[frozenset[int]]
) -> tuple[int, ...]:
    found = relevant_setups(graph, above[number], below[number])
    return tuple(setup for setup in found if setup not in graph.upstream[number])


def _scope(
    graph: Graph,
    number: int,
    own_setups: Iterable[int],
    above: list[frozenset[int]],
    below: list[frozenset[int]],
) -> tuple[int, ...]:
    indirect = above[number].difference(graph.upstream[number])
    between: set[int] = set()
    for setup in own_setups:
        between |= indirect & below[setup]
    return tuple(sorted(between))


def subset(
    graph: Graph, chosen: Collection[int], *, downstream: bool, upstream: bool = False
) -> set[int]:
    """What clearing some tasks clears: with the setups and teardowns that they need.

    `DAG.partial_subset` [models/dag.py], as the UI and the API use it.
    """
    above, below = graph.above(), graph.below()
    found = set(chosen)
    for number in chosen:
        work = number not in graph.setups and number not in graph.teardowns
        if downstream:
            found |= below[number]
            for other in sorted(below[number].difference(chosen)):
                if other not in graph.setups and other not in graph.teardowns:
                    found |= _setups_and_teardowns(graph, other, above, below)
        if upstream:
            found |= above[number]
            for setup in sorted(graph.setups.intersection(above[number])):
                found |= graph.teardowns_of(setup)
        elif work:
            found |= _setups_and_teardowns(graph, number, above, below)
        if number in graph.setups and not downstream:
            found |= graph.teardowns_of(number)
    return found


def _setups_and_teardowns(
    graph: Graph, number: int, above: list[frozenset[int]], below: list[frozenset[int]]
) -> set[int]:
    setups = relevant_setups(graph, above[number], below[number])
    return set(setups).union(*(graph.teardowns_of(setup) for setup in setups))
