"""Recordings of Dagster's partitions and backfills that are wrong are told with their place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sim.conform.kinds import judge
from sim.conform.recording import read_recording
from sim.errors import UsageError

DAILY = {"kind": "daily", "start": "2024-05-01"}
KEYS = {"now": "2024-05-03", "spec": DAILY, "expect": {"count": 2, "keys": []}}
MAPPING = {
    "upstream": DAILY,
    "downstream": DAILY,
    "mapping": {"kind": "identity"},
    "now": "2024-05-03",
    "valid": True,
    "inferred_type": "IdentityPartitionMapping",
    "upstream_of": {},
    "downstream_of": {},
}
BACKFILL = {
    "assets": [{"name": "a", "deps": [], "partitions": DAILY}],
    "select": ["a"],
    "partitions": ["2024-05-01"],
    "expect": {
        "iterations": [],
        "status": "",
        "target": {},
        "materialized": {},
        "failed_and_downstream": {},
    },
}


@pytest.mark.parametrize(
    ("kind", "case", "change", "message"),
    [
        ("partition_keys", KEYS, {"now": "soon"}, "cases[0].now: Invalid isoformat"),
        ("partition_keys", KEYS, {"spec": {**DAILY, "tz": "Mars"}}, "cases[0].spec: unknown time"),
        ("partition_keys", KEYS, {"spec": {**DAILY, "start": "May"}}, "'May' is no partition key"),
        (
            "partition_keys",
            KEYS,
            {"spec": {"kind": "cron", "cron": "* *", "start": "x"}},
            "cases[0].spec: a schedule has five fields",
        ),
        ("partition_keys", KEYS, {"spec": {"kind": "multi"}}, "cases[0].spec: multi-partitions"),
        ("partition_mappings", MAPPING, {"mapping": {"kind": "odd"}}, "cases[0].mapping.kind"),
        ("asset_backfill", BACKFILL, {"select": ["b"]}, "cases[0].select[0]: there is no asset"),
        (
            "asset_backfill",
            BACKFILL,
            {"assets": [{"name": "a", "deps": [], "policy": 0}]},
            "cases[0].assets[0].policy",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    kind: str, case: dict[str, Any], change: dict[str, Any], message: str
) -> None:
    """The field and what is wrong with it."""
    envelope = {
        "format": 1,
        "system": "dagster",
        "kind": kind,
        "version": "1.13.29",
        "cases": [{**case, **change}],
    }

    with pytest.raises(UsageError) as raised:
        judge(read_recording(json.dumps(envelope).encode(), "mine.json"))
    assert message in str(raised.value)
    assert str(raised.value).startswith("mine.json: ")


def test_a_graph_that_goes_round_differs_in_every_decision() -> None:
    """The recording is well formed; that we cannot simulate it is our difference, with a reason."""
    assets = [
        {"name": "a", "deps": [{"asset": "b"}], "partitions": DAILY},
        {"name": "b", "deps": [{"asset": "a"}], "partitions": DAILY},
    ]
    case = {**BACKFILL, "assets": assets, "select": ["a", "b"]}
    envelope = {
        "format": 1,
        "system": "dagster",
        "kind": "asset_backfill",
        "version": "1.13.29",
        "cases": [case],
    }
    tally = judge(read_recording(json.dumps(envelope).encode(), "mine.json"))

    assert 0 == tally.agreed
    assert tally.total > 0
