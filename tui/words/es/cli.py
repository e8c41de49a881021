"""What the command line says."""

from __future__ import annotations

WORDS = {
    # verdict
    "verdict.title": "{title}  ({scenario})",
    "verdict.met": "cumplido",
    "verdict.missed": "fallado",
    "verdict.bonus": "extra",
    "verdict.all_met": "{total:count objetivo cumplido|objetivos cumplidos}: todos.",
    "verdict.some_missed": "Sin cumplir: {missed} de {total:count objetivo|objetivos}.",
    "verdict.bonus_line": "Extra: {met} de {total}.",
    "verdict.more": "… y {count:count más|más}",
    "verdict.score": "puntuación",
    "verdict.score_line": (
        "{minutes:n} min de media desde una mala extracción hasta tener datos correctos"
        " · coste {cost:n} · {changes:count cambio|cambios} en la configuración"
    ),
    "verdict.identity": (
        "escenario {content} · configuración {config} · {seeds:count semilla|semillas}: {seed} "
        "y otras ocultas"
    ),
    "verdict.identity_one": "escenario {content} · configuración {config} · semilla {seed}",
    "verdict.digest": "huella {digest}",
    "verdict.window_hidden": "noches ocultas",
    "verdict.seed_hidden": "semilla oculta {seed}",
    "verdict.next": "Para mirar más:",
    "verdict.next_night": "la noche como imagen",
    "verdict.next_data": "qué entregó cada paso, con la verdad al lado",
    "verdict.next_log": "el log de una tarea",
    "verdict.next_play": "juégalo",
    "verdict.next_debrief": "qué había que aprender",
    "verdict.next_edit": "juzga tu propia configuración cada vez que la guardas",
    "verdict.next_hint": "una primera pista",
    # watch
    "watch.start": "vigilando {file}; Ctrl-C para terminar",
    "watch.unchanged": "ningún objetivo ha cambiado: {met} de {total} cumplidos",
    "watch.changed": "{met} de {total} cumplidos",
    "watch.now_met": "{id} se cumple ahora",
    "watch.now_missed": "{id} ya no se cumple",
    "watch.problems": "{count:count problema|problemas}; sigue valiendo el último veredicto",
    "watch.gone": "{file} ya no está; esperando a que vuelva",
    # list, check, new, play
    "list.level": "nivel",
    "list.minutes": "{minutes} min",
    "list.next": "orchsim play {scenario}",
    "check.holds": "se cumple",
    "check.fails": "no se cumple",
    "check.all": (
        "{count:count escenario|escenarios}, {claims:count afirmación|afirmaciones}: todo se "
        "cumple."
    ),
    "check.some": "Sin demostrar: {failed} de {claims:count afirmación|afirmaciones}.",
    "check.missed": "no cumple {missed} (esperado: {expected})",
    "new.made": "creado {folder}",
    "new.next": "Ahora edita allí scenario.yaml y config.yaml, y después",
    "play.no_terminal": (
        "play necesita un terminal ({stream} no lo es). Prueba: orchsim run {scenario} --plain"
    ),
    # show
    "show.level": "nivel {level} · {minutes} min · {type}",
    "show.objectives": "Objetivos",
    "show.night": "Noche del {night:day} ({date}) · fecha de datos {data_date}",
    "show.until": "hasta las {at:clock}",
    "show.hint": "Pista {number} de {total}",
    "show.no_hint": "{scenario} tiene {total:count pista|pistas}, así que no hay pista {number}",
    "show.more_hints": "la siguiente: orchsim show {scenario} hints {number}",
    "show.question": "Pregunta {number}",
    "show.truth": "verdad",
    "show.dashboard": "Panel",
    "show.handed_on": "Entregado",
    "show.people": "Personas",
    "show.alerts": "Alertas",
    "show.nothing": "aquí no hay nada: {reason}",
    "show.no_alerts": "no se envió ninguna alerta",
    "show.no_markers": "esa noche no pasó nada",
    "show.no_bars": "esa noche no se ejecutó ninguna tarea",
    "show.no_log": "{task} no se ejecutó esa noche",
    "show.no_difference": "ninguna diferencia esa noche",
    "show.tasks_are": "tareas de esa noche: {tasks}",
    "show.happened": "Qué pasó",
    "show.tables": "Publicado",
    "show.stale": "no actualizado",
    "show.no_data": "todavía nada",
    "show.messages": "{count:count mensaje|mensajes}",
    "show.acknowledged": "{at:given atendido a las <at:clock>|sin atender}",
    "show.knew": "{person} lo sabe desde las {at:clock}, {how:code how}",
    "show.legend": "Leyenda",
    "show.reads": "Lecturas",
    "show.before": "antes",
    "show.after": "después",
    # figures of the debrief's tables
    "figure.wrong_reads": "cifras erróneas vistas",
    "figure.missing_reads": "mañanas sin cifra",
    "figure.pages": "avisos al busca",
    "figure.false_pages": "avisos falsos",
    "figure.late_nights": "noches tardías",
    "figure.slot_hours": "horas de slot",
    "figure.cost": "coste",
    "figure.objectives_met": "objetivos cumplidos",
    # doctor
    "doctor.versions": "Versiones",
    "doctor.terminal": "Terminal",
    "doctor.settings": "Ajustes",
    "doctor.paths": "Rutas",
    "doctor.from": "de {source}",
    "doctor.scenarios": "{count:count escenario|escenarios} en {path}",
    "doctor.missing": "no está",
    # mistakes on the command line
    "usage.no_verb": 'no existe el verbo "{verb}"',
    "usage.no_option": "{verb} no tiene la opción {option}",
    "usage.missing": "falta {name}",
    "usage.bad_value": "{name}: {reason}",
    "usage.choices": "uno de {choices}",
    "usage.usage": "uso: {usage}",
    "usage.did_you_mean": '¿querías decir "{word}"?',
    "usage.watch_config": "--watch necesita un fichero que vigilar",
    "usage.watch_stdin": "--watch no puede vigilar stdin",
    "usage.against": "diff necesita una segunda configuración",
    "usage.no_task": 'esa noche no hay ninguna tarea "{task}"',
    "yes": "sí",
    "no": "no",
}
