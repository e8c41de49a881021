"""Options and arguments that several verbs take. Imports nothing but their shapes."""

from __future__ import annotations

from tui.cli.shapes import Argument, Option

SCENARIO = Argument("scenario")
CONFIG = Option(
    "--config",
    "use this config instead of the scenario's (- reads it from stdin)",
    "usa esta configuración en vez de la del escenario (- la lee de stdin)",
    metavar="FILE",
)
SET = Option(
    "--set",
    "change one value of the config, e.g. checks.volume.min_ratio=0.4 (repeatable)",
    "cambia un valor de la configuración, p. ej. checks.volume.min_ratio=0.4 (repetible)",
    metavar="PATH=VALUE",
    multiple=True,
)
SEED = Option(
    "--seed",
    "use this seed for the nights you see",
    "usa esta semilla en las noches visibles",
    metavar="N",
)
NIGHT = Option(
    "--night",
    "which night, by the day it ends on",
    "qué noche, por el día en que acaba",
    metavar="YYYY-MM-DD",
)
FAULTS = Option(
    "--faults",
    "put the troubles of this fault file into every replay",
    "añade los problemas de este fichero de fallos a cada repetición",
    metavar="FILE",
)
JSON = Option("--json", "print one JSON object", "imprime un objeto JSON")
