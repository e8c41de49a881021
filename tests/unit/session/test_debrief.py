"""Debrief and predictions: figures computed by replay, and what an author wrote wrong said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from sim.errors import ScenarioError
from sim.scenario.load import load_config, load_scenario
from sim.scenario.new import new_scenario
from sim.scenario.schema import Option, Prediction, Scenario
from sim.scenario.text import Text
from sim.session.debrief import render_debrief
from sim.session.figures import figures_over
from sim.session.predictions import right_option

FRONT = """---
simulations:
  broken: {config: config.yaml}
  mended: {config: solutions/patient-retries.yaml}
  tries: {config: config.yaml, path: airflow.dags.ventas.tasks.copy.retries, values: [0, 1, 9]}
---
"""


def debriefed(folder: Path, body: str, *, front: str = FRONT) -> str:
    """The text of the template's scenario with this debrief."""
    scenario = load_scenario(new_scenario("shop", parent=folder))
    config = load_config(scenario.config_text, file="config.yaml", scenario=scenario)
    return render_debrief(
        structs.replace(scenario, debrief=Text.of(front + body)), config, "en", heading=str.upper
    )


def test_figures_stand_where_the_text_names_them(tmp_path: Path) -> None:
    """The broken night misses a read and a deadline; the mended one does not; `yours` is yours."""
    body = "{{ broken.missing_reads }} {{mended.missing_reads}} {{ yours.late_nights }}"

    assert debriefed(tmp_path, body) == "1 0 1"


def test_a_sweep_is_a_table(tmp_path: Path) -> None:
    """One row a value, in the author's order, its headings worded by the caller."""
    text = debriefed(tmp_path, "{{ table tries: late_nights, objectives_met }}")

    assert text.splitlines() == [
        "| airflow.dags.ventas.tasks.copy.retries | LATE_NIGHTS | OBJECTIVES_MET |",
        "|---|---|---|",
        "| 0 | 1 | 0 |",
        "| 1 | 1 | 0 |",
        "| 9 | 0 | 2 |",
    ]


def test_other_braces_stay_as_they_are(tmp_path: Path) -> None:
    """An example with a template is no placeholder; a text without front matter is itself."""
    assert debriefed(tmp_path, "write `{{ ds }}`") == "write `{{ ds }}`"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("{{ nobody.cost }}", "'nobody', which is no simulation"),
        ("{{ broken.happiness }}", "'happiness' is no figure"),
        ("{{ table nobody: cost }}", "'nobody', which is no simulation"),
        ("{{ table broken: cost }}", "which is no sweep"),
        ("{{ table yours: cost }}", "which is no sweep"),
        ("{{ table tries: cost, joy }}", "'joy' is no figure"),
    ],
)
def test_a_placeholder_that_names_nothing_is_said(tmp_path: Path, body: str, told: str) -> None:
    """Never a traceback: a problem with the scenario's file and what would be right."""
    with pytest.raises(ScenarioError) as raised:
        debriefed(tmp_path, body)

    (problem,) = raised.value.diagnostics
    assert told in problem.message
    assert problem.code == "E-SIMULATION"


@pytest.mark.parametrize(
    ("variant", "told"),
    [
        ("{config: nowhere.yaml}", "no file nowhere.yaml"),
        ("{config: ../shop/../../x.yaml}", "outside of the scenario's folder"),
        ("{file: config.yaml}", "the simulation broken"),
        ("{config: config.yaml, values: [1]}", "both path and values"),
        ("{config: config.yaml, window: june}", "no window 'june'"),
        ("{config: config.yaml, set: ['tasks.copy.speed=9']}", "speed"),
        ("{config: config.yaml, path: x, values: %s}" % ([1] * 60), "60 values, at most 50"),
    ],
)
def test_a_simulation_that_cannot_run_is_said(tmp_path: Path, variant: str, told: str) -> None:
    """A file that is not there or outside, a key that is none, a setting that is wrong."""
    front = f"---\nsimulations:\n  broken: {variant}\n---\n"
    with pytest.raises(ScenarioError) as raised:
        debriefed(tmp_path, "{{ broken.cost }}", front=front)

    assert told in str(raised.value)


