"""`sql`: the answer on stdout in three forms, the tables, and mistakes with their place."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from pathlib import Path

import pytest

from tui.cli.diagnostics import ExitCode
from tui.cli.main import main

GOLDEN = Path(__file__).parents[2] / "golden"
FLAGSHIP = "incident-revenue-zero"
FIX = f"scenarios/{FLAGSHIP}/solutions/gate-and-retry.yaml"
TRIES = """
SELECT task_id, try_number, state, start_date, end_date, duration
FROM task_instance WHERE run_id LIKE 'scheduled__2024-03-13%'
UNION ALL
SELECT task_id, try_number, state, start_date, end_date, duration
FROM task_instance_history WHERE run_id LIKE 'scheduled__2024-03-13%'
ORDER BY start_date NULLS LAST
"""


def asked(*words: str) -> int:
    """The exit code of a question to the flagship."""
    return main(["sql", FLAGSHIP, *words])


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_table_to_read(lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The repaired night's tries at half past four, as on record: one runs, nothing after it."""
    code = asked(TRIES, "--config", FIX, "--at", "04:30", "--lang", lang, "--plain")

    assert ExitCode.MET == code
    assert (GOLDEN / f"sql.{lang}.txt").read_text(encoding="utf-8") == capsys.readouterr().out


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_tables(lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a statement: what can be asked about, with columns and types, as on record."""
    assert asked("--config", FIX, "--lang", lang, "--plain") == ExitCode.MET

    out = capsys.readouterr().out
    assert (GOLDEN / f"sql-tables.{lang}.txt").read_text(encoding="utf-8") == out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """One object: the instant, columns with types, rows as lists; decimals stay exact text."""
    asked("SELECT region, revenue, orders FROM dw.daily_metrics LIMIT 1", "--json", "--at", "09:00")
    told = json.loads(capsys.readouterr().out)

    assert "2024-03-14T09:00:00Z" == told["at"]
    assert [
        {"name": "region", "type": "VARCHAR"},
        {"name": "revenue", "type": "DECIMAL(14,2)"},
        {"name": "orders", "type": "BIGINT"},
    ] == told["columns"]
    assert [str, str, int] == [type(value) for value in told["rows"][0]]


def test_csv(capsys: pytest.CaptureFixture[str]) -> None:
    """RFC 4180 with a header; NULL is an empty field."""
    asked("SELECT NULL AS a, 'x,y' AS b, true AS c, 1.5::DOUBLE AS d", "--csv")

    assert [["a", "b", "c", "d"], ["", "x,y", "true", "1.5"]] == list(
        csv.reader(io.StringIO(capsys.readouterr().out))
    )


def test_the_tables_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    """The same tables as JSON and as CSV."""
    asked("--json")
    told = json.loads(capsys.readouterr().out)
    asked("--csv")
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))

    assert ["group", "table", "column", "type"] == rows[0]
    assert [one["name"] for one in told["tables"]] == list(
        dict.fromkeys(row[1] for row in rows[1:])
    )


def test_a_statement_from_stdin(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`-` reads it from stdin; its mistakes are shown with their line."""
    monkeypatch.setattr("sys.stdin", io.StringIO("SELECT 1,\n  nothing\nFROM job_run"))

    assert asked("-", "--plain") == ExitCode.USAGE
    err = capsys.readouterr().err
    assert 'error[E-SQL]: <stdin>:2:3: Referenced column "nothing" not found' in err
    assert "  2 |   nothing\n    |   ^" in err


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["SELECT 1", "--at", "25:00"], ExitCode.USAGE, "25:00"),
        (["SELECT 1", "--at", "2024-02-30T01:00"], ExitCode.USAGE, "2024-02-30T01:00"),
        (["SELECT 1", "--at", "2023-01-01T00:00"], ExitCode.USAGE, "is not simulated"),
        (["SELECT 1", "--night", "2024-05-01"], ExitCode.USAGE, "is not simulated"),
        (["SELECT 1", "--json", "--csv"], ExitCode.USAGE, "exclude each other"),
        (["-", "--config", "-"], ExitCode.USAGE, "cannot both be read"),
        (["DELETE FROM job_run"], ExitCode.USAGE, "<sql>:1:1: only SELECT is allowed"),
        (["SELECT * FROM range(100001)"], ExitCode.LIMIT, "more than 100000 rows"),
    ],
)
def test_mistakes(
    words: list[str], code: ExitCode, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each ends with its exit code and a sentence on stderr, with nothing on stdout."""
    assert asked(*words, "--plain") == code

    told = capsys.readouterr()
    assert "" == told.out
    assert message in told.err
    assert "Traceback" not in told.err


def test_an_instant_with_its_date(capsys: pytest.CaptureFixture[str]) -> None:
    """`--at` takes a time of the night or an instant in full; the night's end is the default."""
    for words in (["--at", "2024-03-20T04:00"], ["--night", "2024-03-20", "--at", "04:00"], []):
        asked("SELECT now()::VARCHAR AS t", "--csv", *words)

    assert [
        "2024-03-20 04:00:00+00",
        "2024-03-20 04:00:00+00",
        "2024-03-15 00:00:00+00",
    ] == capsys.readouterr().out.split("\n")[1::2]


@pytest.mark.parametrize(("page", "examples"), [("sql.md", 4), ("explain.md", 1)])
def test_the_page_shows_what_is_printed(
    page: str, examples: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command in a console block of a page of docs prints what stands below it."""
    text = (GOLDEN.parents[1] / "docs" / page).read_text(encoding="utf-8")
    told = []
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ orchsim ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            main([*shlex.split(command), "--plain"])
            told.append((printed, capsys.readouterr().out))

    assert [printed for printed, _ in told] == [out for _, out in told]
    assert examples == len(told)
