"""What tasks return: XComs in the metadata database, and the lists that others are expanded over.

An XCom's size is bounded by its column in the database alone; the length of a list to expand over
by Airflow. A new try begins without the XComs of the one before. Source: Airflow 2.11.2
models/taskinstance.py `_record_task_map_for_downstreams`, 3.3.2 task SDK
execution_time/task_runner.py `_push_xcom_if_needed`, api_fastapi/execution_api/routes/xcoms.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.facts import Fact

if TYPE_CHECKING:
    from sim.model.work import Returned
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import TaskInstance

RETURN_VALUE = "return_value"
LARGEST = {"postgresql": 2**30, "mysql": 2**32, "sqlite": 2**31}
"""Bytes of one value, by the database's kind: bytea, LONGBLOB, BLOB [models/xcom.py]."""


def push(
    metadata: Metadata, ti: TaskInstance, returned: Returned | None, *, longest: int, largest: int
) -> str | None:
    """Store what a try returned. Returns why that fails the try, or None when it does not."""
    shape = ti.task.shape
    length = None if returned is None else returned.length
    if shape is not None and shape.feeds and not shape.mapped:
        if length is None:
            return "no_list_returned"
        if length > longest:
            return "map_too_long"
    if returned is None:
        return None
    if returned.size > largest:
        return "xcom_too_large"
    run = ti.run
    if run.returned is None:
        run.returned = {}
    run.returned[ti.task.number, ti.map_index] = length or 0
    detail: dict[str, object] = {"key": RETURN_VALUE}
    if length is not None:
        detail["length"] = length
    metadata.add(metadata.kernel.now, int(Fact.XCOM), ti.entity, returned.size, ti.row, detail)
    return None


def clear(metadata: Metadata, ti: TaskInstance) -> None:
    """A new try starts: what an earlier one returned is gone."""
    returned = ti.run.returned
    if returned and returned.pop((ti.task.number, ti.map_index), None) is not None:
        detail = {"key": RETURN_VALUE}
        metadata.add(metadata.kernel.now, int(Fact.XCOM), ti.entity, 0, ti.row, detail)
