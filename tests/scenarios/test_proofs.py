"""What shipped scenarios promise: every proof holds, and the flagship misses and meets as told."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

import pytest

from sim.scenario.load import list_scenarios, load_config_file, load_scenario
from sim.session.check import Proof, check_scenario
from sim.session.verdict import Verdict, judge
from tests.scenarios.long import marked

if TYPE_CHECKING:
    from collections.abc import Iterable

FLAGSHIP = "incident-revenue-zero"
TRAPS = {
    "later-cron": "O1",
    "retry-without-gate": "O1",
    "gate-rereads-file": "O5",
    "zero-only": "O2",
    "fixed-threshold": "O4",
    "append-and-rerun": "O6",
    "skip": "O3",
}
"""Tempting wrong fix -> the objective that it misses, as the curriculum names it."""
SOLUTIONS = (
    "cron-chain",
    "dagster-assets",
    "gate-and-retry",
    "prefect-flow",
    "readiness-and-gate",
    "systemd-timer",
    "write-audit-publish",
)
CONDUCTORS = ("airflow", "dagster", "prefect", "systemd")


@cache
def verdict(config: str) -> Verdict:
    """The flagship judged under one of its configs."""
    scenario = load_scenario(FLAGSHIP)
    return judge(scenario, load_config_file(scenario.folder / config, scenario=scenario))


OTHERS = [name for name in list_scenarios() if name != FLAGSHIP]


@pytest.mark.parametrize("scenario", marked(OTHERS))
def test_every_proof_of_a_shipped_scenario_holds(scenario: str) -> None:
    """What `orchsim check` proves, with the message of what does not hold."""
    assert [] == broken(check_scenario(load_scenario(scenario)))


@pytest.mark.slow
def test_the_flagship_is_proved_in_every_part() -> None:
    """Its parts; solutions miss nothing that decides, and traps what they are traps for."""
    proofs = check_scenario(load_scenario(FLAGSHIP))
    by_subject = {one.subject: one for one in proofs}
    missed = {name: by_subject[f"solutions/{name}.yaml"].missed for name in SOLUTIONS}
    traps = {name: by_subject[f"traps/{name}.yaml"] for name in sorted(TRAPS)}

    assert list(by_subject) == [
        "config.yaml",
        *(f"solutions/{name}.yaml" for name in SOLUTIONS),
        *(f"traps/{name}.yaml" for name in traps),
        *(f"conductors/{name}.yaml" for name in CONDUCTORS),
        "determinism",
        "hints",
        "predictions",
        "debrief",
    ]
    assert [] == broken(proofs)
    assert all(set(found) <= {"B1"} for found in missed.values())
    assert [name for name, one in traps.items() if TRAPS[name] not in one.missed] == []
    assert [name for name, one in traps.items() if TRAPS[name] not in one.expected] == []


def broken(proofs: Iterable[Proof]) -> list[tuple[str, tuple[str, ...], str]]:
    """What does not hold, and what it says."""
    return [(one.subject, one.missed, one.message) for one in proofs if not one.holds]


def test_the_broken_config_misses_what_the_curriculum_says() -> None:
    """O1, O2, O3, O6 and the bonus; O4 and O5 are met."""
    missed = verdict("config.yaml")

    assert missed.missed == ("O1", "O2", "O3", "O6", "B1")
    assert (missed.met, len(missed.objectives)) == (False, 7)


def test_the_broken_config_shows_one_zero_and_two_figures_below_half() -> None:
    """On the shown seed: the zero of 13 March, and the partial day of the 16th besides."""
    by_id = {one.id: one.evidence for one in verdict("config.yaml").objectives}
    days = {
        name: [one.params["partition"] for one in by_id[name] if one.seed == 1714]
        for name in ("O1", "O2")
    }
    unpaged = [one.params["data_date"] for one in by_id["O3"] if one.seed == 1714]

    assert days == {"O1": ["2024-03-13"], "O2": ["2024-03-13", "2024-03-16"]}
    assert unpaged == ["2024-03-13", "2024-03-16"]


def test_it_is_judged_on_both_windows_and_three_seeds() -> None:
    """Six replays."""
    assert len(verdict("config.yaml").replays) == 6


def test_no_hint_gives_the_fix_away_before_the_third() -> None:
    """No line of a solution that the broken config has not stands in the first two hints."""
    scenario = load_scenario(FLAGSHIP)
    found = set(scenario.config_text.splitlines())
    lines = {
        line.strip()
        for path in scenario.solutions.values()
        for line in path.read_text(encoding="utf-8").splitlines()
        if line not in found and len(line.strip()) > 12
    }
    hints = [text for hint in scenario.hints[:2] for text in hint.by_language.values()]

    assert [] == [line for line in lines for hint in hints if line in hint]
    assert len(scenario.hints) == 3


def test_every_text_of_the_flagship_is_in_both_languages() -> None:
    """Title, summary, briefing, hints, debrief, questions and options, objectives."""
    scenario = load_scenario(FLAGSHIP)
    texts = [scenario.title, scenario.summary, scenario.briefing, scenario.debrief, *scenario.hints]
    for question in scenario.questions:
        texts += [question.question, *(option.text for option in question.options)]
    spoken = {json.dumps(text.languages) for text in texts}

    assert spoken == {'["en", "es"]'}
    assert all(set(one.text) == {"en", "es"} for one in scenario.objectives)
