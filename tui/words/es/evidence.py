"""Evidence for and against objectives: which read, which night, which figure."""

from __future__ import annotations

WORDS = {
    "held": "se cumple; casos mirados: {checked:n}",
    "read.wrong": (
        "{person} ve {figure} {shown:n} para {partition}; la verdad es "
        "{truth:n}{table:given  (<table>)|}"
    ),
    "read.stale": (
        "{person} ve el último día bueno en vez de {partition}, marcado como no actualizado; "
        "la verdad es {figure} {truth:n}{table:given  (<table>)|}"
    ),
    "read.missing": (
        "{person} no encuentra nada para {partition}; la verdad es {figure} "
        "{truth:n}{table:given  (<table>)|}"
    ),
    "page.none": (
        "{task} acaba con {rows:n} de {rows_true:count fila|filas} para {data_date} "
        "y no suena ningún busca"
    ),
    "page.late": (
        "{task} acaba con {rows:n} de {rows_true:count fila|filas} para {data_date}; "
        "el busca suena a las {paged_at:clock}, {late_us:span} después (máximo: {minutes:n} min)"
    ),
    "page.nobody": "{task} falla y no suena ningún busca",
    "page.slow": (
        "{task} falla; el busca suena a las {paged_at:clock}, {late_us:span} después "
        "(máximo: {minutes:n} min)"
    ),
    "page.false": "{alert} hace sonar el busca de {person} por {data_date} sin que pasara nada",
    "page.many": "{alert} hace sonar el busca de {person} por {data_date}",
    "late.published": "{table} tiene {partition} {late_us:span} después de las {by}",
    "late.never": "{table} nunca llega a tener {partition} (límite: {by})",
    "table.differs": (
        "{table} acaba con {rows:count fila|filas} para {partition} ({sums:figures}); "
        "la verdad es {rows_true:count fila|filas} ({sums_true:figures})"
    ),
    "table.gap": "{table} no tiene nada para {partition}",
    "rerun.differs": (
        "al ejecutarse otra vez, {partition} tiene {rows:count fila|filas} ({sums:figures}); "
        "la verdad es {rows_true:count fila|filas} ({sums_true:figures})"
    ),
    "rerun.elsewhere": (
        "al repetirla, {partition} de {table} ni se lee: la ejecución procesa otra fecha"
    ),
    "rerun.touched": "volver a ejecutar otras fechas escribe también {partition} de {table}",
    "rerun.removed": "volver a ejecutar fechas borra {partition} de {table}",
    "version.differs": (
        "la versión {version} de {table} tiene {rows:count fila|filas} para {partition} "
        "({sums:figures}); la verdad es {rows_true:count fila|filas} ({sums_true:figures})"
    ),
    "version.gone": "{partition} desaparece de {table} durante un rato",
    "ordeal.fault": (
        "plan {schedule:n}, {fault:code trouble} en {task}: {table} acaba con "
        "{rows:count fila|filas} para {partition} ({sums:figures}); "
        "la verdad es {rows_true:count fila|filas} ({sums_true:figures})"
    ),
    "ordeal.rerun": (
        "plan {schedule:n}, una persona ejecuta la fecha otra vez: {table} acaba con "
        "{rows:count fila|filas} para {partition} ({sums:figures}); "
        "la verdad es {rows_true:count fila|filas} ({sums_true:figures})"
    ),
    "search.broken": (
        "el menor de {plan:count plan|planes} que lo rompe necesita "
        "{troubles:count problema|problemas}, {fault:code trouble}: {table} acaba con "
        "{rows:count fila|filas} para {partition}; la verdad son {rows_true:count fila|filas}"
    ),
    "search.unended": (
        "el menor de {plan:count plan|planes} que lo rompe necesita "
        "{troubles:count problema|problemas}, {fault:code trouble}: el run de {pipeline} para "
        "{partition} {end:given acaba a las <end:clock>, demasiado tarde|no acaba}"
    ),
    "trouble.none": "nada en absoluto",
    "trouble.clear": "una limpieza",
    "trouble.backfill": "un backfill",
    "trouble.dispatch_lost": "un mensaje perdido",
    "trouble.host_off": "un host sin corriente",
    "trouble.scheduler_crash": "un scheduler muerto",
    "trouble.database_off": "una base de datos ausente",
    "trouble.broker_off": "un broker ausente",
    "trouble.worker_off": "un worker sin corriente",
    "trouble.attempt_crash": "una caída del proceso",
    "trouble.worker_crash": "un worker muerto",
    "trouble.worker_lost": "un worker desaparecido",
    "trouble.network_split": "un corte de red",
    "trouble.rerun": "una persona que ejecuta la fecha otra vez",
    "task.lost": "{task} se pierde: su último estado es {state}",
    "retry.never": "tras {fault:code trouble}, {task} no se vuelve a intentar",
    "retry.late": (
        "tras {fault:code trouble}, {task} vuelve a ejecutarse {after_us:span} después "
        "(máximo: {minutes:n} min)"
    ),
    "ended.late": (
        "{task} acaba {late_us:span} después de las {by} "
        "({count:count instancia de tarea llega|instancias de tarea llegan} tarde ese día)"
    ),
    "ended.never": "{task} no acaba bien (límite: {by})",
    "ended.none": "{task} ni siquiera se ejecuta (límite: {by})",
    "wait.long": (
        "{task} espera {wait_us:span} a un slot; el percentil {percentile:n} de todas las esperas "
        "es {found_us:span} (máximo: {minutes:n} min)"
    ),
    "start.late": "{task} empieza {wait_us:span} después de lo debido (máximo: {minutes:n} min)",
    "connections.many": (
        "{task} lee {system} y hay {connections:count conexión|conexiones} en uso (máximo: {max:n})"
    ),
    "reads.many": ("{source} se lee {count:count vez|veces} para {partition} (máximo: {max:n})"),
    "calls.many": (
        "{service} actúa {calls:count vez|veces} para el {partition} (máximo: {bound:n})"
        "{fault:given , tras: <fault:code trouble>, plan <schedule:n>|}"
    ),
    "calls.few": (
        "{service} actúa {calls:count vez|veces} para el {partition} (mínimo: {bound:n})"
        "{fault:given , tras: <fault:code trouble>, plan <schedule:n>|}"
    ),
    "cost.high": (
        "las noches cuestan {cost:n} (máximo: {max:n}): slots durante {slot_hours:n} h, "
        "schedulers durante {scheduler_hours:n} h, slots de workers durante {worker_hours:n} h, "
        "{pages:count aviso|avisos} al busca"
    ),
}
