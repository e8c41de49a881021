"""`conform`: what it prints, in both languages and for programs, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.conform.recordings import bytes_of, case, trace, workload
from tui.cli.diagnostics import ExitCode
from tui.cli.main import main

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder with a recording that agrees, one that does not, and one that is none."""
    monkeypatch.chdir(tmp_path)
    wrong = trace(sla_misses=[{"task_id": "load", "logical": 0, "recorded": 300}])
    wrong["task_instances"][0]["tries"][0]["end"] = 65
    wrong["dag_runs"][0]["end"] = 65
    strange = workload(id="strange")
    strange["dags"][0]["schedule"] = {"kind": "lunar"}
    Path("good.json").write_bytes(bytes_of(case()))
    Path("wrong.json").write_bytes(bytes_of(case(trace=wrong), case(workload=strange)))
    Path("none.json").write_bytes(b'{"format": 1,\n "system": airflow}')


@pytest.mark.parametrize(
    ("files", "code", "agreed"),
    [
        (["good.json"], ExitCode.MET, "agreed 11 of 11 decisions"),
        (["good.json", "wrong.json"], ExitCode.MISSED, "agreed 20 of 34 decisions"),
        (["none.json", "good.json"], ExitCode.USAGE, "agreed 11 of 11 decisions"),
        (["missing.json"], ExitCode.USAGE, "agreed 0 of 0 decisions"),
    ],
)
def test_exit_codes_and_the_last_line(
    files: list[str], code: ExitCode, agreed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 only if all agree; the sum of what was judged is the last line in every case."""
    assert main(["conform", *files]) == code

    assert capsys.readouterr().out.splitlines()[-1] == agreed


@pytest.mark.parametrize("lang", ["en", "es"])
def test_pages(lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole output, as on record: the sum is the same line in each language."""
    main(["conform", "good.json", "wrong.json", "--differences", "4", "--lang", lang, "--plain"])

    assert capsys.readouterr().out == (GOLDEN / f"conform.{lang}.txt").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_judged_is_told_with_its_place(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """File, line and column on stderr, with what would be right; never silence."""
    main(["conform", "none.json", "--plain"])

    assert capsys.readouterr().err == (
        "error[E-RECORDING]: none.json: 2:12: is no JSON (Expecting value)\n"
        "help: docs/conform.md describes the form of a recording\n"
    )


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """One object: the sums, each file with its first differences, and what was refused."""
    main(["conform", "good.json", "wrong.json", "none.json", "--json", "--differences", "1"])
    told = json.loads(capsys.readouterr().out)

    assert (told["agreed"], told["total"]) == (20, 34)
    assert [(one["file"], one["agreed"]) for one in told["files"]] == [
        ("good.json", 11),
        ("wrong.json", 9),
    ]
    assert told["files"][1]["differences"] == [
        {"case": "one-task", "decision": "dag_runs sales#0 end", "recorded": 65, "simulated": 60}
    ]
    assert told["refused"][0]["message"].startswith("none.json: 2:12: ")
