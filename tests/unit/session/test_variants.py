"""Variants: what an author may name in a debrief or a prediction, and what is told otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sim.errors import ScenarioError
from sim.scenario.schema import Option, Prediction, Scenario
from sim.scenario.text import Text
from sim.session.predictions import right_option
from sim.session.variants import VALUES_MAX, known_figure, read_variant, variant_config
from tests.unit.session.shop import ZERO_SQL, airflow, outage, scenario, tasks

GOOD = {"config": "good.json"}


def shop(folder: Path) -> Scenario:
    """The shop with an outage, on disk: `good.json`, and `zero.json` that publishes zeros."""
    for name, wiring in (("good", tasks()), ("zero", tasks(sql=ZERO_SQL))):
        found = {"orchestrator": "airflow", "airflow": airflow(), "tasks": wiring}
        (folder / f"{name}.json").write_text(json.dumps(found))
    made = scenario(outages=[outage("2024-03-12T02:30Z", "2024-03-12T03:30Z")])
    return msgspec.structs.replace(made, folder=folder)


def told(found: pytest.ExceptionInfo[ScenarioError]) -> str:
    """The one problem, with its code."""
    (one,) = found.value.diagnostics
    return f"{one.code} {one.message}"


@pytest.mark.parametrize(
    ("plain", "message"),
    [
        (None, "Expected `object`, got `null`"),
        ({"set": []}, "missing required field `config`"),
        ({**GOOD, "sets": []}, "unknown field `sets`"),
        ({**GOOD, "path": "tasks.copy.work"}, "a sweep has both path and values"),
        ({**GOOD, "values": [1]}, "a sweep has both path and values"),
        ({**GOOD, "path": "a.b", "values": [1] * (VALUES_MAX + 1)}, "51 values, at most 50"),
        ({**GOOD, "window": "june"}, "no window 'june'"),
    ],
)
def test_a_bad_variant_is_told(tmp_path: Path, plain: Any, message: str) -> None:
    """By the name of the simulation, as a problem of the scenario."""
    with pytest.raises(ScenarioError) as found:
        read_variant(shop(tmp_path), "sweep", plain)

    assert told(found).startswith("E-SIMULATION the simulation sweep: ")
    assert message in told(found)


def test_settings_and_the_value_of_a_sweep_are_put_in(tmp_path: Path) -> None:
    """The sets first, then the sweep's value; the file stays as it is."""
    made = shop(tmp_path)
    plain = {**GOOD, "set": ["tasks.publish.write_mode=append"]}
    sweep = read_variant(made, "s", {**plain, "path": "tasks.copy.output", "values": ["/x", "/y"]})
    config = variant_config(made, sweep, value="/y")

    assert ("append", "/y") == (config.tasks["publish"].write_mode, config.tasks["copy"].output)
    assert config.digest != variant_config(made, read_variant(made, "s", GOOD)).digest


@pytest.mark.parametrize("value", [True, False])
def test_a_truth_value_is_read_back_as_one(tmp_path: Path, *, value: bool) -> None:
    """`true` and not the text `True`."""
    made = shop(tmp_path)
    path = "airflow.dags.sales.catchup"
    sweep = read_variant(made, "s", {**GOOD, "path": path, "values": [value]})

    assert variant_config(made, sweep, value=value).settings.dags["sales"].catchup is value


@pytest.mark.parametrize("name", ["../secret.json", "/etc/hostname", "link.json"])
def test_no_file_outside_of_the_folder_is_read(tmp_path: Path, name: str) -> None:
    """Neither by dots, nor by an absolute path, nor through a link."""
    (tmp_path / "inside").mkdir()
    (tmp_path / "secret.json").write_text("{}")
    (tmp_path / "inside" / "link.json").symlink_to(tmp_path / "secret.json")
    made = shop(tmp_path / "inside")
    with pytest.raises(ScenarioError) as found:
        variant_config(made, read_variant(made, "s", {"config": name}))

    assert told(found) == f"E-SIMULATION {name} lies outside of the scenario's folder"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """As a problem, not as an error of the disk."""
    made = shop(tmp_path)
    with pytest.raises(ScenarioError) as found:
        variant_config(made, read_variant(made, "s", {"config": "gone.json"}))

    assert "there is no file gone.json" in told(found)


def test_a_figure_has_a_known_name(tmp_path: Path) -> None:
    """The hint lists what there is."""
    made = shop(tmp_path)
    with pytest.raises(ScenarioError) as found:
        known_figure(made, "costs")

    assert known_figure(made, "cost") == "cost"
    assert "wrong_reads" in found.value.diagnostics[0].hint


# -- the answers of predictions -----------------------------------------------------------------


def question(answer: Any) -> Prediction:
    """A question with the options `a`, `b` and `c`."""
    options = [Option(id=name, text=Text.of(name)) for name in "abc"]
    return Prediction(id="q", question=Text.of("Which?"), options=options, answer=answer)


def test_a_tie_proves_no_option_right(tmp_path: Path) -> None:
    """Two options with the same figure: a question with two answers is nobody's to ask."""
    made = shop(tmp_path)
    zero = {"config": "zero.json"}
    one = {"figure": "wrong_reads", "choose": "most", "variants": {"a": zero, "b": GOOD}}
    tie = {"figure": "wrong_reads", "choose": "most", "variants": {"a": zero, "b": zero}}

    assert right_option(made, question(one)) == "a"
    assert right_option(made, question({**one, "choose": "least"})) == "b"
    assert right_option(made, question(tie)) is None


def test_a_range_holds_its_ends(tmp_path: Path) -> None:
    """One wrong read lies in [1, 1], and in nothing beside it."""
    made = shop(tmp_path)
    of = {"figure": "wrong_reads", "of": {"config": "zero.json"}}

    assert right_option(made, question({**of, "ranges": {"a": [0, 0], "b": [1, 1]}})) == "b"
    assert right_option(made, question({**of, "ranges": {"a": [None, 0], "c": [1, None]}})) == "c"
    assert right_option(made, question({**of, "ranges": {"a": [2, 3]}})) is None


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, "answer: Expected `object`, got `null`"),
        ({"figure": "cost"}, "cannot be answered"),
        ({"figure": "cost", "variants": {"d": GOOD}}, "d is no option of it"),
        ({"figure": "costs", "variants": {"a": GOOD}}, "'costs' is no figure"),
        ({"figure": "cost", "of": GOOD, "ranges": {"a": 3}}, "ranges: Expected `array`"),
    ],
)
def test_an_answer_that_cannot_be_computed_is_told(
    tmp_path: Path, answer: Any, message: str
) -> None:
    """As a problem of the scenario, by the question's id or the figure's name."""
    with pytest.raises(ScenarioError) as found:
        right_option(shop(tmp_path), question(answer))

    assert message in told(found)
