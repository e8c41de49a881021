"""Words that sentences about a night share: modes of a source, reasons, channels."""

from __future__ import annotations

WORDS = {
    "mode.ok": "responde",
    "mode.empty": "responde sin filas",
    "mode.partial": "responde con parte de las filas",
    "mode.refuse": "rechaza las conexiones",
    "mode.rate_limited": "responde 429",
    "mode.slow": "responde despacio",
    "mode.timeout": "no responde",
    "reason.check_failed": "falló una comprobación",
    "reason.rate_limited": "demasiadas peticiones (429)",
    "reason.source_connections": "la fuente no tenía ninguna conexión libre",
    "reason.source_refuse": "la fuente rechazó la conexión",
    "reason.source_refused": "la fuente rechazó la conexión",
    "reason.source_timeout": "la fuente no respondió a tiempo",
    "reason.missing_input": "no estaba el fichero de entrada",
    "reason.sql_error": "falló el SQL",
    "reason.crashed": "murió el proceso",
    "reason.killed": "se mató el proceso",
    "reason.import_error": "el fichero del DAG no se pudo importar",
    "reason.task_missing": "la tarea ya no está en el fichero de su DAG",
    "reason.external_failed": "falló la tarea que esperaba",
    "reason.external_skipped": "se saltó la tarea que esperaba",
    "reason.external_unknown": "no existe el DAG o la tarea que esperaba",
    "reason.upstream": "una tarea anterior falló o se saltó",
    "reason.empty_list": "la lista sobre la que se expande estaba vacía",
    "reason.not_mapped": "faltaba una lista sobre la que expandirse",
    "reason.removed": "la lista sobre la que se expande es ahora más corta",
    "reason.no_list_returned": "no devolvió ninguna lista y otras tareas se expanden sobre ella",
    "reason.map_too_long": "devolvió una lista más larga de lo que permite max_map_length",
    "reason.fail_fast": "otra tarea falló y el DAG se detiene al primer fallo",
    "reason.branch": "la rama fue por otro lado",
    "reason.cleared": "un operador la limpió (clear)",
    "reason.heartbeat_timeout": "demasiado tiempo sin latidos de su worker",
    "reason.executor_failed": "su worker murió, según el executor",
    "reason.stuck_in_queued": "atascada en queued",
    "reason.orphaned": "su scheduler ya no estaba",
    "channel.chat": "chat",
    "channel.mail": "correo",
    "channel.pager": "busca",
    "status.sent": "enviado",
    "status.grouped": "se suma al incidente abierto",
    "status.undelivered": "no entregado",
    "metric.rows": "filas",
    "action.fail": "fallar",
    "action.fail_no_retry": "fallar sin reintento",
    "action.skip": "saltar",
    "action.warn": "avisar",
    "phase.opened": "abierto",
    "phase.closed": "completo",
    "phase.abandoned": "a medio escribir",
    # markers and people
    "outage.opens": "{system}: empieza la incidencia ({mode:code mode})",
    "outage.closes": "{system}: acaba la incidencia",
    "check.failed": (
        "{task}: falla la comprobación {check}, {metric} {observed:n}"
        "{low:given , mínimo <low:n>|}{high:given , máximo <high:n>|} ({action})"
    ),
    "published.wrong": (
        "{table} versión {version} publicada con cifras erróneas para {partition}: "
        "{sums:figures} (verdad: {sums_true:figures})"
    ),
    "alert.sent": "{alert} a {person} por {channel:code channel} sobre {data_date}",
    "alert.grouped": (
        "{alert} a {person} sobre {data_date} se suma al incidente abierto ({channel:code channel})"
    ),
    "alert.acknowledged": "{person} lo atiende {after_us:span} después",
    "person.noticed": "{person} se da cuenta: {shown:n} en vez de unos {expected:n}",
    "person.escalated": "{person} se entera por {by}",
    "person.reads": (
        "{person} lee {figure} del {partition}: {shown:given <shown:n>|nada}"
        "{stale:if  (marcado como no actualizado)|}"
    ),
    "operator.acts": "{by}: {action} {what}",
    "table.stale": "{table} queda marcada como no actualizada: falta {partition}",
    "fault": "fallo inyectado en {what}: {fault}",
    "scheduler.started": "arranca {scheduler}",
    "scheduler.gone": "cae {scheduler}",
    "run.paused": "{pipeline} {run} espera a una persona{until:given , hasta las <until:clock>|}",
    "run.suspended": (
        "{pipeline} {run} queda suspendido hasta que alguien lo reanude"
        "{until:given , a las <until:clock> como tarde|}"
    ),
    "heartbeat.missed": "{heartbeat} se quedó sin el ping que esperaba a las {expected:clock}",
    "process.silent": "{task}: el intento {try_number} no da latidos, se da su worker por perdido",
    "process.refused": (
        "{task}: acaba el intento {try_number}, dado ya por perdido; se rechaza su resultado"
    ),
    "how.alert": "por una alerta",
    "how.noticed": "al mirar el panel",
    "how.told": "por otra persona",
    # what was handed on
    "what.read": "leyó",
    "what.file": "escribió",
    "what.file_open": "está escribiendo",
    "what.file_left": "dejó a medio escribir",
    # what moved
    "moved.task": "tarea",
    "moved.published": "publicado",
    "moved.read": "lectura",
    "moved.pages": "avisos al busca",
}
