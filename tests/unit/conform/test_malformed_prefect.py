"""Recordings of Prefect that are wrong are told with their place."""

from __future__ import annotations

from typing import Any

import pytest

from sim.conform.kinds import judge
from sim.conform.recording import read_recording
from sim.errors import UsageError
from tests.unit.conform.recordings import bytes_of


def call(name: str = "a", **changes: Any) -> dict[str, Any]:
    """A call that ends well."""
    return {"name": name, "mode": "direct", "block": [], "tries": ["ok"], "retries": 0, **changes}


@pytest.mark.parametrize(
    ("calls", "message"),
    [
        ([call(block=["t"])], "calls[0].block[0]: there is no block 't'"),
        ([call(), call()], "calls[1].name: it is there twice"),
        ([call(tries=[])], "calls[0].tries: Expected `array` of length >= 1"),
        ([call(on_commit=["maybe"])], "calls[0].on_commit[0]: Invalid enum value 'maybe'"),
        ([call(block=["t"] * 33)], "calls[0].block: Expected `array` of length <= 32"),
    ],
)
def test_a_wrong_flow_with_transactions(calls: list[dict[str, Any]], message: str) -> None:
    """The place goes down to the field."""
    case = {"blocks": {}, "calls": calls, "expect": []}
    data = bytes_of(case, system="prefect", kind="transactions", version="3.8.8")

    with pytest.raises(UsageError) as raised:
        judge(read_recording(data, "mine.json"))
    assert raised.value.message.startswith(f"mine.json: cases[0].{message}")
