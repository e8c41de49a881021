"""Broken engines are found out: by the invariants, and by the laws of the journal itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from sim.kernel.journal import Journal
from sim.model.facts import Fact
from sim.orchestrators.airflow.executor import Executor
from sim.orchestrators.airflow.heartbeat_timeout import HeartbeatTimeout
from sim.platform.attempts import TaskWorkshop
from sim.verify.coverage import Coverage
from sim.verify.draw import Deck
from sim.verify.hunt import verify
from sim.verify.trial import Rig
from tests.quality.planted import NIGHTS, pipeline, shop

PLANS = 300


def statements_twice(journal: Journal) -> list[tuple[int, ...]]:
    """A law: one start of a try sends each of its statements at most once."""
    sent = Counter(
        (row.entity, row.cause, row.detail["number"]) for row in journal.rows(Fact.STATEMENT)
    )
    return [key for key, count in sent.items() if count > 1]


def plans_until_broken(law: Callable[[Journal], list[Any]], plans: int = PLANS) -> int:
    """How many plans of a search it takes until a journal breaks a law; 0: none does."""
    with Rig(shop(), pipeline(()), window=NIGHTS) as rig:
        deck = Deck(rig.points, Coverage.of(rig.points), seed=1)
        for number, plan in enumerate(deck.deal(plans), start=1):
            trial = rig.trial(plan)
            if trial is not None and law(trial.journal):
                return number
    return 0


def test_the_engine_keeps_the_law() -> None:
    """No plan makes a try send a statement twice."""
    assert plans_until_broken(statements_twice, 60) == 0


def test_a_double_run_on_retry_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A workshop that starts each second try twice breaks the law of statements."""
    begin = TaskWorkshop.begin

    def twice(self: TaskWorkshop, attempt: Any, on_end: Callable[[Any], None]) -> Any:
        if attempt.try_number > 1:
            begin(self, attempt, lambda _: None)
        return begin(self, attempt, on_end)

    monkeypatch.setattr(TaskWorkshop, "begin", twice)

    assert 0 < plans_until_broken(statements_twice) <= PLANS


def test_a_lost_heartbeat_that_is_ignored_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler that never misses a heartbeat leaves a run open, or a day out."""
    monkeypatch.setattr(HeartbeatTimeout, "_fire", lambda *_: None)
    finding = verify(shop(), pipeline(()), window=NIGHTS, plans=PLANS).finding

    assert finding is not None
    assert finding.violation.family in {"lost", "liveness"}
    assert len(finding.trial.troubles) == 1


def test_a_leaking_slot_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """An executor that never gets the slot of a dead worker back stands still."""
    monkeypatch.setattr(Executor, "forget", lambda *_: None)
    config = pipeline(("airflow.cfg.core.parallelism=1",))
    finding = verify(shop(), config, window=NIGHTS, plans=PLANS).finding

    assert finding is not None
    assert finding.violation.family in {"lost", "liveness"}
    assert len(finding.trial.troubles) == 1
