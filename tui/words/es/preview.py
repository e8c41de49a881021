"""Lo que provocaría un runbook, antes de que nadie lo ejecute."""

from __future__ import annotations

WORDS = {
    "preview.rerun": "{at:day} {at:clock}: se vuelve a ejecutar {data_date}",
    "preview.clear": (
        "{at:day} {at:clock}: se limpia {tasks:given <tasks> de |}{pipeline} para {data_date}"
    ),
    "preview.trigger": "{at:day} {at:clock}: un run manual de {pipeline}",
    "preview.backfill": (
        "{at:day} {at:clock}: backfill de {pipeline}, de {first} a {last}"
        "{reverse:if , hacia atrás|} (reprocesar: {reprocess})"
    ),
    "preview.set_pool": "{at:day} {at:clock}: el pool {pool} pasa a {slots:count slot|slots}",
    "preview.pause": "{at:day} {at:clock}: {pipeline} {paused:if se pausa|se reanuda}",
    "preview.pause_run": (
        "{at:day} {at:clock}: {pipeline} de {data_date} {paused:if se suspende|se reanuda}"
    ),
    "preview.mark": "{at:day} {at:clock}: {pipeline} de {data_date} se marca {state}",
    "preview.nothing": "El runbook no tiene nada para estas noches.",
    "preview.outside": "Está en el runbook, pero no en estas noches",
    "preview.refused": "rechazado: {reason}",
    "preview.runs": (
        "{runs:count run|runs}: {created:n} de nueva creación, {again:n} repetidos; "
        "{at_once:n} a la vez como mucho"
    ),
    "preview.no_runs": "no da lugar a ningún run",
    "preview.ends": "acaba el {at:day} a las {at:clock}",
    "preview.ends_not": "no ha acabado el {end:day} a las {end:clock}",
    "preview.left_alone": (
        "se quedan como están: {count:count run|runs}, de {first} a {last} ({reasons:list})"
    ),
    "preview.column_number": "n.º",
    "preview.column_run": "run",
    "preview.column_fate": "",
    "preview.column_start": "inicio",
    "preview.column_end": "fin",
    "preview.column_state": "estado",
    "preview.column_what": "",
    "preview.column_without": "sin él",
    "preview.column_with": "con él",
    "preview.created": "nuevo",
    "preview.again": "repetido",
    "preview.more": "… y {count:n} más",
    "preview.writes": "Lo que reescribe",
    "preview.rewritten": "{count:count partición|particiones}, de {first} a {last}",
    "preview.often": (
        "{count:n} cambian más de una vez a la vista de los lectores; "
        "{gone:n} desaparecen entretanto"
    ),
    "preview.wrong": "al final {count:n} quedan mal, de {first} a {last}",
    "preview.right": "al final están bien las {count:n} cuya verdad se conoce",
    "preview.others": "Qué pasa con los demás runs",
    "preview.moved": "{pipeline} {run} acaba a las {after:clock} en vez de a las {before:clock}",
    "preview.moved_out": (
        "{pipeline} {run} acaba {after:given a las <after:clock>|después de estas noches} en vez "
        "de {before:given a las <before:clock>|después de estas noches}"
    ),
    "preview.unmoved": "todos acaban cuando habrían acabado de todos modos",
    "preview.longer": "{span:span} más: {reason}",
    "preview.bill": "Coste",
    "preview.slot_hours": "horas de slot",
    "preview.pages": "avisos al busca",
    "preview.cost": "coste",
    "preview.objectives": "Objetivos en estas noches",
    "preview.now_met": "{id} se cumple con él y no sin él",
    "preview.now_missed": "{id} no se cumple con él y sí sin él",
    "preview.as_before": "se cumplen los mismos con él que sin él",
    "preview.simulated": ("No es una estimación: las noches se simularon con el runbook y sin él."),
}
