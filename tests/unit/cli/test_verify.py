"""`orchsim verify`: the page, the file, the test, the exit code; and what the file is for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sim.scenario.load import load_scenario
from sim.session.check import regression_proofs
from tui.cli.diagnostics import ExitCode
from tui.cli.main import main

TWINS = (
    *("verify", "zombie-twins", "--nights", "2024-03-12..2024-03-13", "--plans", "48"),
    *("--without", "source_late"),
)


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        (
            "en",
            "2024-03-11 is run again on Tue 12 Mar at 03:27 → dw.daily_metrics ends with 10 rows",
        ),
        (
            "es",
            "2024-03-11 se vuelve a ejecutar el mar 12 mar a las 03:27 → dw.daily_metrics acaba",
        ),
    ],
)
def test_it_says_it_in_a_sentence(
    lang: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, the rows that are too many, and exit code 1."""
    assert main([*TWINS, "--lang", lang]) == ExitCode.MISSED

    page = capsys.readouterr().out
    assert sentence in page
    assert page.count("  +  2024-03-11") == 5


def test_what_was_found_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`run --faults` judges the scenario under the file, and finds a doubled day."""
    file = str(tmp_path / "found.yaml")
    main([*TWINS, "--save", file])
    capsys.readouterr()
    code = main(["run", "zombie-twins", "--faults", file, "--json"])
    told = json.loads(capsys.readouterr().out)
    missed = {one["id"]: one for one in told["objectives"] if not one["met"]}
    of_day = [one for one in missed["O1"]["evidence"] if one["night"] == "2024-03-12"]

    assert code == ExitCode.MISSED
    assert "table.differs" in {one["code"] for one in of_day}


def test_it_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` has the troubles, the figures and what was covered."""
    main([*TWINS, "--json"])
    told = json.loads(capsys.readouterr().out)

    assert told["finding"]["code"] == "truth.doubled"
    assert [one["type"] for one in told["finding"]["troubles"]] == ["rerun"]
    assert told["finding"]["inevitable"] == "2024-03-12T03:27:00Z"
    assert told["coverage"]["absent"]["broker_off"] == "no_broker"


def test_it_becomes_a_test(capsys: pytest.CaptureFixture[str]) -> None:
    """`--export pytest` prints a module whose test fails as long as the pipeline is broken."""
    main([*TWINS, "--export", "pytest"])
    space: dict[str, object] = {}
    exec(compile(capsys.readouterr().out, "exported", "exec"), space)  # noqa: S102 - it is the test
    test = next(one for name, one in space.items() if name.startswith("test_"))

    with pytest.raises(AssertionError):
        test()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--nights", "march"], "at most 3 nights"),
        (["--without", "sleep"], "there is no kind of trouble"),
    ],
)
def test_wrong_words_are_refused(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit code 2 and what would be right."""
    assert main(["verify", "zombie-twins", *words]) == ExitCode.USAGE
    assert message in capsys.readouterr().err


def test_a_pinned_file_is_judged_with_every_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file in `regressions` beside the config: one config breaks, a solution survives."""
    (tmp_path / "regressions").mkdir()
    main([*TWINS, "--save", str(tmp_path / "regressions" / "twice.yaml")])
    capsys.readouterr()
    scenario = load_scenario("zombie-twins")
    broken = {}
    for name, path in (("mine", scenario.config_path), *scenario.solutions.items()):
        config = tmp_path / f"{name}.yaml"
        config.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
        main(["run", "zombie-twins", "--config", str(config), "--json"])
        broken[name] = json.loads(capsys.readouterr().out)["regressions"]["twice"]

    assert broken.pop("mine") == "truth.doubled"
    assert set(broken.values()) == {None}


def test_check_holds_solutions_to_what_is_pinned(tmp_path: Path) -> None:
    """A file beside scenario.yaml is a claim about every solution."""
    folder = tmp_path / "zombie-twins"
    shutil.copytree(load_scenario("zombie-twins").folder, folder)
    (folder / "regressions").mkdir()
    (folder / "regressions" / "twice.yaml").write_text(
        "window: 2024-03-12\n"
        "actions: [{type: rerun, at: 2024-03-12T05:00Z, data_date: 2024-03-11}]\n",
        encoding="utf-8",
    )
    (folder / "solutions" / "worse.yaml").write_text(
        (folder / "config.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    scenario = load_scenario(folder)
    proof = next(one for one in regression_proofs(scenario))

    assert (proof.subject, proof.holds) == ("regressions/twice.yaml", False)
    assert proof.message == "solutions/worse.yaml: truth.doubled"


def test_a_search_that_is_stopped_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    """`--seconds 0` ends it after a batch; the same command begins behind it, and ends well."""
    solution = str(load_scenario("zombie-twins").solutions["one-transaction"])
    words = [*TWINS, "--config", solution, "--without", "source_empty", "--json"]
    words += ["--without", "source_partial", "--seed", "1"]
    main([*words, "--seconds", "0"])
    first = json.loads(capsys.readouterr().out)
    main(words)
    second = json.loads(capsys.readouterr().out)

    assert (first["plans"], first["stopped"], first["holds"]) == (16, True, True)
    assert (second["plans"], second["stopped"], second["holds"]) == (48, False, True)
    tried = sum(one["tried"] for one in second["coverage"]["points"].values())
    assert tried > sum(one["tried"] for one in first["coverage"]["points"].values())


def test_what_broke_it_once_is_tried_first(capsys: pytest.CaptureFixture[str]) -> None:
    """Without `--seed`, the second search finds it with its first plan."""
    main([*TWINS, "--json", "--seed", "1"])
    found = json.loads(capsys.readouterr().out)["finding"]
    main([*TWINS, "--json"])
    again = json.loads(capsys.readouterr().out)["finding"]

    assert (found["troubles"], 1) == (again["troubles"], again["found_after"])
