"""Lines of a task's log."""

from __future__ import annotations

WORDS = {
    "log.state": (
        "intento {try_number}: {state}{native:given  (<native>)|}"
        "{reason:given , <reason:code reason>|}"
    ),
    "log.exit": (
        "intento {try_number}: código de salida {exit_code}, "
        "{state}{reason:given , <reason:code reason>|}"
    ),
    "log.source": "leídas {rows:count fila|filas} del {data_date} de {source}",
    "log.source_rate_limited": "{source} responde 429: demasiadas peticiones ({data_date})",
    "log.source_refuse": "{source} rechaza la conexión ({data_date})",
    "log.source_timeout": "{source} no responde a tiempo ({data_date})",
    "log.file_read": "leídas {rows:count fila|filas} de {path}",
    "log.file_missing": "no existe el fichero {path}",
    "log.file_opened": "escribiendo {path}",
    "log.file_closed": "escritas {rows:count fila|filas} en {path}",
    "log.file_abandoned": "{path} queda a medio escribir, {rows:count fila|filas}",
    "log.statement": "sentencia {number}/{of}: {op} {table}, {rows:count fila|filas}",
    "log.effect_done": "llamada a {service} ({kind}, {data_date})",
    "log.effect_receipt": "sin llamar a {service}: ya hay acuse ({kind}, {data_date})",
    "log.sql_error": "error de SQL: {message}",
    "log.check_passed": (
        "comprobación {check} superada: {metric} {observed:n}"
        "{low:given , mínimo <low:n>|}{high:given , máximo <high:n>|}"
        "{baseline:given , mediana del día de la semana <baseline:n>|}{holiday:if , festivo|}"
    ),
    "log.check_failed": (
        "comprobación {check} NO SUPERADA ({action}): {metric} {observed:n}"
        "{low:given , mínimo <low:n>|}{high:given , máximo <high:n>|}"
        "{baseline:given , mediana del día de la semana <baseline:n>|}{holiday:if , festivo|}"
    ),
    "log.probe_ready": "{system} está lista: {lag_us:span} de retraso, {rows:count fila|filas}",
    "log.probe_not_ready": (
        "{system} no está lista: {lag_us:span} de retraso, {rows:count fila|filas}"
    ),
    "log.external_ready": "{dag} está listo: {states:list}",
    "log.external_not_ready": "{dag} no está listo: {states:list}",
    "log.external_missing": "{dag} no tiene nada con esa fecha lógica",
    "log.published": "publicada la versión {version} de {table}: {partitions:list}",
    "log.stale": "{table} queda marcada como no actualizada: falta {partition}",
    "log.stale_over": "{table} vuelve a estar al día: ya está {partition}",
    "log.alert": "{alert} a {person} por {channel:code channel}: {status:code status}",
    "log.fault": "fallo inyectado: {fault}",
    "log.process_refused": "el intento acabó, pero se rechazó su resultado{http:given  (<http>)|}",
    "log.process_killed": "su propio latido puso fin al proceso{http:given  (<http>)|}",
    "log.process_died": "murió el proceso",
    "log.process_lost": "el worker desapareció sin dejar rastro",
    "log.process_stuck": "se perdió la entrega a un worker: el intento sigue en cola",
    "log.process_silent": "demasiado tiempo sin latidos: el scheduler da por muerto al worker",
}
