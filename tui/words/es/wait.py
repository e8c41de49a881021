"""Por qué pasó el tiempo: los motivos del registro de esperas y lo que `explain` dice de ellos."""

from __future__ import annotations

WORDS = {
    "wait.schedule": "nadie lo había pedido todavía{blocker:given  (<blocker>)|}",
    "wait.run_limit": "max_active_runs: {blocker} no había terminado",
    "wait.depends_on_past": "depends_on_past: su propia tarea en {blocker}",
    "wait.upstream": "esperó a {blocker}",
    "wait.trigger_rule": "todo lo anterior había terminado y su trigger rule no la dejaba salir",
    "wait.pool": "ningún hueco libre en el pool {blocker}",
    "wait.priority": "otras pasaron antes{blocker:given , <blocker> la primera|}",
    "wait.parallelism": "parallelism: los {blocker} huecos del ejecutor estaban ocupados",
    "wait.max_active_tasks": "se había llegado a max_active_tasks de {blocker}",
    "wait.max_active_tis_per_dag": "se había llegado a max_active_tis_per_dag de {blocker}",
    "wait.max_active_tis_per_dagrun": "se había llegado a max_active_tis_per_dagrun de {blocker}",
    "wait.executor_slot": "{blocker} no tenía huecos propios",
    "wait.worker": "ningún worker la había tomado ({blocker})",
    "wait.gone": "su worker ya no existía ({blocker}) y nadie lo había notado",
    "wait.scheduler_loop": "la siguiente vuelta del scheduler",
    "wait.scheduler_down": "no había scheduler ({blocker})",
    "wait.database": "la base de metadatos no respondía, o lo hacía despacio",
    "wait.parse": "el fichero DAG de {blocker} estaba roto",
    "wait.run_queue": "max_concurrent_runs: había {blocker} ejecuciones en marcha",
    "wait.tag_limit": "tag_concurrency_limits: se había llegado al límite de la etiqueta {blocker}",
    "wait.step_limit": "max_concurrent: el ejecutor de su run tenía {blocker} pasos en marcha",
    "wait.start_up": "arrancaba el proceso de su {blocker}",
    "wait.poll": "hasta que {blocker} volvió a preguntar si había trabajo",
    "wait.work_pool_limit": "concurrency_limit: {blocker} ya tenía en marcha todos sus flow runs",
    "wait.deployment_limit": "se había llegado al concurrency_limit del deployment {blocker}",
    "wait.thread": "su task runner tenía ocupados sus{blocker:given  <blocker>|} workers",
    "wait.retry_delay": "espera entre reintentos",
    "wait.sensor_poke": "sensor{blocker:given : <blocker> no estaba listo|}",
    "wait.deferral": "diferida{blocker:given : <blocker>|}: su trigger no había saltado",
    "wait.paused": "el DAG {blocker} estaba en pausa",
    "wait.human": "hecha, o no querida, hasta que {blocker:given <blocker>|alguien} la pidió",
    "wait.running": "se ejecutó",
    "explain.night": (
        "Por qué tardó la noche del {night:day}, tal como estaba el {at:day} a las {at:clock}"
    ),
    "explain.sums": "Tiempo de todas las instancias de tarea, por motivo",
    "explain.column_reason": "motivo",
    "explain.column_time": "tiempo",
    "explain.column_share": "parte",
    "explain.column_instances": "instancias",
    "explain.path": "Camino crítico hasta {task} de {run}",
    "explain.task": (
        "{task} de {run}: debía empezar a las {due:clock}; "
        "{over:if terminó a las|sin terminar a las} {end:clock}"
    ),
    "explain.held_by": "ocupado por {holders:list}{more:given  y <more:n> más|}",
    "explain.what_if": (
        "Sin esta espera ({task}: {reason}) {subject} habría empezado a las "
        "{after:clock} en vez de a las {before:clock}."
    ),
    "explain.what_if_same": (
        "Sin esta espera ({task}: {reason}) {subject} habría empezado igualmente a las "
        "{before:clock}: entonces la frena otra cosa."
    ),
    "explain.what_if_at_all": (
        "Sin esta espera ({task}: {reason}) {subject} habría empezado a las {after:clock}; tal "
        "como está, a las {at:clock} aún no ha empezado."
    ),
    "explain.what_if_never": (
        "Sin esta espera ({task}: {reason}) {subject} no habría empezado antes de las {at:clock}."
    ),
    "explain.replayed": "No es una estimación: la noche se simuló otra vez sin ella.",
    "explain.deadlock": "Un círculo de esperas que nadie de fuera puede romper (interbloqueo)",
    "explain.starvation": "Un círculo de esperas (inanición: solo otros pueden romperlo)",
    "explain.edge": "{waiting} espera a {holder}: {reason}",
    "explain.nothing": "hasta entonces no pasó nada",
}
