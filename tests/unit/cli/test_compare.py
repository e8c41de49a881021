"""`compare`: the page on record in both languages, JSON, mistakes, its page's commands."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from sim.scenario.load import load_config_file, load_scenario
from sim.scenario.schema import Config
from sim.session.compare.rules import rules_of
from sim.session.compare.sides import side_of
from tests.hygiene.tree import ROOT
from tests.unit.session import shop
from tui.cli.diagnostics import ExitCode
from tui.cli.main import main
from tui.words.words import Words

GOLDEN = Path(__file__).parents[2] / "golden"
FLAGSHIP = "incident-revenue-zero"
PAGE = (ROOT / "docs" / "compare.md").read_text(encoding="utf-8")
COMMANDS = [
    shlex.split(line)[1:]
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_page(lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Two nights of the flagship under three orchestrators, as on record."""
    words = ["--with", "cron,airflow2,airflow3", "--nights", "2024-03-13..2024-03-14", "--plain"]
    code = main(["compare", FLAGSHIP, *words, "--lang", lang])

    assert ExitCode.MISSED == code
    assert (GOLDEN / f"compare.{lang}.txt").read_text(encoding="utf-8") == capsys.readouterr().out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """One object: sides, and differences with causes and rules."""
    words = ["--with", "airflow2,airflow3", "--nights", "2024-03-14", "--json"]
    assert main(["compare", FLAGSHIP, *words]) == ExitCode.MISSED
    told = json.loads(capsys.readouterr().out)

    assert (told["format"], told["nights"]) == (1, ["2024-03-14", "2024-03-14"])
    assert ["airflow.version=2", ""] == [one["changed"] for one in told["sides"]]
    runs = next(one for one in told["differences"] if one["kind"] == "runs")
    assert ["data_date" in side["shows"] for side in runs["sides"]] == [True, True]
    assert runs["sides"][1]["rests_on"][0]["id"].startswith("airflow-3.3.2/")
    assert runs["sides"][0]["first"] == "2024-03-14T03:00:00Z"


def test_criteria(capsys: pytest.CaptureFixture[str]) -> None:
    """Seven rows on the page in both languages, seven keys a side as JSON, no code left bare."""
    words = ["compare", FLAGSHIP, "--with", "cron,airflow3", "--nights", "2024-03-14", "--criteria"]
    main([*words, "--json"])
    sides = json.loads(capsys.readouterr().out)["criteria"]
    main([*words, "--lang", "es"])
    page = capsys.readouterr().out

    assert [7, 7] == [len(side) for side in sides]
    assert "Siete criterios" in page
    assert "criterion." not in page


