"""What the search has found in the engine itself, pinned."""

from __future__ import annotations

import pytest

from sim.faults.plan import WorkerCrash, WorkerLost
from sim.model.interventions import Rerun
from sim.verify.invariants.registry import first_violation
from sim.verify.trial import Rig
from tests.quality.planted import NIGHTS, pipeline, shop


@pytest.mark.parametrize("fault", [WorkerCrash, WorkerLost])
def test_a_cleared_task_survives_its_dying_worker(fault: type[WorkerCrash | WorkerLost]) -> None:
    """3.x: cleared while it runs, then its worker dies before it notices: it is tried again."""
    clear = Rerun(at=1709607601000000, data_date="2024-03-04")
    with Rig(shop(), pipeline(()), window=NIGHTS) as rig:
        trial = rig.trial_of((clear, fault(task="extract", data_date="2024-03-04", after=1)))

    assert trial is not None
    assert first_violation(trial) is None
