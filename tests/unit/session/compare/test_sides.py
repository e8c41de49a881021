"""Which config a name of a comparison stands for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sim.errors import ScenarioError, UsageError
from sim.scenario.load import load_scenario
from sim.session.check import check_scenario
from sim.session.compare.sides import known_names, side_of, sides_of

FLAGSHIP = "incident-revenue-zero"


def copied(tmp_path: Path) -> Path:
    """A copy of the flagship, to change."""
    folder = tmp_path / FLAGSHIP
    shutil.copytree(load_scenario(FLAGSHIP).folder, folder)
    return folder


def test_names_that_the_scenario_knows() -> None:
    """In the order of the registry; of Airflow both versions."""
    every = ("cron", "systemd", "airflow2", "airflow3", "dagster", "prefect")

    assert every == known_names(load_scenario(FLAGSHIP))


def test_a_version_comes_from_the_other() -> None:
    """airflow2 is the file with its version changed, and says so; airflow3 is the file."""
    scenario = load_scenario(FLAGSHIP)
    older, newer = side_of(scenario, "airflow2"), side_of(scenario, "airflow3")

    assert ("airflow.version=2", "Airflow 2.11.2") == (older.changed, older.title)
    assert ("", "Airflow 3.3.2") == (newer.changed, newer.title)
    assert older.file == newer.file


def test_the_scenarios_own_config_in_another_version() -> None:
    """Without conductors/ the own config is what versions come from."""
    side = side_of(load_scenario("date-off-by-one"), "airflow2")

    assert "airflow.version=2" == side.changed
    assert side.file.endswith("date-off-by-one/config.yaml")


def test_a_version_that_does_not_know_the_config(tmp_path: Path) -> None:
    """Its problems are those of the config."""
    folder = copied(tmp_path)
    path = folder / "conductors" / "airflow.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("catchup: false", "fail_fast: true"), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        side_of(load_scenario(folder), "airflow2")

    assert ["E-FAIL-FAST"] == [one.code for one in caught.value.diagnostics]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("nifi", "cron"), 'no pipeline under the name "nifi"'),
        (("airflow7", "cron"), 'no pipeline under the name "airflow7"'),
        (("cron",), "at least two sides"),
        (("cron",) * 13, "13 sides, at most 12"),
    ],
)
def test_mistakes(names: tuple[str, ...], message: str) -> None:
    """What is wrong, in one sentence."""
    with pytest.raises(UsageError, match=message):
        sides_of(load_scenario(FLAGSHIP), names=names)


def test_sides_of_one_name_are_told_apart() -> None:
    """The second one gets a number."""
    sides = sides_of(load_scenario(FLAGSHIP), names=("cron", "cron"))

    assert ["cron", "cron-2"] == [one.name for one in sides]


def test_check_proves_conductors(tmp_path: Path) -> None:
    """One that does not load, and one of another orchestrator than its name says, do not hold."""
    folder = copied(tmp_path)
    shutil.rmtree(folder / "solutions")
    shutil.rmtree(folder / "traps")
    shutil.copy(folder / "config.yaml", folder / "conductors" / "airflow3.yaml")
    (folder / "conductors" / "cron.yaml").write_text("orchestrator: cron\n", encoding="utf-8")
    file = folder / "scenario.yaml"
    text = file.read_text(encoding="utf-8")
    head, _, rest = text.partition("  traps:\n")
    text = head + rest[rest.index("\nhints:") :]
    text = text.replace("  debrief:", "  #").replace("predictions:", "# ")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("debrief:"))
    file.write_text(text.replace("to: 2024-03-31}", "to: 2024-03-02}"), encoding="utf-8")
    file.write_text(
        file.read_text(encoding="utf-8").replace("shown: [2024-03-14]", "shown: [2024-03-02]"),
        encoding="utf-8",
    )
    proofs = {one.subject: one for one in check_scenario(load_scenario(folder))}

    assert proofs["conductors/airflow.yaml"].holds
    assert "conductors/airflow3.yaml" in proofs
    assert not proofs["conductors/airflow3.yaml"].holds
    assert "is a config of cron" in proofs["conductors/airflow3.yaml"].message
    assert not proofs["conductors/cron.yaml"].holds
