"""The vocabulary of the journal: kinds of entity and kinds of fact.

`docs/journal.md` says for each fact what its value and its detail hold; that page is the contract
between those who write facts and those who read them. The numbers are part of the journal's
canonical bytes: add at the end, never renumber.
"""

from __future__ import annotations

from enum import IntEnum


class Entity(IntEnum):
    """What a fact can be about."""

    WORLD = 0
    PIPELINE = 1
    TASK = 2
    RUN = 3
    TASK_INSTANCE = 4
    POOL = 5
    SYSTEM = 6
    TABLE = 7
    FILE = 8
    PERSON = 9
    HOST = 10
    ALERT = 11
    SCHEDULER = 12
    WORKER = 13
    DATABASE = 14
    DAG_FILE = 15
    ASSET = 16
    INSTIGATOR = 17
    HEARTBEAT = 18


class Fact(IntEnum):
    """What can happen."""

    RUN_STATE = 1
    TASK_STATE = 2
    SOURCE_READ = 3
    FILE_WRITE = 4
    FILE_READ = 5
    STATEMENT = 6
    PUBLISHED = 7
    STALE_MARKED = 8
    CHECK = 9
    ALERT = 10
    ACKNOWLEDGED = 11
    READ = 12
    NOTICED = 13
    ESCALATED = 14
    OUTAGE = 15
    INTERVENTION = 16
    HOST = 17
    FAULT = 18
    PROBE = 19
    POOL = 20
    PAUSED = 21
    SQL_ERROR = 22
    SCHEDULER = 23
    WORKER = 24
    DATABASE = 25
    DAG_FILE = 26
    ASSET_EVENT = 27
    DEADLINE = 28
    SLA_MISS = 29
    XCOM = 30
    PROCESS = 31
    EFFECT = 32
    NATIVE_STATE = 33
    TICK = 34
    HEARTBEAT = 35