def test_nothing_differs(capsys: pytest.CaptureFixture[str]) -> None:
    """The same side twice: exit code 0, and a sentence."""
    words = ["--with", "cron,cron", "--nights", "2024-03-14"]

    assert ExitCode.MET == main(["compare", FLAGSHIP, *words])
    assert "They differ in nothing." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--with", "cron,nifi"], 'no pipeline under the name "nifi"'),
        (["missing.yaml", "other.yaml"], "missing.yaml cannot be read"),
        (["--nights", "2031-01-01"], "has no window '2031-01-01'"),
    ],
)
def test_mistakes(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and what is wrong on stderr."""
    assert ExitCode.USAGE == main(["compare", FLAGSHIP, *words])
    assert message in capsys.readouterr().err


def test_upgrade_check(capsys: pytest.CaptureFixture[str]) -> None:
    """The first conductor with releases; as a page in both languages without a bare code; JSON."""
    words = ["upgrade-check", FLAGSHIP, "--nights", "2024-03-14"]
    codes = [main([*words, "--lang", lang]) for lang in ("en", "es")]
    pages = capsys.readouterr().out
    main([*words, "--json"])
    told = json.loads(capsys.readouterr().out)

    assert [ExitCode.MISSED, ExitCode.MISSED] == codes
    assert "upgrade." not in pages
    assert ["schedule", "data_date"] == [one["topic"] for one in told["moves"]]
    assert ["2024-03-13"] == told["moves"][0]["before"]["data_dates"]


def test_nothing_moves(capsys: pytest.CaptureFixture[str]) -> None:
    """A config that means the same in both: exit code 0."""
    config = f"scenarios/{FLAGSHIP}/solutions/readiness-and-gate.yaml"
    words = ["upgrade-check", FLAGSHIP, "--config", config, "--nights", "2024-03-12"]

    assert ExitCode.MET == main(words)
    assert "Nothing moves by itself" in capsys.readouterr().out


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_commands_of_the_page_run(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command that docs/compare.md shows does what it says, from the project's folder."""
    monkeypatch.chdir(ROOT)
    code = main(words)

    assert code in {ExitCode.MET, ExitCode.MISSED}
    assert capsys.readouterr().out


def test_every_word_is_there() -> None:
    """Each code of a difference and a chain has its sentence in both languages."""
    codes = re.findall(r'"((?:runs|task|published|read|messages)\.[a-z]+)"', _source("differences"))
    codes = [f"compare.{code}" for code in codes]
    codes += [f"chain.{code}" for code in re.findall(r'return "([a-z_]+)", ', _source("chains"))]

    assert len(codes) >= 20
    assert [] == [code for lang in ("en", "es") for code in codes if not Words(lang).has(code)]


def configs() -> list[Config]:
    """One of each orchestrator and version that has rules."""
    flagship, clocks = load_scenario(FLAGSHIP), load_scenario("dst-double-run")
    found = [side_of(flagship, name).config for name in ("airflow2", "airflow3", "cron")]
    found.append(side_of(clocks, "cron").config)
    anacron = {"crontab": "", "anacrontab": "1 5 nightly copy\n"}
    found.append(shop.config(orchestrator="cron", section=anacron))
    others = ("dagster-assets", "prefect-flow", "systemd-timer")
    paths = [flagship.solutions[name] for name in others]
    return [*found, *(load_config_file(path, scenario=flagship) for path in paths)]


def test_every_rule_has_its_sentence() -> None:
    """Each rule of each version, in both languages, with nothing left to fill in."""
    rules = [rule for config in configs() for rule in rules_of(config).values()]
    said = [
        Words(lang).say(f"rule.{one.code}", release="R") for one in rules for lang in ("en", "es")
    ]

    assert len(said) > 120
    assert [] == [text for text in said if text.startswith("rule.") or "{" in text]


def _source(name: str) -> str:
    return (ROOT / "sim" / "session" / "compare" / f"{name}.py").read_text(encoding="utf-8")


RANKED = ["compare", FLAGSHIP, "--with", "cron,airflow3", "--nights", "2024-03-14"]


def test_a_ranking_of_ones_own(capsys: pytest.CaptureFixture[str]) -> None:
    """The table by weight, and a sentence for the pair that stands the other way round."""
    words = [*RANKED, "--weights", "lines=1", "--ranking", "airflow3,cron"]
    main([*words, "--lang", "es"])
    page = capsys.readouterr().out
    main([*words, "--json"])
    told = json.loads(capsys.readouterr().out)["ranking"]

    assert "Pones airflow3 por delante de cron" in page
    assert ["cron", "airflow3"] == told["order"]
    assert [["lines"]] == [one["because"] for one in told["contradictions"]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--weights", "beauty=3"], '"beauty=3" is no weight of a criterion'),
        (["--weights", "lines=many"], '"many" is no number'),
        (["--weights", "lines=-1"], "lines weighs -1"),
        (["--ranking", "cron"], "cron is no order of the sides"),
    ],
)
def test_what_cannot_be_ranked(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong and what would be right, on stderr."""
    assert ExitCode.USAGE == main([*RANKED, *words])

    assert said in capsys.readouterr().err
