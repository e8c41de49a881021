"""Loading: from a name to a scenario, from a text to a config, with texts and digests."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from msgspec import structs

from sim.errors import ScenarioError, UsageError
from sim.scenario.load import (
    check_config,
    content_root,
    list_scenarios,
    load_config,
    load_config_file,
    load_scenario,
)
from sim.scenario.text import Text
from tests.unit.scenario.builders import TINY, copy_of_tiny, tiny, tiny_open


def test_the_shipped_scenarios_are_found_by_id() -> None:
    """Every listed id loads, and the template is not listed."""
    ids = list_scenarios()

    assert "incident-revenue-zero" in ids
    assert "_template" not in ids
    assert list(ids) == [load_scenario(name).id for name in ids]


def test_a_scenario_is_found_by_folder_and_by_file() -> None:
    """A folder and the scenario.yaml in it are two words for one thing."""
    by_folder, by_file = load_scenario(TINY), load_scenario(TINY / "scenario.yaml")

    assert by_folder == by_file


@pytest.mark.parametrize(
    ("ref", "hint"),
    [
        ("incident-revenu-zero", 'did you mean "incident-revenue-zero"?'),
        (str(TINY / "text"), "name a folder with a scenario.yaml, or see `orchsim list`"),
        (str(TINY / "config.yaml"), "name a folder with a scenario.yaml, or see `orchsim list`"),
    ],
)
def test_a_word_that_names_no_scenario_is_a_usage_error(ref: str, hint: str) -> None:
    """The error says what would be right."""
    with pytest.raises(UsageError) as raised:
        load_scenario(ref)

    assert hint == raised.value.hint


def test_texts_are_read_from_the_files_they_name() -> None:
    """A text is what the file holds, in the language asked for; a plain text is itself."""
    scenario = tiny()

    assert Text({"en": "It is 09:14.\n", "es": "Hola"}) == scenario.briefing
    assert ["Look", "Think"] == [hint.get("es") for hint in scenario.hints]
    assert ["¿Qué paso falla?"] == [one.question.get("es") for one in scenario.questions]


def test_a_text_falls_back_to_english_and_then_to_what_there_is() -> None:
    """A language that is not there never leaves a person without a text."""
    assert "T" == Text({"es": "U", "en": "T"}).get("fr")
    assert "U" == Text({"es": "U"}).get("en")
    assert "V" == Text.of("V").get("es")


def test_solutions_and_traps_are_known_by_the_name_of_their_file() -> None:
    """What lies in solutions/ and traps/ is there by name, and loads."""
    scenario = tiny_open()

    assert {"replace": TINY / "solutions" / "replace.yaml"} == scenario.solutions
    assert {"later": TINY / "traps" / "later.yaml"} == scenario.traps
    config = load_config_file(scenario.solutions["replace"], scenario=scenario)
    assert "replace_partition" == config.tasks["load"].write_mode


def test_a_window_has_its_nights() -> None:
    """First and last night are both included."""
    nights = tiny().clock.windows["march"].nights

    assert (date(2024, 3, 13), date(2024, 3, 14), date(2024, 3, 15)) == nights


def test_the_digest_follows_the_world_and_not_the_words(tmp_path: Path) -> None:
    """A comment or a title changes no digest; a seed is no part of it; an outage is."""
    folder = copy_of_tiny(tmp_path)
    file = folder / "scenario.yaml"
    text = file.read_text(encoding="utf-8")

    def digest(old: str, new: str) -> str:
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")
        return load_scenario(folder).digest

    assert tiny().digest == digest("title: {en: Tiny", "# note\ntitle: {en: Other")
    assert tiny().digest != digest("T03:50Z", "T03:51Z")


def test_a_config_without_errors_is_a_value() -> None:
    """Tasks, checks and the orchestrator's section are there; layout does not change the digest."""
    text = tiny().config_text
    config = load_config(text, file="config.yaml", scenario=tiny())
    again = load_config("# note\n" + text, file="other.yaml", scenario=tiny())

    assert ["extract", "load"] == list(config.tasks)
    assert "CronConfig" == type(config.settings).__name__
    assert config == again


def test_checking_never_raises_and_keeps_the_order_of_the_file() -> None:
    """An editor gets every problem of a half-typed text, sorted by place."""
    text = tiny().config_text.replace("append", "apend").replace("min: 1", "mni: 1")
    config, found = check_config(text, scenario=tiny())

    assert config is None
    assert ["E-CHOICE", "E-KEY-UNKNOWN"] == [one.code for one in found]


def test_a_prefix_of_a_config_never_raises() -> None:
    """Typing a config letter by letter gives a config or problems at every letter."""
    text = tiny().config_text
    for end in range(0, len(text), 7):
        config, found = check_config(text[:end], scenario=tiny())

        assert (config is None) == any(one.severity == "error" for one in found)


def test_what_may_not_be_changed_is_compared_by_content() -> None:
    """Another layout of a part that is not editable is no change."""
    text = tiny().config_text.replace(
        "extract: {work: extract, output: /data/x.csv}",
        "extract:\n    output: '/data/x.csv'  # the same\n    work: extract",
    )

    assert [] == check_config(text, scenario=tiny())[1]
    assert [] != check_config(text.replace("x.csv'", "y.csv'"), scenario=tiny())[1]
    assert [] == check_config(text, scenario=structs.replace(tiny(), editable=["tasks"]))[1]


def test_a_missing_file_is_a_diagnostic(tmp_path: Path) -> None:
    """A config that cannot be read says so with its name."""
    with pytest.raises(ScenarioError) as raised:
        load_config_file(tmp_path / "none.yaml", scenario=tiny())

    (problem,) = raised.value.diagnostics
    assert "E-FILE" == problem.code
    assert problem.message.endswith("none.yaml cannot be read: No such file or directory")


def test_the_content_root_holds_the_flagship() -> None:
    """The shipped content is found from wherever the program is called."""
    assert (content_root() / "incident-revenue-zero" / "scenario.yaml").is_file()
