"""Reglas de los sistemas reales en que se apoya una diferencia, una frase cada una."""

from __future__ import annotations

WORDS = {
    "rule.airflow.cron-text.2": (
        "{release}: un texto cron se convierte en CronDataIntervalTimetable, pues "
        "create_cron_data_intervals vale True por defecto: un run arranca cuando termina su "
        "intervalo de datos."
    ),
    "rule.airflow.cron-text.3": (
        "{release}: un texto cron se convierte en CronTriggerTimetable, pues "
        "create_cron_data_intervals vale False por defecto: un run en cada tick, y su "
        "intervalo de datos no dura nada."
    ),
    "rule.airflow.interval-timetable": (
        "{release}: con un timetable de intervalos un run arranca cuando termina su "
        "intervalo de datos."
    ),
    "rule.airflow.trigger-timetable": (
        "{release}: con un timetable de disparo hay un run en cada tick."
    ),
    "rule.airflow.zone-of-the-schedule": (
        "{release}: los ticks son los de la zona del propio DAG, y aquello en lo que trabaja "
        "un run está en el propio run, como instantes."
    ),
    "rule.airflow.ds-of-interval": (
        "{release}: `ds` es el inicio del intervalo de datos: a las tres de la madrugada, el "
        "día anterior."
    ),
    "rule.airflow.ds-of-tick": (
        "{release}: el intervalo de un timetable de disparo no dura nada, así que `ds` es el "
        "día del tick: a las tres de la madrugada, un día que apenas ha empezado."
    ),
    "rule.airflow.catchup-default.2": (
        "{release}: catchup vale True por defecto: cada intervalo desde start_date tiene su run."
    ),
    "rule.airflow.catchup-default.3": (
        "{release}: catchup vale False por defecto: solo la última fecha de la planificación "
        "tiene run."
    ),
    "rule.airflow.catchup-written": (
        "{release}: con catchup escrito como true, cada fecha desde start_date tiene su run."
    ),
    "rule.airflow.no-catchup-written": (
        "{release}: con catchup escrito como false, solo la última fecha de la planificación "
        "tiene run; también si ya ha pasado cuando se ve el DAG por primera vez."
    ),
    "rule.airflow.dependencies": (
        "{release}: una tarea arranca cuando su trigger rule la deja, por defecto cuando "
        "todas las anteriores han acabado bien."
    ),
    "rule.airflow.retries": (
        "{release}: a un intento fallido le sigue otro tras retry_delay (300 s por defecto), "
        "tantas veces como diga `retries`."
    ),
    "rule.airflow.no-retries": (
        "{release}: `retries` vale 0 por defecto: el intento que falla es el último."
    ),
    "rule.airflow.upstream-failed": (
        "{release}: con all_success, la tarea que sigue a una fallida queda upstream_failed "
        "y no se ejecuta."
    ),
    "rule.airflow.sensor": (
        "{release}: un sensor pregunta cada poke_interval hasta que lo que espera está ahí."
    ),
    "rule.airflow.scheduler-loop": (
        "{release}: lo que puede arrancar arranca con la siguiente vuelta del scheduler."
    ),
    "rule.airflow.run-limit": (
        "{release}: no hay más de max_active_runs runs de un DAG a la vez (16 por defecto)."
    ),
    "rule.airflow.heartbeat.2": (
        "{release}: una instancia de la que no se sabe nada en 300 s es un zombi, y un "
        "callback la da por fallida."
    ),
    "rule.airflow.heartbeat.3": (
        "{release}: a una instancia de la que no se sabe nada en 300 s el scheduler la da "
        "por fallida."
    ),
    "rule.airflow.message": (
        "{release}: a una persona se le avisa con un callback: on_retry_callback tras un "
        "intento al que sigue otro, on_failure_callback tras el último."
    ),
    "rule.airflow.no-message": (
        "{release}: por defecto no hay callbacks, y una tarea que acaba bien con datos malos "
        "no tiene nada que contar."
    ),
    "rule.airflow.backfill.2": (
        "{release}: `airflow dags backfill` es un proceso propio con su propia vuelta: si "
        "muere, sus runs se quedan en marcha; las fechas que ya tienen run lo reutilizan y "
        "sus éxitos no se tocan."
    ),
    "rule.airflow.backfill.3": (
        "{release}: un backfill es cosa del scheduler: los runs se crean de golpe, diez "
        "activos a la vez por defecto, y una fecha que ya tiene run se deja fuera salvo que "
        "reprocess_behavior diga otra cosa."
    ),
    "rule.airflow.manual-run.2": (
        "{release}: un run manual tiene fecha lógica, el momento de la petición, y el último "
        "intervalo de datos terminado."
    ),
    "rule.airflow.manual-run.3": (
        "{release}: un run manual sin fecha lógica no la tiene, ni intervalo de datos."
    ),
    "rule.airflow.sla.2": (
        "{release}: se vigila el `sla` de una tarea, y sla_miss_callback cuenta el incumplimiento."
    ),
    "rule.airflow.sla.3": (
        "{release}: `sla` se acepta y nadie lo vigila; lo que hay son los deadlines del DAG."
    ),
    "rule.airflow.removed.3": (
        "{release}: una opción de 2.x que ya no existe no hace nada o se rechaza."
    ),
    "rule.cron.five-fields": (
        "{release}: una línea arranca cada vez que el reloj de la pared coincide con sus "
        "cinco campos, y no sabe de ninguna otra."
    ),
    "rule.cron.missed-is-lost": (
        "{release}: lo que tocaba antes de que el demonio mirase, o con la máquina apagada, "
        "no arranca nunca."
    ),
    "rule.cron.anacron-days": (
        "{release}: un trabajo toca cuando han pasado tantos días como dice su periodo desde la "
        "fecha de su marca; a qué hora arranca depende de qué arranca anacron, de su retardo y de "
        "las horas permitidas."
    ),
    "rule.cron.anacron-once": (
        "{release}: por muchos días que se hayan perdido, un trabajo se ejecuta una sola vez, y "
        "no una por cada día."
    ),
    "rule.cron.anacron-order": (
        "{release}: los trabajos arrancan por orden de retardo, con -s uno tras otro, y nadie "
        "mira un código de salida."
    ),
    "rule.cron.no-date": (
        "{release}: una orden no recibe ninguna fecha; el script la toma del reloj cuando arranca."
    ),
    "rule.cron.one-script": (
        "Las órdenes de un mismo script van una tras otra, sea la hora que sea."
    ),
    "rule.cron.exit-status-ignored": (
        "{release}: una línea no espera a ninguna otra, y nadie mira un código de salida."
    ),
    "rule.cron.no-retry": (
        "{release}: una orden que ha fallado no vuelve a arrancar hasta su siguiente hora."
    ),
    "rule.cron.script-retries": (
        "Una orden solo se repite donde el propio script lo dice (`||`, un bucle)."
    ),
    "rule.cron.script-tells": (
        "{release}: una persona se entera por lo que envía el script o por el correo con su salida."
    ),
    "rule.cron.silent": (
        '{release}: su único aviso es el correo con la salida de una orden; con MAILTO="" no '
        "hay ninguno, y un fallo sin salida nunca lo tiene."
    ),
    "rule.cron.clock-change.debian": (
        "{release}: si el reloj retrocede hasta tres horas, las líneas con hora fija no se "
        "repiten; si avanza, se recuperan en el acto. Las líneas con `*` en minuto u hora "
        "siguen al reloj de la pared."
    ),
    "rule.cron.clock-change.busybox": (
        "{release}: solo existe el reloj de la pared: la hora que se salta no arranca nunca, "
        "la que enseña dos veces arranca dos veces."
    ),
    "rule.dagster.schedule": (
        "{release}: un schedule en RUNNING pide un run en cada tick de su cron_schedule; al "
        "principio todos están en STOPPED."
    ),
    "rule.dagster.latest-tick": (
        "{release}: de los ticks que un schedule sin particiones se perdió solo se ejecuta "
        "el último."
    ),
    "rule.dagster.partition-or-clock": (
        "{release}: un run sin clave de partición no tiene fecha propia; trabaja en lo que "
        "su código saque de la hora del tick."
    ),
    "rule.dagster.steps": (
        "{release}: un paso arranca cuando han acabado todos los anteriores, y cada run pasa "
        "antes por la cola."
    ),
    "rule.dagster.retries": (
        "{release}: un paso se reintenta donde tiene RetryPolicy; con run_retries, un run "
        "fallido se ejecuta otra vez como un run nuevo."
    ),
    "rule.dagster.no-retries": (
        "{release}: no hay RetryPolicy si no se da una, y run_retries está apagado."
    ),
    "rule.dagster.abandoned": (
        "{release}: el paso que sigue a uno fallido se abandona: no se ejecuta y ningún "
        "evento lo cuenta."
    ),
    "rule.dagster.daemons": (
        "{release}: los demonios actúan por vueltas: los runs salen de la cola cada 5 s."
    ),
    "rule.dagster.run-queue": (
        "{release}: un run espera en la cola mientras esté agotado max_concurrent_runs, que es "
        "10 por defecto, o un límite de sus tags o pools."
    ),
    "rule.dagster.sensor": (
        "{release}: un sensor se evalúa cada 30 s como mucho, y un run_key que ya tuvo algún "
        "run se salta."
    ),
    "rule.dagster.hooks": (
        "{release}: a una persona se le avisa con un hook de un paso o un sensor del estado "
        "de los runs."
    ),
    "rule.dagster.no-hooks": (
        "{release}: no hay hooks ni sensores si no se definen, y los sensores empiezan en STOPPED."
    ),
    "rule.dagster.clock-change": (
        "{release}: una hora fija que el reloj se salta dispara al volver, la que enseña dos veces "
        "dispara la segunda; los schedules de cada hora siguen al reloj."
    ),
    "rule.prefect.planned-ahead": (
        "{release}: el servidor planifica por adelantado los runs de un schedule activo, al menos "
        "tres, y un worker o runner toma cada uno cuando se acerca su hora."
    ),
    "rule.prefect.planned-from-now": (
        "{release}: no se planifica nada para una hora que ya pasó; los runs planificados que "
        "nadie tomó se quedan, y se ejecutan todos cuando alguien vuelve a preguntar."
    ),
    "rule.prefect.clock-change": (
        "{release}: una hora fija que el reloj se salta llega una hora antes, la que enseña dos "
        "veces llega una."
    ),
    "rule.prefect.scheduled-start": (
        "{release}: un flow run tiene su hora prevista y sus parámetros; el día en que trabaja es "
        "el que su código saque de ahí."
    ),
    "rule.prefect.futures": (
        "{release}: un task run espera los futuros que recibe o que están en wait_for; una llamada "
        "que no se envía con submit simplemente viene después."
    ),
    "rule.prefect.retries": (
        "{release}: una tarea se reintenta dentro de su run; un flow que lanzó un error se ejecuta "
        "otra vez desde arriba, en el mismo proceso, y solo se conservan los resultados "
        "persistidos."
    ),
    "rule.prefect.no-retries": (
        "{release}: los reintentos de tareas y flows son 0 por defecto, y lo que acabó en Crashed "
        "no se reintenta nunca."
    ),
    "rule.prefect.not-ready": (
        "{release}: un task run que recibe algo que no se completó se queda en Pending como "
        "NotReady, y su función no se llama."
    ),
    "rule.prefect.polls": (
        "{release}: un worker pregunta por runs cada 10 s más o menos, con un tercio de margen."
    ),
    "rule.prefect.deployment-limit": (
        "{release}: con el límite de concurrencia de un deployment agotado, un run lo intenta otra "
        "vez a los 30 s o se cancela, según su collision strategy."
    ),
    "rule.prefect.hooks": (
        "{release}: a una persona la avisa un hook de una tarea o un flow, en su proceso, o una "
        "automation del servidor."
    ),
    "rule.prefect.no-hooks": ("{release}: no hay hooks ni automations si nadie los crea."),
    "rule.prefect.no-backfill": (
        "{release}: no hay backfill; se crea un run para cada fecha, con la fecha como parámetro."
    ),
    "rule.systemd.on-calendar": (
        "{release}: un timer arranca su unidad cuando vence OnCalendar, hasta AccuracySec después "
        "(1 min por defecto), y descarta el arranque si la unidad sigue activa."
    ),
    "rule.systemd.persistent": (
        "{release}: con Persistent=true, un timer que perdió algún vencimiento con la máquina "
        "apagada arranca su unidad una vez."
    ),
    "rule.systemd.missed-is-lost": (
        "{release}: lo que venció con la máquina apagada se pierde, porque Persistent es false por "
        "defecto."
    ),
    "rule.systemd.clock-change": (
        "{release}: la hora que el reloj se salta no llega ese día, la que enseña dos veces llega "
        "una, también en los timers de cada hora."
    ),
    "rule.systemd.no-date": (
        "{release}: una unidad no recibe fecha; su script la toma del reloj con que arranca."
    ),
    "rule.systemd.requires-after": (
        "{release}: Requires= arranca también otra unidad, After= espera a que acabe; solo las dos "
        "juntas hacen una cadena."
    ),
    "rule.systemd.timer-alone": (
        "{release}: un timer conoce su unidad; sin Requires= y After= no espera a ninguna otra."
    ),
    "rule.systemd.restart": (
        "{release}: con Restart=on-failure, la unidad que falló arranca otra vez entera tras "
        "RestartSec, hasta llegar a StartLimitBurst."
    ),
    "rule.systemd.no-restart": (
        "{release}: Restart es no por defecto: la unidad que falló así se queda."
    ),
    "rule.systemd.dependency-failed": (
        "{release}: cuando falla una unidad requerida, el job de la siguiente acaba con el "
        "resultado dependency, y nada de ella se ejecuta."
    ),
    "rule.systemd.on-failure": (
        "{release}: OnFailure= arranca una unidad cuando esta pasa a failed, tras el último "
        "reinicio; un script puede avisar antes."
    ),
    "rule.systemd.journal-only": (
        "{release}: la salida y el código van al journal, y no se avisa a nadie."
    ),
    "rule.cron.loop-by-hand": (
        "{release}: de lo ejecutado no se sabe nada; quien quiere fechas otra vez ejecuta las "
        "líneas en un bucle, cada una por su lado."
    ),
    "rule.dagster.backfill": (
        "{release}: un backfill es de particiones, run a run según la BackfillPolicy; lo que no "
        "tiene particiones no se puede rellenar."
    ),
    "rule.systemd.start-by-hand": (
        "{release}: no hay fecha que repetir; quien quiere una arranca las unidades a mano, una "
        "fecha tras otra."
    ),
}
