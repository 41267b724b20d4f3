"""`ExportRow`: one format that a run can be exported in, and what became of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.core.catalog.export_formats import ExportFormat
from cnnstudio.core.exporting.exported import Exported, milliseconds_words
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.widgets.restyle import restyle
from cnnstudio.ui.words import megabytes, millions

COLUMNS = (("Size", 64), ("Parameters", 72), ("A picture here", 84), ("On a phone", 72))
"""The columns of numbers between the name and the proof, each with its width in pixels."""
PROOF_PX = 336
GAP_PX = 16
_INDENT_PX = 22
# Two lines, so that all rows are of one height.
_HELP_PX = 30
_NOTHING = "–"


class ExportRow(QFrame):
    """A box to tick with a line of help; after the export its figures and what the proof said.

    Where the proof failed it asks: `keep_wanted` and `discard_wanted` carry what was held back.
    """

    toggled = Signal()
    keep_wanted = Signal(object)
    discard_wanted = Signal(object)

    def __init__(self, row: ExportFormat, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.format = row
        self._exported: Exported | None = None
        self.choice = QCheckBox(row.label)
        self.choice.setObjectName(f"export_choice_{row.key}")
        self.choice.setAccessibleDescription(row.help)
        self.choice.toggled.connect(lambda _on: self.toggled.emit())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 4)
        layout.setSpacing(GAP_PX)
        layout.addLayout(self._name(), 1)
        self._figures = tuple(_figure(width_px) for _, width_px in COLUMNS)
        for figure in self._figures:
            layout.addWidget(figure)
        layout.addWidget(self._proof())
        self.forget()

    @property
    def exported(self) -> Exported | None:
        """What became of the format, once it was exported."""
        return self._exported

    def forget(self) -> None:
        """Show nothing of an earlier export."""
        self._exported = None
        self._show_figures(*[""] * len(COLUMNS))
        self._say("", "")

    def show_exported(self, exported: Exported) -> None:
        """Show the figures of an export, what its proof said, and what is asked."""
        self._exported = exported
        if not exported.problem:
            here, phone = exported.milliseconds, exported.phone_milliseconds
            self._show_figures(
                megabytes(exported.size_bytes),
                millions(exported.parameters),
                _NOTHING if here is None else milliseconds_words(here),
                _NOTHING if phone is None else f"≈ {milliseconds_words(phone)}",
            )
        if exported.is_handed_over:
            look, ending = ("good", "") if exported.is_proved else ("warn", "Kept on your word.")
        elif exported.is_held_back:
            look, ending = "warn", "Held back: keep it only if that does not matter to you."
        else:
            look, ending = "bad", "" if exported.problem else "Thrown away."
        self._say(f"{exported.words} {ending}".strip(), look)
        for button in (self._keep, self._discard):
            button.setVisible(exported.is_held_back)

    def _name(self) -> QVBoxLayout:
        words = QLabel(self.format.help)
        words.setProperty("class", "facts")
        words.setContentsMargins(_INDENT_PX, 0, 0, 0)
        words.setMinimumHeight(_HELP_PX)
        words.setAlignment(Qt.AlignmentFlag.AlignTop)
        words.setWordWrap(True)
        name = QVBoxLayout()
        name.setSpacing(0)
        name.addWidget(self.choice)
        name.addWidget(words)
        return name

    def _proof(self) -> QWidget:
        key, label = self.format.key, self.format.label
        self._words = QLabel()
        self._words.setObjectName(f"export_words_{key}")
        # Names of files may look like mark-up and must not act like it.
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._keep = styled_button("Keep it anyway", small=True)
        self._keep.setObjectName(f"export_keep_{key}")
        self._keep.setAccessibleName(f"{label}: keep it anyway")
        self._keep.clicked.connect(lambda: self.keep_wanted.emit(self._exported))
        self._discard = styled_button("Throw it away", small=True)
        self._discard.setObjectName(f"export_discard_{key}")
        self._discard.setAccessibleName(f"{label}: throw it away")
        self._discard.clicked.connect(lambda: self.discard_wanted.emit(self._exported))
        cell = QWidget()
        cell.setFixedWidth(PROOF_PX)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._keep)
        buttons.addWidget(self._discard)
        buttons.addStretch(1)
        layout = QVBoxLayout(cell)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._words)
        layout.addLayout(buttons)
        return cell

    def _say(self, words: str, look: str) -> None:
        self._words.setText(words)
        self._words.setProperty("class", f"facts {look}".strip())
        restyle(self._words)
        # Layouts ask wrapped words for their height at another width than they get.
        self._words.setMinimumHeight(self._words.heightForWidth(PROOF_PX) if words else 0)
        for button in (self._keep, self._discard):
            button.hide()

    def _show_figures(self, *words: str) -> None:
        for figure, (title, _), text in zip(self._figures, COLUMNS, words, strict=True):
            figure.setText(text)
            figure.setAccessibleName(f"{self.format.label}, {title}: {text}" if text else "")


def _figure(width_px: int) -> QLabel:
    label = QLabel()
    label.setFixedWidth(width_px)
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return label