@pytest.mark.parametrize("front", ["---\nother: 1\n---\n", "---\n- 1\n---\n", "---\n{\n---\n"])
def test_front_matter_without_simulations_is_said(tmp_path: Path, front: str) -> None:
    """It opens with three dashes, so somebody meant to simulate."""
    with pytest.raises(ScenarioError):
        debriefed(tmp_path, "text", front=front)

    assert debriefed(tmp_path / "other", "text", front="") == "text"


def test_figures_add_up_over_windows() -> None:
    """Two windows have the sum of both; one alone has its own."""
    scenario = load_scenario("incident-revenue-zero")
    config = load_config(scenario.config_text, file="config.yaml", scenario=scenario)
    whole = figures_over(scenario, config)
    parts = [figures_over(scenario, config, window=name) for name in ("march", "december")]

    assert whole["wrong_reads"] == sum(part["wrong_reads"] for part in parts)
    assert whole["slot_hours"] == pytest.approx(sum(part["slot_hours"] for part in parts))
    assert parts[0]["wrong_reads"] == 2


# -- predictions ----------------------------------------------------------------------------


def asked(folder: Path, answer: Any) -> str | None:
    """The right option of a question with the options `a`, `b` and `c`."""
    scenario: Scenario = load_scenario(new_scenario("shop", parent=folder))
    options = [Option(id=name, text=Text.of(name)) for name in ("a", "b", "c")]
    question = Prediction(id="q", question=Text.of("which?"), options=options, answer=answer)
    return right_option(scenario, question)


BROKEN, MENDED = {"config": "config.yaml"}, {"config": "solutions/patient-retries.yaml"}


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ({"figure": "late_nights", "choose": "most", "variants": {"a": BROKEN, "b": MENDED}}, "a"),
        ({"figure": "late_nights", "choose": "least", "variants": {"a": BROKEN, "b": MENDED}}, "b"),
        ({"figure": "late_nights", "variants": {"a": BROKEN, "b": BROKEN}}, None),
        (
            {
                "figure": "late_nights",
                "of": BROKEN,
                "ranges": {"a": [None, 0], "b": [1, 1], "c": [2, None]},
            },
            "b",
        ),
        ({"figure": "late_nights", "of": BROKEN, "ranges": {"a": [5, None]}}, None),
        ({"figure": "late_nights", "of": BROKEN, "ranges": {"a": [0, 1], "b": [1, 2]}}, None),
    ],
    ids=["most", "least", "a tie", "a range", "no range", "two ranges"],
)
def test_the_right_option_is_computed(tmp_path: Path, answer: Any, right: str | None) -> None:
    """By the figures of replays; None when not exactly one is right."""
    assert asked(tmp_path, answer) == right


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {"figure": "late_nights"},
        {"figure": "joy", "variants": {"a": BROKEN}},
        {"figure": "late_nights", "variants": {"z": BROKEN}},
        {"figure": "late_nights", "variants": {"a": {"config": "nowhere.yaml"}}},
        {"figure": "late_nights", "variants": {"a": "config.yaml"}},
        {"figure": "late_nights", "of": BROKEN, "ranges": {"a": [1]}},
        {"figure": "late_nights", "variants": {"a": BROKEN}, "ranges": {"a": [0, 1]}},
    ],
)
def test_an_answer_that_cannot_be_computed_is_said(tmp_path: Path, answer: Any) -> None:
    """Whatever an author wrote there ends as a problem of the scenario."""
    with pytest.raises(ScenarioError) as raised:
        asked(tmp_path, answer)

    assert [problem.code for problem in raised.value.diagnostics] == ["E-SIMULATION"]
