"""`--set PATH=VALUE`: one value of a config, read as YAML, its problems named after the flag."""

from __future__ import annotations

import pytest

from sim.errors import ScenarioError
from sim.scenario.edits import apply_sets, split_path
from sim.scenario.yaml_reader import read_yaml
from tests.unit.scenario.builders import tiny


def problems(*sets: str) -> list[tuple[str, str, str, int]]:
    """Problems of the small config with some flags, as (code, message, file, column)."""
    with pytest.raises(ScenarioError) as raised:
        apply_sets(tiny().config_text, sets, scenario=tiny())
    return [(one.code, one.message, one.file, one.column) for one in raised.value.diagnostics]


def test_a_value_is_put_in_by_the_rules_of_the_file() -> None:
    """Numbers are numbers, lists are lists, and a key that was not there is made."""
    sets = ["checks.volume.min=40", "checks.volume.max=50", "tasks.load.checks=[volume]"]
    config = apply_sets(tiny().config_text, sets, scenario=tiny())

    assert (40.0, 50.0) == (config.checks["volume"].min, config.checks["volume"].max)
    assert ["volume"] == config.tasks["load"].checks


def test_the_last_flag_wins_and_the_digest_follows_the_content() -> None:
    """Setting what is already there changes nothing, not even the digest."""
    plain = apply_sets(tiny().config_text, [], scenario=tiny())
    same = apply_sets(
        tiny().config_text, ["checks.volume.min=9", "checks.volume.min=1"], scenario=tiny()
    )
    other = apply_sets(tiny().config_text, ["checks.volume.min=9"], scenario=tiny())

    assert plain == same
    assert plain.digest != other.digest


def test_a_problem_names_the_flag_and_its_place_in_it() -> None:
    """A value of the wrong sort is reported at the value within the flag."""
    expected = (
        "E-TYPE", "expected a number, found the text 'five'",
        "--set checks.volume.min=five", 25,
    )  # fmt: skip

    assert [expected] == problems("checks.volume.min=five")


@pytest.mark.parametrize(
    ("flag", "code"),
    [
        ("checks.volume.min", "E-SET"),
        ("=5", "E-SET"),
        ("checks.volume.metric.x=5", "E-SET-PATH"),
        ("checks.volume=[1", "E-YAML-SYNTAX"),
        ("tasks.extract.output=/srv/y", "E-NOT-EDITABLE"),
        ("checks.volume.mni=5", "E-KEY-UNKNOWN"),
        ("tasks.load.checks.0=volume", "E-TYPE"),
    ],
)
def test_a_flag_that_cannot_be_right_is_a_problem(flag: str, code: str) -> None:
    """Whatever is wrong with a flag comes back as a diagnostic of its own kind."""
    assert code in [problem[0] for problem in problems(flag)]


def test_keys_with_dots_are_found_or_quoted() -> None:
    """A key that the document has is found whole; another may be put in double quotes."""
    root = read_yaml("tables: {dw.sales: {key: [a]}}", source="").root
    assert root is not None

    assert ("tables", "dw.sales", "key", 0) == split_path(root, "tables.dw.sales.key.0")
    assert ("tables", "dw.new", "key") == split_path(root, 'tables."dw.new".key')


def test_setting_through_an_alias_changes_one_place() -> None:
    """A value shared by an alias is changed where the flag says, and nowhere else."""
    text = tiny().config_text.replace(
        "volume: {metric: rows, min: 1}", "volume: &v {metric: rows, min: 1}\n  other: *v"
    )
    config = apply_sets(text, ["checks.other.min=2"], scenario=tiny())

    assert (1.0, 2.0) == (config.checks["volume"].min, config.checks["other"].min)
