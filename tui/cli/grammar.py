"""What can be typed: every verb with its arguments, options and examples, as plain data.

The one description of the command line. Help texts are rendered from it and the click commands are
built from it, so nothing exists twice. It imports nothing but its shapes and other such tables:
`orchsim --help` loads only these and what draws them.
"""

from __future__ import annotations

from tui.cli.grammar_sides import COMPARE, UPGRADE_CHECK
from tui.cli.options import CONFIG, FAULTS, JSON, NIGHT, SCENARIO, SEED, SET
from tui.cli.shapes import Argument, Option, Verb

__all__ = [
    "COMMON",
    "EXAMPLES",
    "EXIT_CODES",
    "PROGRAM",
    "TAGLINE",
    "VERBS",
    "VIEWS",
    "Argument",
    "Option",
    "Verb",
    "find_verb",
]

PROGRAM = "orchsim"

TAGLINE = {
    "en": "A flight simulator for data orchestration.",
    "es": "Un simulador de vuelo para la orquestación de datos.",
}

EXAMPLES = (
    (
        "orchsim play incident-revenue-zero",
        "play the incident of the $0 dashboard",
        "juega el incidente de los 0 $",
    ),
    ("orchsim run incident-revenue-zero", "judge it without a screen", "júzgalo sin pantalla"),
    (
        "orchsim show incident-revenue-zero gantt",
        "look at the night as text",
        "mira la noche como texto",
    ),
)


VIEWS = (
    "brief",
    "objectives",
    "config",
    "dag",
    "gantt",
    "log",
    "data",
    "alerts",
    "diff",
    "hints",
    "predictions",
    "debrief",
)
"""What `show` can print: everything that the app shows, as text."""

COMMON = (
    Option(
        "--lang",
        "language of what is printed",
        "idioma de lo que se imprime",
        metavar="en|es",
        choices=("en", "es"),
    ),
    Option("--plain", "no colour, ASCII only", "sin color, solo ASCII"),
    Option("--no-input", "never ask anything", "no pregunta nunca nada"),
    Option(
        "--debug",
        "show a traceback when orchsim itself fails",
        "muestra la traza si falla el propio orchsim",
    ),
    Option("--help", "show this help", "muestra esta ayuda"),
)
"""Options that every verb takes."""

