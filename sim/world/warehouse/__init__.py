"""The warehouse: DuckDB in virtual time, locked in."""

from __future__ import annotations

from sim.world.warehouse.dataset import Dataset
from sim.world.warehouse.errors import SqlError
from sim.world.warehouse.facts import PartitionFacts
from sim.world.warehouse.oracle import stood_before, truth
from sim.world.warehouse.questions import Answer
from sim.world.warehouse.relation import Relation
from sim.world.warehouse.warehouse import Change, Warehouse

__all__ = [
    "Answer",
    "Change",
    "Dataset",
    "PartitionFacts",
    "Relation",
    "SqlError",
    "Warehouse",
    "stood_before",
    "truth",
]
