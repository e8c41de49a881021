"""`explain`: the page on record in both languages, JSON, a table for SQL, and mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tui.cli.diagnostics import ExitCode
from tui.cli.main import main

GOLDEN = Path(__file__).parents[2] / "golden"
FLAGSHIP = "incident-revenue-zero"
FIX = f"scenarios/{FLAGSHIP}/solutions/gate-and-retry.yaml"


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize(
    ("page", "words"), [("explain", ()), ("explain-task", ("load", "--at", "05:00"))]
)
def test_the_page(
    page: str, words: tuple[str, ...], lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The repaired night and its last task, as on record."""
    code = main(["explain", FLAGSHIP, *words, "--config", FIX, "--lang", lang, "--plain"])

    assert ExitCode.MET == code
    assert (GOLDEN / f"{page}.{lang}.txt").read_text(encoding="utf-8") == capsys.readouterr().out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """One object: sums, the task instance with its waits, the path, the counterfactual."""
    assert main(["explain", FLAGSHIP, "load", "--config", FIX, "--json"]) == ExitCode.MET
    told = json.loads(capsys.readouterr().out)

    assert told["task_instance"]["task_id"] == "load"
    assert [wait["reason"] for wait in told["waits"]] == ["upstream", "running"]
    assert told["what_if"]["without"]["reason"] == "retry_delay"
    assert told["circles"] == []
    seconds = sum(wait["seconds"] for wait in told["waits"])
    assert seconds == sum(wait["seconds"] for wait in told["critical_path"])


def test_cron(capsys: pytest.CaptureFixture[str]) -> None:
    """The night as found: three lines of a crontab, none of which waits for anything."""
    assert main(["explain", FLAGSHIP, "--json"]) == ExitCode.MET

    assert [one["reason"] for one in json.loads(capsys.readouterr().out)["sums"]] == ["running"]


def test_the_ledger_in_sql(capsys: pytest.CaptureFixture[str]) -> None:
    """The same waits as rows: their sum is the time from due to end."""
    query = (
        "SELECT sum(w.duration), any_value(extract(epoch FROM ti.end_date - r.data_interval_end)) "
        "FROM wait_ledger w JOIN task_instance ti USING (dag_id, run_id, task_id) "
        "JOIN dag_run r USING (dag_id, run_id) WHERE task_id = 'load' GROUP BY run_id"
    )
    assert main(["sql", FLAGSHIP, query, "--config", FIX, "--json"]) == ExitCode.MET
    rows = json.loads(capsys.readouterr().out)["rows"]

    assert rows
    assert all(told == whole for told, whole in rows)


@pytest.mark.parametrize("task", ["nobody", "load@1999-01-01"])
def test_a_task_that_is_not_there(task: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2, said on stderr with what there is; stdout stays empty."""
    assert main(["explain", FLAGSHIP, task, "--config", FIX]) == ExitCode.USAGE

    told = capsys.readouterr()
    assert told.out == ""
    assert "there is" in told.err or "hay" in told.err
