"""The transaction that each try of a task run is: where its record lies, and what hangs on it.

Source: Prefect 3.8.8, task_engine.py (`transaction_context`, `handle_success`) and results.py
(`update_for_task`): its isolation level and lock manager are those of its cache policy, else those
of the block around it. Invariant: a task run that did not end well has nothing hung on it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sim.orchestrators.prefect.runs import HookRun
from sim.orchestrators.prefect.transactions import Slot, Transaction

if TYPE_CHECKING:
    from sim.orchestrators.prefect.blocks import Blocks
    from sim.orchestrators.prefect.runs import Client, Steps, TaskRun
    from sim.orchestrators.prefect.transactions import Hook


def transaction_of(run: TaskRun, client: Client, blocks: Blocks) -> Transaction:
    """A transaction for one try."""
    settings, around = run.call.options.cache, run.block
    locks = blocks.locks(settings.lock_manager, run)
    if locks is None and around is not None:
        locks = around.locks
    slot = None
    if run.key is not None:
        keeps = settings.keeps
        slot = Slot(client.kernel, client.results, run.key, settings, locks, write_on_commit=keeps)
    return Transaction(around, isolation_level=settings.isolation_level, slot=slot)


def hang(run: TaskRun, client: Client, transaction: Transaction, value: object) -> None:
    """Its body returned: the value is staged, with the hooks of the task.

    That it is RolledBack is the first hook, so that it is told when its own are done.
    """
    options = run.call.options

    def hooks(event: str, tasks: tuple[str, ...]) -> list[Hook]:
        return [
            partial(client.hook, HookRun(run.flow_run, run.call.name, event, number, task, run))
            for number, task in enumerate(tasks)
        ]

    def taken_back(cause: int) -> Steps:
        client.rolled_back(run, cause)
        yield from ()
        return True

    transaction.stage(
        value,
        client.kernel.now,
        on_commit=hooks("on_commit", options.on_commit),
        on_rollback=[taken_back, *hooks("on_rollback", options.on_rollback)],
    )
