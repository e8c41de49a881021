"""The verbs that put several configs side by side, as plain data."""

from __future__ import annotations

from tui.cli.options import FAULTS, JSON, SCENARIO, SEED
from tui.cli.shapes import Argument, Option, Verb

COMPARE = Verb(
    "compare",
    "run the same nights under several orchestrators or configs, side by side",
    "ejecuta las mismas noches con varios orquestadores o configuraciones, lado a lado",
    arguments=(SCENARIO, Argument("configs", required=False, many=True)),
    options=(
        Option(
            "--with",
            "names joined by commas: conductors/NAME.yaml of the scenario, or its own",
            "nombres separados por comas: conductors/NOMBRE.yaml del escenario, o el suyo",
            metavar="NAMES",
        ),
        Option(
            "--nights",
            "which nights, one or FIRST..LAST (default: the first window)",
            "qué noches, una o PRIMERA..ÚLTIMA (por defecto, la primera ventana)",
            metavar="NIGHTS",
        ),
        SEED,
        FAULTS,
        JSON,
    ),
    examples=(
        "orchsim compare incident-revenue-zero --with cron,airflow2,airflow3",
        "orchsim compare incident-revenue-zero --nights 2024-03-12..2024-03-15",
        "orchsim compare incident-revenue-zero mine.yaml other.yaml --json",
    ),
)
