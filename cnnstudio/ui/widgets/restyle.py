"""`restyle`: makes the style sheet look again at a widget whose properties changed."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def restyle(widget: QWidget) -> None:
    """Apply the style sheet anew to `widget` and to what lies in it.

    Qt reads the properties that a style sheet selects by only when a widget is polished.
    """
    for each in (widget, *widget.findChildren(QWidget)):
        each.style().unpolish(each)
        each.style().polish(each)
    widget.update()
