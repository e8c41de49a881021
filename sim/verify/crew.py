"""Several processes that try the plans of one search, each on a rig of its own.

The answer is that of one process: a batch is judged in its order, whoever tried which plan.
"""

from __future__ import annotations

import signal
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING, Self

from sim.verify.hunt import outcome_of
from sim.verify.trial import Rig

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sim.scenario.schema import Config, Scenario
    from sim.verify.hunt import Outcome
    from sim.verify.plan import Plan

_rigs: list[Rig] = []
"""Of a process of a crew: its rig."""


class Crew:
    """Processes for one search. Its `judge` is what `verify` takes as `judge_batch`."""

    def __init__(self, scenario: Scenario, config: Config, *, window: str, size: int) -> None:
        # fresh processes: a database that is forked with its locks held never answers again
        self._pool = ProcessPoolExecutor(
            size,
            mp_context=get_context("spawn"),
            initializer=_join,
            initargs=(scenario, config, window),
        )

    def judge(self, _: Rig, batch: Sequence[Plan], families: Sequence[str]) -> Iterable[Outcome]:
        """Try a batch; outcomes come in its order."""
        return self._pool.map(partial(_try, tuple(families)), batch)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)


def _join(scenario: Scenario, config: Config, window: str) -> None:
    # Ctrl-C goes to every process of a terminal; the one that deals decides what comes of it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _rigs.append(Rig(scenario, config, window=window))


def _try(families: Sequence[str], plan: Plan) -> Outcome:
    return outcome_of(_rigs[0], plan, families)
