"""`orchsim new`: the template is a complete scenario that loads without a warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import UsageError
from sim.scenario.load import load_config_file, load_scenario
from sim.scenario.new import new_scenario


def test_a_new_scenario_loads_without_a_problem(tmp_path: Path) -> None:
    """The copy has the name asked for, no warning, and every config in it is right."""
    scenario = load_scenario(new_scenario("late-orders", parent=tmp_path))

    assert ("late-orders", ()) == (scenario.id, scenario.warnings)
    for path in (scenario.config_path, *scenario.solutions.values(), *scenario.traps.values()):
        load_config_file(path, scenario=scenario)


def test_a_new_scenario_speaks_both_languages(tmp_path: Path) -> None:
    """Every text of the template is there in English and in Spanish."""
    scenario = load_scenario(new_scenario("late-orders", parent=tmp_path))
    texts = [scenario.title, scenario.summary, scenario.briefing, scenario.debrief, *scenario.hints]

    assert [("en", "es")] * len(texts) == [text.languages for text in texts]


@pytest.mark.parametrize("name", ["", "Late", "late orders", "../late", "-late", "late-", "x" * 61])
def test_a_name_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    """A name is one folder and one word on the command line."""
    with pytest.raises(UsageError):
        new_scenario(name, parent=tmp_path)

    assert [] == list(tmp_path.iterdir())


def test_nothing_is_ever_overwritten(tmp_path: Path) -> None:
    """A folder that exists stays as it is."""
    (tmp_path / "late").mkdir()
    with pytest.raises(UsageError):
        new_scenario("late", parent=tmp_path)

    assert [] == list((tmp_path / "late").iterdir())
