"""Lo que halló una búsqueda de problemas: problemas, incumplimientos, cobertura."""

from __future__ import annotations

WORDS = {
    "verify.holds": "Nada: probados {plans:count plan|planes}, se cumplen todos los invariantes.",
    "verify.broken": "Roto por {count:count problema|problemas}:",
    "verify.broken_at_once": "Roto sin ningún problema:",
    "verify.sentence": "{troubles} → {violation}",
    "verify.seen_read": (
        "Queda sellado a las {inevitable:clock}; alguien lo lee a las {seen:clock}."
    ),
    "verify.seen_alert": (
        "Queda sellado a las {inevitable:clock}; sale un aviso a las {seen:clock}."
    ),
    "verify.seen_check": (
        "Queda sellado a las {inevitable:clock}; falla un control a las {seen:clock}."
    ),
    "verify.unseen": "Queda sellado a las {inevitable:clock}; nadie lo ve en estas noches.",
    "verify.searched": (
        "semilla {seed:n} · noches {window} · hallado por el plan {found:n}, "
        "reducido en {trials:count prueba|pruebas}"
    ),
    "verify.searched_all": "semilla {seed:n} · noches {window}",
    "verify.stopped": (
        "Parado tras {plans:count plan|planes}; si se vuelve a lanzar, sigue desde aquí."
    ),
    "verify.diff": "{table}, {partition}: la verdad (-) y lo que hay (+)",
    "verify.around": "Alrededor",
    "verify.coverage": "Cubierto",
    "verify.points": "{tried:n} de {there:n} puntos",
    "verify.absent": "imposible aquí: {why:code verify.why}",
    "verify.pairs": "pares de tipos: {tried:n} de {there:n}",
    "verify.changes": "cambios de estado vistos: {count:n}",
    "verify.saved": "Guardado: {file}",
    "verify.next": "Para ver más:",
    "verify.next_judge": "juzgar el escenario con ello",
    "verify.next_play": "jugarlo",
    "verify.progress": "{done:n} de {all:n} planes, {rate:n} por segundo",
    "verify.window": "una búsqueda abarca {most:n} noches como mucho",
    "verify.window_hint": "escribe --nights 2024-03-13..2024-03-14",
    "verify.kind": 'no hay ningún tipo de problema "{kind}"',
    "verify.nothing_to_export": "no se halló nada que exportar",
    "run.survives": "{name}: sobrevive",
    "run.broken_by": "{name}: se rompe ({code})",
    # por qué un tipo de problema no es posible
    "verify.why.left_out": "excluido en la línea de órdenes",
    "verify.why.no_statements": "ninguna tarea escribe nada",
    "verify.why.no_workers": "este orquestador lo ejecuta todo en un host, sin workers",
    "verify.why.no_tries": "no se ejecuta ninguna tarea en estas noches",
    "verify.why.no_runs": "no se ejecuta nada en estas noches",
    "verify.why.no_message": "este executor entrega las tareas dentro de un mismo proceso",
    "verify.why.no_database": "este orquestador no tiene base de datos",
    "verify.why.no_broker": "ningún executor usa un broker",
    "verify.why.no_machines": "ningún worker tiene máquina propia",
    "verify.why.no_scheduler": "este orquestador no tiene scheduler aparte de su host",
    "verify.why.no_reads": "no se lee ningún origen en estas noches",
    "verify.why.no_such_action": "este orquestador no tiene esa orden",
    "verify.why.one_scheduler": "solo cron puede correr dos veces: este orquestador no",
    "verify.why.one_date": "solo hay una fecha",
    # problemas
    "verify.fact.state": "{state} (intento {number})",
    "verify.fact.fault": "{fault:code verify.fact.fault}",
    "verify.fact.action": "{action:code verify.fact.action}",
    "verify.fact.outage": "{mode:code verify.fact.mode}",
    "verify.fact.process": "proceso {end:code verify.fact.end}",
    "verify.fact.fault.attempt_crash": "muere su proceso",
    "verify.fact.fault.late_report": "su final se sabe tarde",
    "verify.fact.fault.host_off": "se apaga el host",
    "verify.fact.fault.worker_lost": "desaparece su worker",
    "verify.fact.fault.worker_crash": "muere su worker",
    "verify.fact.fault.network_split": "se pierden sus heartbeats",
    "verify.fact.fault.double_delivery": "su mensaje llega dos veces",
    "verify.fact.fault.double_cron": "lo arranca un segundo cron",
    "verify.fact.fault.warehouse_restart": "el almacén corta su sesión",
    "verify.fact.fault.shell_closed": "se duerme el portátil",
    "verify.fact.fault.dispatch_lost": "se pierde su mensaje",
    "verify.fact.action.rerun": "repetido a mano",
    "verify.fact.action.clear": "limpiado a mano",
    "verify.fact.action.trigger": "lanzado a mano",
    "verify.fact.action.backfill": "se pide un backfill",
    "verify.fact.action.set_pool": "redimensionado a mano",
    "verify.fact.action.pause": "pausado o reanudado",
    "verify.fact.action.mark": "marcado a mano",
    "verify.fact.mode.ok": "vuelve a estar bien",
    "verify.fact.mode.empty": "vacío",
    "verify.fact.mode.partial": "a medias",
    "verify.fact.mode.refuse": "rechaza conexiones",
    "verify.fact.mode.slow": "lento",
    "verify.fact.mode.timeout": "no contesta",
    "verify.fact.end.refused": "rechazado",
    "verify.fact.end.killed": "terminado por su propio heartbeat",
    "verify.fact.end.died": "muerto",
    "verify.fact.end.lost": "perdido",
    "verify.fact.end.stuck": "sin arrancar",
    "verify.fact.end.silent": "en silencio: dado por perdido",
    "say.attempt_crash": (
        "{task} de {data_date} muere antes de su sentencia {before_statement:n} "
        "(intento {try_number:n})"
    ),
    "say.attempt_crash_end": (
        "{task} de {data_date} muere tras su último efecto y antes de informar "
        "(intento {try_number:n})"
    ),
    "say.attempt_crash_undone": (
        "{task} de {data_date} muere dentro de su sentencia {before_statement:n}, de la que no "
        "queda nada (intento {try_number:n})"
    ),
    "say.attempt_crash_completes": (
        "{task} de {data_date} muere dentro de su sentencia {before_statement:n}, que aun así se "
        "completa (intento {try_number:n})"
    ),
    "say.source_late": (
        "las filas de {data_date} llegan tarde a {source}, a las {end:clock} el {end:day}"
    ),
    "say.late_report": (
        "{task} de {data_date} termina e informa {late:span} más tarde (intento {try_number:n})"
    ),
    "say.double_delivery": (
        "el mensaje que arranca {task} de {data_date} se entrega dos veces (intento {try_number:n})"
    ),
    "say.double_cron": (
        "un segundo cron tiene el mismo crontab de {start:clock} a {end:clock} el {start:day}"
    ),
    "say.worker_lost": (
        "el worker de {task} de {data_date} se pierde {after:span} después de empezar "
        "(intento {try_number:n})"
    ),
    "say.worker_crash": (
        "el worker de {task} de {data_date} muere {after:span} después de empezar "
        "(intento {try_number:n})"
    ),
    "say.network_split": (
        "el worker de {task} de {data_date} queda sin red {after:span} después de empezar, "
        "durante {lasts:span} (intento {try_number:n})"
    ),
    "say.dispatch_lost": (
        "el mensaje que arranca {task} de {data_date} se pierde "
        "{times:count vez|veces} (intento {try_number:n})"
    ),
    "say.rerun": "{data_date} se vuelve a ejecutar el {at:day} a las {at:clock}",
    "say.clear": "se limpia {task} de {data_date} el {at:day} a las {at:clock}",
    "say.backfill": "backfill de {first} a {last} el {at:day} a las {at:clock} ({reprocess})",
    "say.source_outage": (
        "{system} {mode:code say.mode} de {start:clock} a {end:clock} el {start:day}"
    ),
    "say.mode.empty": "está vacío",
    "say.mode.partial": "está a medias",
    "say.mode.refuse": "rechaza conexiones",
    "say.mode.slow": "va lento",
    "say.mode.timeout": "no contesta",
    "say.host_off": "el host está apagado de {start:clock} a {end:clock} el {start:day}",
    "say.database_off": (
        "la base de datos de Airflow falta de {start:clock} a {end:clock} el {start:day}"
    ),
    "say.broker_off": "el broker falta de {start:clock} a {end:clock} el {start:day}",
    "say.worker_off": "{worker} está apagado de {start:clock} a {end:clock} el {start:day}",
    "say.scheduler_crash": (
        "el scheduler muere el {start:day} a las {start:clock} y otro arranca a las {end:clock}"
    ),
    # incumplimientos
    "broken.truth.doubled": (
        "{table} acaba con {rows:count fila|filas} para {partition}; la verdad son {rows_true:n}: "
        "las mismas más de una vez"
    ),
    "broken.truth.more": (
        "{table} acaba con {rows:count fila|filas} para {partition}; la verdad son {rows_true:n}"
    ),
    "broken.truth.fewer": (
        "{table} acaba con {rows:count fila|filas} para {partition}; la verdad son {rows_true:n}"
    ),
    "broken.truth.zero": (
        "{table} acaba con ceros para {partition} ({sums:figures}; verdad: {sums_true:figures})"
    ),
    "broken.truth.smaller": (
        "{table} acaba con una parte de {partition} ({sums:figures}; verdad: {sums_true:figures})"
    ),
    "broken.truth.other": (
        "{table} acaba con otras cifras para {partition} "
        "({sums:figures}; verdad: {sums_true:figures})"
    ),
    "broken.truth.invented": (
        "{table} acaba con {rows:count fila|filas} para {partition}, que no tiene ninguna"
    ),
    "broken.lost.gone": "{partition} ya no está en {table}, donde había estado",
    "broken.lost.silent": "{partition} no llega nunca a {table} y ninguna tarea ha fallado",
    "broken.lost.first_try": (
        "{partition} no llega nunca a {table}: {task} se rinde al primer intento"
    ),
    "broken.effects.again": (
        "se llama a {service} {calls:count vez|veces} para {partition}; tocaba: {due:n}"
    ),
    "broken.effects.never": (
        "se llama a {service} {calls:count vez|veces} para {partition} y ninguna tarea ha fallado; "
        "tocaba: {due:n}"
    ),
    "broken.keys.twice": (
        "{table} tiene {rows:count fila|filas} de {partition} con la clave repetida"
    ),
    "broken.history.changed": (
        "{partition} de {table}, que estaba bien, tiene {rows:count fila|filas} "
        "(la verdad son {rows_true:n})"
    ),
    "broken.history.gone": "{partition} de {table}, que estaba bien, desaparece un rato",
    "broken.shown.wrong": (
        "quien lea {table} puede encontrar {rows:count fila|filas} para {partition} "
        "({sums:figures}); la verdad son {rows_true:n} ({sums_true:figures})"
    ),
    "broken.writers.interleaved": (
        "{task} escribe {partition} de {table} entre las sentencias de otra escritura"
    ),
    "broken.order.unfinished": (
        "{task} lee {path} antes de que acabe quien lo escribe "
        "({rows:n} de {rows_true:count fila|filas}) y acaba bien"
    ),
    "broken.order.other_date": "{task} de {partition} lee {path}, que es de {found}, y acaba bien",
    "broken.liveness.late": (
        "{pipeline} de {partition} acaba a las {end:clock}, más de {bound:span} tras el problema"
    ),
    "broken.liveness.open": (
        "{pipeline} de {partition} no ha acabado {bound:span} después del problema, ni acaba"
    ),
}
