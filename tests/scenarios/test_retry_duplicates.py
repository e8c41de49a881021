"""retry-duplicates: how often finance is told, and what stands in the table, config by config."""

from __future__ import annotations

from collections import Counter

import pytest

from sim.engine.simulate import simulate
from sim.model.facts import Fact
from sim.scenario.load import load_config_file, load_scenario

TOO_OFTEN = {"2024-03-08": 2, "2024-03-10": 2}
"""Mails for the dates that a fault strikes, as the player finds it; one for every other."""


def mails(config: str) -> dict[str, int]:
    """Data date -> mails sent, in the week that the player sees."""
    scenario = load_scenario("retry-duplicates")
    config_read = load_config_file(scenario.folder / config, scenario=scenario)
    journal = simulate(scenario, config_read, window="march")
    sent = Counter(row.detail["data_date"] for row in journal.rows(Fact.EFFECT) if row.value)
    return {day: sent[day] for day in (f"2024-03-{number:02}" for number in range(4, 14))}


@pytest.mark.parametrize(
    ("config", "struck"),
    [
        ("config.yaml", TOO_OFTEN),
        ("solutions/one-transaction.yaml", {}),
        ("solutions/replace-and-own-task.yaml", {}),
        ("traps/receipt-after.yaml", {"2024-03-10": 2}),
        ("traps/receipt-before.yaml", {"2024-03-10": 0}),
        ("traps/no-retries.yaml", {"2024-03-06": 0}),
    ],
)
def test_mails_for_each_date(config: str, struck: dict[str, int]) -> None:
    """One for each date but for those that are struck; a message delivered twice sends none."""
    wrong = {day: count for day, count in mails(config).items() if count != 1}

    assert wrong == struck