VERBS = (
    Verb(
        "play",
        "play a scenario in the terminal",
        "juega un escenario en el terminal",
        arguments=(SCENARIO,),
        options=(
            SEED,
            FAULTS,
            Option("--ascii", "draw with ASCII only", "dibuja solo con ASCII"),
            Option("--no-mouse", "leave the mouse to the terminal", "deja el ratón al terminal"),
            Option("--reduced-motion", "no animation", "sin animación"),
        ),
        examples=(
            "orchsim play incident-revenue-zero",
            "orchsim play incident-revenue-zero --lang es --ascii",
        ),
    ),
    Verb(
        "run",
        "judge a config: every objective, over all nights and seeds",
        "juzga una configuración: cada objetivo, en todas las noches y semillas",
        arguments=(SCENARIO,),
        options=(
            CONFIG,
            SET,
            SEED,
            FAULTS,
            Option(
                "--until",
                "print the night up to this time instead of a verdict",
                "imprime la noche hasta esa hora en vez del veredicto",
                metavar="HH:MM",
            ),
            NIGHT,
            Option(
                "--watch",
                "judge again on each save of --config",
                "vuelve a juzgar cada vez que se guarda --config",
            ),
            JSON,
        ),
        examples=(
            "orchsim run incident-revenue-zero",
            "orchsim run incident-revenue-zero --config mine.yaml --watch",
            "orchsim run incident-revenue-zero --config mine.yaml --set checks.volume.min=1 --json",
            "orchsim run incident-revenue-zero --until 06:00",
        ),
    ),
    Verb(
        "show",
        "print one view of a scenario or of its night as text",
        "imprime como texto una vista del escenario o de su noche",
        arguments=(
            SCENARIO,
            Argument("view", required=False, choices=VIEWS),
            Argument("name", required=False),
        ),
        options=(
            NIGHT,
            Option(
                "--at",
                "what was known at this time of the night",
                "lo que se sabía a esa hora",
                metavar="HH:MM",
            ),
            CONFIG,
            Option(
                "--against",
                "the config to compare with (diff)",
                "la configuración con la que comparar (diff)",
                metavar="FILE",
            ),
            SET,
            SEED,
            Option("--width", "columns to draw in", "columnas para dibujar", metavar="N"),
        ),
        examples=(
            "orchsim show incident-revenue-zero",
            "orchsim show incident-revenue-zero gantt --night 2024-03-17",
            "orchsim show incident-revenue-zero log extract",
            "orchsim show incident-revenue-zero data --at 09:00",
            "orchsim show incident-revenue-zero hints 1",
        ),
    ),
    Verb(
        "sql",
        "ask a night in SQL: warehouse, Airflow's metadata, alerts",
        "pregunta a una noche en SQL: almacén, metadatos de Airflow, alertas",
        arguments=(SCENARIO, Argument("query", required=False)),
        options=(
            Option(
                "--at",
                "as of this time of the night, or of this instant (default: its end)",
                "tal como estaba a esa hora de la noche o en ese instante (al final si no se da)",
                metavar="TIME",
            ),
            NIGHT,
            CONFIG,
            SET,
            SEED,
            JSON,
            Option("--csv", "print CSV", "imprime CSV"),
        ),
        examples=(
            "orchsim sql incident-revenue-zero",
            'orchsim sql incident-revenue-zero "SELECT * FROM dw.daily_metrics" --at 09:00',
            'orchsim sql incident-revenue-zero "SELECT * FROM published" --csv',
        ),
    ),
    Verb(
        "explain",
        "say why a night, or one task of it, took so long",
        "explica por qué una noche, o una de sus tareas, tardó tanto",
        arguments=(SCENARIO, Argument("task", required=False)),
        options=(
            Option(
                "--at",
                "as of this time of the night, or of this instant (default: its end)",
                "tal como estaba a esa hora de la noche o en ese instante (al final si no se da)",
                metavar="TIME",
            ),
            NIGHT,
            CONFIG,
            SET,
            SEED,
            JSON,
        ),
        examples=(
            "orchsim explain incident-revenue-zero",
            "orchsim explain zombie-twins load@2024-03-13",
            "orchsim explain who-dies extract --night 2024-03-05 --json",
        ),
    ),
    COMPARE,
    UPGRADE_CHECK,
    Verb(
        "preview",
        "say what a config's runbook would bring about, before it is done",
        "dice qué provocaría el runbook de una configuración antes de hacerlo",
        arguments=(SCENARIO,),
        options=(
            CONFIG,
            SET,
            SEED,
            Option(
                "--window",
                "which nights: a window, one night, or FIRST..LAST (default: the first one)",
                "qué noches: una ventana, una noche o PRIMERA..ÚLTIMA (por defecto, la 1.ª)",
                metavar="NIGHTS",
            ),
            JSON,
        ),
        examples=(
            "orchsim preview backfill-march",
            "orchsim preview backfill-march --config mine.yaml --json",
        ),
    ),
    Verb(
        "list",
        "list the scenarios",
        "enumera los escenarios",
        options=(JSON,),
        examples=("orchsim list", "orchsim list --json"),
    ),
    Verb(
        "check",
        "prove scenarios: their config, solutions and traps do what they say",
        "demuestra escenarios: su configuración, soluciones y trampas hacen lo que dicen",
        arguments=(Argument("scenarios", required=False, many=True),),
        options=(JSON,),
        examples=("orchsim check", "orchsim check ./my-incident"),
    ),
    Verb(
        "verify",
        "search the troubles of a night for the fewest that break a pipeline",
        "busca los menos problemas de una noche que rompen un pipeline",
        arguments=(SCENARIO,),
        options=(
            CONFIG,
            SET,
            Option(
                "--nights",
                "which nights, one or FIRST..LAST, at most 3 (default: first shown, and next)",
                "qué noches, una o PRIMERA..ÚLTIMA, 3 como mucho (por defecto, 2 visibles)",
                metavar="NIGHTS",
            ),
            Option(
                "--plans",
                "how many plans to try (default: 300)",
                "cuántos planes se prueban (300 si no se da)",
                metavar="N",
            ),
            Option(
                "--seconds",
                "stop after so many seconds",
                "para al cabo de tantos segundos",
                metavar="S",
            ),
            Option(
                "--seed",
                "order in which plans are tried (default: 1)",
                "orden en que se prueban los planes (1 si no se da)",
                metavar="N",
            ),
            Option(
                "--without",
                "leave a kind of trouble out, e.g. source_empty (repeatable)",
                "deja fuera un tipo de problema, p. ej. source_empty (repetible)",
                metavar="KIND",
                multiple=True,
            ),
            Option(
                "--save",
                "write what was found as a fault file",
                "escribe lo encontrado como fichero de fallos",
                metavar="FILE",
            ),
            Option(
                "--export",
                "print what was found as a test",
                "imprime lo encontrado como test",
                metavar="pytest",
                choices=("pytest",),
            ),
            JSON,
        ),
        examples=(
            "orchsim verify zombie-twins",
            "orchsim verify incident-revenue-zero --config mine.yaml --nights 2024-03-05",
            "orchsim verify zombie-twins --plans 2000 --seed 7 --save twice.faults.yaml",
        ),
    ),
    Verb(
        "conform",
        "judge orchsim by decisions recorded from the real systems",
        "juzga a orchsim con decisiones grabadas de los sistemas reales",
        arguments=(Argument("file", many=True),),
        options=(
            Option(
                "--differences",
                "how many differences of a file to print (default: 10)",
                "cuántas diferencias de un fichero se imprimen (10 si no se da)",
                metavar="N",
            ),
            JSON,
        ),
        examples=(
            "orchsim conform scheduler_v3.json.gz",
            "orchsim conform recordings/*.json.gz --differences 3",
        ),
    ),
    Verb(
        "new",
        "start a scenario of your own from a commented template",
        "empieza un escenario propio a partir de una plantilla comentada",
        arguments=(Argument("name"),),
        options=(
            Option(
                "--dir",
                "folder to make it in (default: here)",
                "carpeta donde crearlo (aquí si no se da)",
                metavar="DIR",
            ),
        ),
        examples=("orchsim new my-incident",),
    ),
    Verb(
        "schema",
        "print the JSON Schema of a file, for editors",
        "imprime el JSON Schema de un fichero, para editores",
        arguments=(Argument("file", choices=("scenario", "config")),),
        examples=("orchsim schema config > config.schema.json",),
    ),
    Verb(
        "doctor",
        "say what orchsim sees: terminal, versions, settings and where each came from",
        "dice lo que orchsim ve: terminal, versiones, ajustes y de dónde sale cada uno",
        options=(JSON,),
        examples=("orchsim doctor",),
    ),
    Verb(
        "completions",
        "print the completion script of a shell",
        "imprime el autocompletado de un intérprete",
        arguments=(Argument("shell", choices=("bash", "zsh", "fish")),),
        examples=('eval "$(orchsim completions bash)"', "orchsim completions fish | source"),
    ),
)
"""Every verb, common ones first."""

EXIT_CODES = (
    (0, "every objective is met", "todos los objetivos se cumplen"),
    (
        1,
        "an objective is missed, a break or a difference found",
        "un objetivo no se cumple, algo se rompe o algo difiere",
    ),
    (2, "wrong usage, or a file with errors", "uso incorrecto o un fichero con errores"),
    (3, "an invariant does not hold", "no se cumple un invariante"),
    (4, "a limit was exceeded", "se superó un límite"),
    (70, "a bug of orchsim", "un error de orchsim"),
    (130, "interrupted", "interrumpido"),
)


def find_verb(name: str) -> Verb | None:
    """The verb with this name, None when there is none."""
    return next((verb for verb in VERBS if verb.name == name), None)
