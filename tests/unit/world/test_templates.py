"""What a practitioner of Airflow writes in a template comes out as in Airflow."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sim.world.templates import check, names_used, render

NAMES = {
    "fecha": "2024-03-13",
    "data_interval_start": datetime(2024, 3, 13, 3, tzinfo=UTC),
    "params": {"region": "norte"},
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no braces", "no braces"),
        ("DATE '{{ fecha }}'", "DATE '2024-03-13'"),
        ("{{ macros.ds_add(fecha, -1) }}", "2024-03-12"),
        ("{{ macros.ds_format(fecha, '%Y-%m-%d', '%d.%m.%y') }}", "13.03.24"),
        ("{{ data_interval_start | ds }}", "2024-03-13"),
        ("{{ data_interval_start | ds_nodash }}", "20240313"),
        ("{{ data_interval_start | ts }}", "2024-03-13T03:00:00+00:00"),
        ("{{ data_interval_start | ts_nodash }}", "20240313T030000"),
        ("{{ data_interval_start.strftime('%H') }}", "03"),
        ("{{ (data_interval_start - macros.timedelta(days=1)) | ds }}", "2024-03-12"),
        ("{{ fecha.replace('-', '/') }}", "2024/03/13"),
        ("{{ params.region | upper }} {{ params['region'] }}", "NORTE norte"),
        ("{{ params.size | default('all') }}", "all"),
        ("{% if fecha > '2024' %}new{% else %}old{% endif %}", "new"),
        ("{% for n in [1, 2] %}{{ n }}{{ ',' if not loop.last }}{% endfor %}", "1,2"),
        ("{% raw %}{{ as it is }}{% endraw %}", "{{ as it is }}"),
    ],
)
def test_a_template_is_rendered(text: str, expected: str) -> None:
    """Names, filters, macros, conditions and one loop."""
    assert expected == render(text, NAMES)


def test_syntax_is_checked_without_values() -> None:
    """A check needs no names and says what is wrong."""
    assert check("{{ anything_at_all }}") is None
    assert "unexpected" in str(check("{{ fecha "))


def test_the_names_that_a_template_needs_are_known() -> None:
    """What must come from outside; `macros` and loop variables of its own are told apart."""
    text = "{% for n in params.days %}{{ macros.ds_add(ds, n) }}{% endfor %}"

    assert {"ds", "params", "macros"} >= names_used(text) >= {"ds", "params"}
