"""Lado a lado: resultados, diferencias y sus causas, y lo que mueve una actualización."""

from __future__ import annotations

WORDS = {
    "compare.title": (
        "{scenario}: {nights:count noche|noches} del {first:day} al {last:day}, semilla {seed}"
    ),
    "compare.same": "El mismo mundo, semilla, problemas y reloj en cada lado.",
    "compare.sides": "Lados",
    "compare.changed": "con {changed}",
    "compare.outcomes": "Resultados",
    "compare.differences": "En qué difieren: {count:count cosa|cosas}",
    "compare.alike": "No difieren en nada.",
    "compare.met": "cumplido",
    "compare.missed": "incumplido",
    "compare.not_judged": "ver run",
    "compare.reads_of": "{person}: lecturas buenas / malas / sin cifra",
    "compare.first_bad": "la primera que no fue buena",
    "compare.first_bad_read": "{at:day} {at:clock}: {shown:given <shown:n>|nada}",
    "compare.no_bad_read": "-",
    "compare.runs": "runs creados",
    "compare.tries": "intentos iniciados",
    "compare.failures": "instancias fallidas al final",
    "compare.ran": "tiempo de trabajo",
    "compare.waited": "espera: {reason}",
    "compare.pages": "avisos al busca (falsos)",
    "compare.cost": "coste",
    "compare.kind_runs": "Runs",
    "compare.kind_task": "Tarea {subject}",
    "compare.kind_published": "{subject} {data_date}",
    "compare.kind_read": "Lo que {subject} lee de {data_date}",
    "compare.kind_messages": "Lo que se le cuenta a la gente",
    "compare.on_night": "noche del {night:day}",
    "compare.on_nights": "{count:n} noches iguales, la primera {night:day}",
    "compare.runs.none": "ningún run",
    "compare.runs.some": (
        "{count:count run|runs} ({pipelines:list}) a las {first:clock}{last:given  … <last:clock>|}"
        "{since:given , para <since>|}{until:given  … <until>|}"
        "{made_up:given , <made_up:n> de ellos con mucho retraso|}"
    ),
    "compare.task.none": "no hace nada",
    "compare.task.some": (
        "{tries:count intento|intentos} y luego {states:list}"
        "{reason:given  (<reason:code reason>)|}"
    ),
    "compare.published.none": "sin publicar",
    "compare.published.right": "bien, {at:day} {at:clock}, {versions:count versión|versiones}",
    "compare.published.wrong": "mal, {at:day} {at:clock}, {versions:count versión|versiones}",
    "compare.published.some": (
        "{rows:count fila|filas}, {at:day} {at:clock}, {versions:count versión|versiones}"
    ),
    "compare.read.nothing": "no miró",
    "compare.read.none": "ninguna cifra",
    "compare.read.right": "{shown:n}, bien",
    "compare.read.wrong": "{shown:n}, mal (verdad: {true:n})",
    "compare.read.stale": "{shown:n}, marcada como de un día anterior",
    "compare.read.unknown": "{shown:n}",
    "compare.messages.none": "nada",
    "compare.messages.some": (
        "{count:count mensaje|mensajes}, el primero a las {at:clock}: {alert} a {person} "
        "({channel:code channel})"
    ),
    "compare.why": "por qué",
    "compare.rests_on": "se apoya en",
    "compare.left_out": "({count:count eslabón|eslabones} más)",
    "compare.chain_above": "la causa es la de la publicación, arriba",
    "chain.run": "se creó el run {run} de {pipeline} ({type})",
    "chain.started": "{task} arrancó{try:given , intento <try>|}",
    "chain.state": (
        "{task} pasó a {state}{reason:given  (<reason:code reason>)|}{until:given , hasta las "
        "<until:clock>|}"
    ),
    "chain.source": (
        "{task} leyó {source} de {data_date}: {rows:n} de {rows_true:n} filas ({mode})"
    ),
    "chain.file_read": (
        "{task} leyó {path}: {rows:count fila|filas}{complete:if |, mientras se escribía}"
    ),
    "chain.missing": "{task} no encontró {path}",
    "chain.file_opened": "se abrió {path}",
    "chain.file_closed": "se escribió {path}: {rows:count fila|filas}",
    "chain.file_abandoned": "{path} se quedó a medias: {rows:count fila|filas}",
    "chain.published": (
        "se publicó {table}, versión {version}: {rows:count fila|filas} ({data_dates:list})"
    ),
    "chain.read": (
        "{person} leyó {figure} de {partition}: {shown:given <shown:n>|nada}{stale:if  (antiguo)|}"
    ),
    "chain.check": (
        "la comprobación {check} {passed:if pasó|falló}: {metric} {observed:n}, al menos {low:n}"
    ),
    "chain.alert": "{alert} le llegó a {person} ({channel:code channel})",
    "chain.outage": (
        "{system} {opens:if estaba averiado|volvió a estar bien}{mode:given  (<mode>)|}"
    ),
    "chain.fault": "fallo {fault} ({subject})",
    "chain.intervention": "{by} pidió {action}",
    "chain.sql_error": "{task}: {message}",
    "chain.heartbeat": (
        "{name} {pinged:if recibió su ping|no recibió su ping}"
        "{expected:given , esperado a las <expected:clock>|}"
    ),
    "chain.host": "la máquina {name} se {up:if encendió|apagó}",
    "chain.scheduler": "el scheduler {name} {up:if arrancó|desapareció}{reason:given  (<reason>)|}",
    "chain.worker": "el worker {name} {up:if estaba en pie|cayó}{reason:given  (<reason>)|}",
    "chain.database": (
        "la base de metadatos {up:if estaba accesible|no estaba accesible}{reason:given  "
        "(<reason>)|}"
    ),
    "criterion.title": "Siete criterios, contados o simulados",
    "criterion.lines": "líneas de configuración",
    "criterion.lines_is": "{lines:n}",
    "criterion.keys": "claves de configuración",
    "criterion.keys_is": "{keys:n}",
    "criterion.setup": "cosas que deben existir antes",
    "criterion.setup_is": (
        "{objects:n}: {pipelines:count pipeline|pipelines}, {tasks:count tarea|tareas}, "
        "{machines:count máquina|máquinas}{database:if , una base de datos|}"
    ),
    "criterion.failure": "hasta que se ve un fallo (mediana)",
    "criterion.failure_is": "{median_us:span} ({shown:n} de {failures:n})",
    "criterion.backfill": "todas las fechas otra vez",
    "criterion.backfill_is": (
        "{actions:count acción|acciones}, {minutes:n} min, {right:n} de {partitions:n} bien"
        "{over:if |, sin acabar}"
    ),
    "criterion.growth": "sobrecarga con uno, con cien pipelines",
    "criterion.growth_is": (
        "{one:percent}, {many:percent} del trabajo ({ran:n} de {asked:n} tareas corrieron)"
    ),
    "criterion.lineage": "aristas entre tablas declaradas",
    "criterion.lineage_is": "{found:n} de {edges:n} ({recall:percent})",
    "ranking.title": "Tus pesos, y lo que se ha medido",
    "ranking.weight": "peso",
    "ranking.points": "{points:n}",
    "ranking.sum": "pesos por puntos",
    "ranking.agrees": "Tu clasificación coincide con lo medido.",
    "ranking.contradicts": (
        "Pones {ahead} por delante de {behind}, y con tus propios pesos gana {behind}, "
        "{behind_sum:n} a {ahead_sum:n}: {because:list}."
    ),
    "criterion.not_never_shown": "nunca ({failures:n} en total)",
    "criterion.not_nothing_failed": "no falló nada",
    "criterion.not_no_runs": "no se ejecutó nada",
    "criterion.not_refused": "esa acción no existe: {by}",
    "criterion.not_nothing_happened": "se pidió y no pasó nada",
    "criterion.not_not_known": "no se sabe para este orquestador",
    "criterion.not_no_edges": "no se lee nada",
    "upgrade.title": "Qué se mueve en {file}, de {before} a {after}",
    "upgrade.refused": "La versión nueva no acepta",
    "upgrade.schedule": "Planificación de {pipeline}",
    "upgrade.data_date": "De qué trata un run de {pipeline}",
    "upgrade.catchup": "Catch-up de {pipeline}",
    "upgrade.sla": "SLA de {pipeline}",
    "upgrade.backfill": "Un backfill de tres fechas de {pipeline}",
    "upgrade.manual_run": "Un run de {pipeline} a mano",
    "upgrade.no_instance": "En estas noches no hay ningún caso.",
    "upgrade.no_run": "no hay tal run",
    "upgrade.run": (
        "{run}, creado {created}, fecha lógica {logical_date}, intervalo de datos "
        "{start:given <start> … <end>|ninguno}"
        "{data_dates:given , trabaja en <data_dates:list>|, no lee nada}"
        "{failed:given , <failed:n> con fallo|}"
    ),
    "upgrade.differences": (
        "Las noches difieren en {count:count cosa|cosas}; `orchsim compare` enseña cada una con su "
        "causa."
    ),
    "upgrade.nothing": "En estas noches nada se mueve por sí solo.",
    "upgrade.by_hand": "Cuando alguien actúa (probado en ambas; no cuenta en el código de salida)",
    "action.compare": "lado a lado",
    "app.compare_title": "{count:count lado|lados} · {at} · el mismo mundo, semilla y reloj",
    "app.compare_keys": "←→ 5 minutos · ] [ incidente · inicio fin · ↑↓ mover · esc cerrar",
    "app.compare_nothing": "aún no se ha publicado ni leído nada",
    "app.compare_right": "bien, {at:clock}",
    "app.compare_wrong": "mal, {at:clock}",
    "app.compare_some": "{rows:count fila|filas}, {at:clock}",
    "app.compare_errors": "La configuración tiene errores: para comparar, que funcione.",
    "app.compare_playing": "Ejecutando los lados...",
    "app.compare_yours": "la tuya",
}
