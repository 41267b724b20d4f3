"""`ImportDialog`: what adding pictures would do, before it is done."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.core.class_folders import same_title
from cnnstudio.core.dataset.importing import ImportPlan, VideoSampling
from cnnstudio.core.project import ImageClass, Project, free_colour
from cnnstudio.ui.dialogs import import_words
from cnnstudio.ui.theme import class_colour
from cnnstudio.ui.widgets.import_table import ImportRow, ImportTable
from cnnstudio.ui.widgets.primary_button import primary_button, styled_button
from cnnstudio.ui.widgets.sampling_editor import SamplingEditor
from cnnstudio.ui.words import counted, pictures

_WIDTH_PX = 520


class ImportDialog(QDialog):
    """Shows how many pictures go into which classes and what is skipped; *Add* accepts the plan."""

    plan_accepted = Signal(object)

    def __init__(self, plan: ImportPlan, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan = plan
        self._project = project
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("import_dialog")
        self.setWindowTitle("Add pictures")
        self.setMinimumWidth(_WIDTH_PX)
        self._heading = _line("", "heading", "import_heading")
        self._origin = _line(import_words.origin(plan), "muted")
        self._table = ImportTable()
        self._parts = _line("", "muted", "import_parts")
        self._add = primary_button("")
        self._add.setObjectName("import_add")
        self._add.setDefault(True)
        self._add.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(self._heading)
        if plan.known or not plan.is_empty:
            layout.addWidget(self._origin)
        layout.addWidget(self._table)
        layout.addWidget(self._parts)
        if plan.clips:
            layout.addLayout(self._video_part())
        if plan.known:
            layout.addWidget(self._known_box())
        layout.addLayout(self._skipped_part())
        layout.addStretch(1)
        layout.addLayout(self._buttons())
        self._show()

    def accept(self) -> None:
        """Hand the plan over and close."""
        self.plan_accepted.emit(self._plan)
        super().accept()

    def _video_part(self) -> QVBoxLayout:
        editor = SamplingEditor(self._plan.sampling)
        editor.edited.connect(self._sample)
        part = QVBoxLayout()
        part.setSpacing(8)
        part.addWidget(_line(import_words.videos_words(self._plan.clips), "heading"))
        part.addWidget(editor)
        return part

    def _known_box(self) -> QCheckBox:
        count = len(self._plan.known)
        words = "the picture that is" if count == 1 else f"the {pictures(count)} that are"
        box = QCheckBox(f"Also add {words} in the project already")
        box.setObjectName("import_known")
        box.setToolTip("Exact copies: the same bytes, whatever the name of the file.")
        box.toggled.connect(self._take_known)
        return box

    def _skipped_part(self) -> QVBoxLayout:
        part = QVBoxLayout()
        part.setSpacing(4)
        if self._plan.skipped:
            part.addWidget(_line(f"{counted(len(self._plan.skipped), 'file')} skipped", "heading"))
            for reason in import_words.reasons(self._plan):
                part.addWidget(_line(reason, "muted"))
        return part

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        cancel = styled_button("Cancel")
        cancel.setObjectName("import_cancel")
        cancel.clicked.connect(self.reject)
        row.addWidget(cancel)
        row.addWidget(self._add)
        return row

    @Slot(object)
    def _sample(self, sampling: VideoSampling) -> None:
        self._plan = replace(self._plan, sampling=sampling)
        self._show()

    @Slot(bool)
    def _take_known(self, takes: bool) -> None:
        self._plan = replace(self._plan, takes_known=takes)
        self._show()

    def _show(self) -> None:
        """Show the plan as it is now."""
        plan = self._plan
        self._heading.setText(import_words.heading(plan))
        rows = self._rows()
        self._table.show_rows(rows)
        self._table.setVisible(self._table.rowCount() > 0)
        words = import_words.split_words(plan)
        self._parts.setText(words)
        self._parts.setVisible(bool(words))
        self._add.setText(import_words.button_words(plan))
        # Classes that are there already are nothing to add by themselves.
        self._add.setEnabled(bool(plan.taken or plan.clips) or any(row.is_new for row in rows))
        self._add.setVisible(bool(plan.known) or not plan.is_empty)

    def _rows(self) -> list[ImportRow]:
        plan = self._plan
        classes = list(self._project.classes)
        known = {same_title(key): each for each in classes for key in (each.name, each.title)}
        titles: dict[str | None, None] = dict.fromkeys(
            (*plan.class_titles, *plan.counts, *plan.frame_counts)
        )
        rows = []
        for title in titles:
            gets = import_words.count_of(plan, title)
            if title is None:
                rows.append(ImportRow("Without a class", None, False, gets))
                continue
            image_class = known.get(same_title(title))
            is_new = image_class is None
            if image_class is None:  # the colour that it will have
                image_class = ImageClass(title, title, free_colour(classes))
                classes.append(image_class)
            rows.append(ImportRow(title, class_colour(image_class.colour), is_new, gets))
        return rows


def _line(text: str, look: str, name: str = "") -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    # Names of files may look like mark-up and must not act like it.
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("class", look)
    label.setWordWrap(True)
    return label
