"""The look of the app: layout in three widths and two heights; no colour carries meaning alone."""

from __future__ import annotations

CSS = """
Screen { layout: vertical; }
#headline { height: 1; text-style: bold; background: $primary-background; color: $text; }
#tabs, #status, #keys { height: 1; }
#status { background: $panel; color: $text; }
#views { height: 1fr; }
.view { height: 1fr; }
.text { height: auto; padding: 0 1; }
.-narrow .text { padding: 0; }
#night { layout: vertical; }
#gantt { height: auto; max-height: 50%; padding: 0; }
#strip { height: 1; }
#detail, .beside { height: 1fr; width: 1fr; padding: 0 1; }
.-narrow #detail { padding: 0; }
.beside { display: none; border-left: solid $panel; }
#panes { height: 1fr; }
.-normal #second, .-wide .beside { display: block; }
#editor { height: 1fr; border: none; padding: 0; }
#side { height: auto; max-height: 40%; }
#problems { height: auto; max-height: 100%; padding: 0 1; background: $panel; }
#last { display: none; height: 1fr; padding: 1 1 0 1; }
.-normal #config, .-wide #config { layout: horizontal; }
.-normal #editor, .-wide #editor { width: 3fr; }
.-normal #side, .-wide #side { width: 2fr; max-height: 100%; height: 1fr; }
.-normal #problems, .-wide #problems { max-height: 50%; }
.-normal #last, .-wide #last { display: block; }
.small #views, .small #tabs, .small #status, .small #keys { display: none; }
.small #headline { height: 1fr; content-align: center middle; }
.short #status { display: none; }
Modal { align: center middle; background: $background 60%; }
#sheet {
    width: 90%; max-width: 100; height: auto; max-height: 90%; padding: 0 1; background: $panel;
}
#sides { height: 1fr; }
#lanes { height: auto; }
.ascii * { scrollbar-size: 0 0; }
.ascii .beside { border-left: none; }
"""
