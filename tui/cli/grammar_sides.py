"""The verbs that put several configs side by side, as plain data."""

from __future__ import annotations

from tui.cli.options import CONFIG, FAULTS, JSON, SCENARIO, SEED
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
        Option(
            "--criteria",
            "also seven criteria of choice as figures: set-up, backfill, growth...",
            "además, siete criterios de elección en cifras: montaje, backfill, crecimiento...",
        ),
        Option(
            "--weights",
            "what each criterion is worth to you: failure=3,backfill=2 (default: all alike)",
            "cuánto vale para ti cada criterio: failure=3,backfill=2 (por defecto, todos igual)",
            metavar="WEIGHTS",
        ),
        Option(
            "--ranking",
            "your own order of the sides; where the criteria contradict it is told",
            "tu propio orden de los lados; se dice dónde lo contradicen los criterios",
            metavar="NAMES",
        ),
        SEED,
        FAULTS,
        JSON,
    ),
    examples=(
        "orchsim compare incident-revenue-zero --with cron,airflow2,airflow3",
        "orchsim compare incident-revenue-zero --nights 2024-03-12..2024-03-15",
        "orchsim compare incident-revenue-zero --criteria",
        "orchsim compare incident-revenue-zero --with cron,airflow3 --ranking airflow3,cron",
        "orchsim compare incident-revenue-zero mine.yaml other.yaml --json",
    ),
)

UPGRADE_CHECK = Verb(
    "upgrade-check",
    "say what moves for a config from Airflow 2 to 3, with instances",
    "dice qué se mueve en una configuración de Airflow 2 a 3, con ejemplos",
    arguments=(SCENARIO,),
    options=(
        CONFIG,
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
        "orchsim upgrade-check incident-revenue-zero",
        "orchsim upgrade-check date-off-by-one --config mine.yaml",
    ),
)
