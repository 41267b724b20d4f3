"""`ClassList`: all pictures, those without a class, and every class with its count."""

from __future__ import annotations

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from cnnstudio.ui.mime_sources import has_sources
from cnnstudio.ui.models.class_model import ROW_ROLE, ClassModel, ClassRow, RowKind
from cnnstudio.ui.theme import FACTS_PX, Theme
from cnnstudio.ui.widgets.bar import paint_bar
from cnnstudio.ui.widgets.sample_view import is_of_samples
from cnnstudio.ui.words import count_words

ROW_INSET_PX = 8
"""Between the edge of a row's ground and its words."""

_PILL_PX = 34
_ROW_PX = 36
_CLASS_ROW_PX = 45
_SEPARATOR_PX = 13
_SWATCH_PX = 10
_KEY_PX = 18
_GAP_PX = 8
_LEAST_COUNT_PX = 34
_BAR_PX = 3

Index = QModelIndex | QPersistentModelIndex


class ClassDelegate(QStyledItemDelegate):
    """Paints a row: swatch, title, number key, count, and a bar for the count."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.drop_row = -1

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Classes are taller than the two rows above them, which a line sets apart."""
        row = index.data(ROW_ROLE)
        kind = row.kind if isinstance(row, ClassRow) else RowKind.CLASS
        heights = {RowKind.ALL: _ROW_PX, RowKind.WITHOUT_CLASS: _ROW_PX + _SEPARATOR_PX}
        return QSize(80, heights.get(kind, _CLASS_ROW_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the row."""
        row = index.data(ROW_ROLE)
        if not isinstance(row, ClassRow):
            return
        palette = self._theme.palette
        pill = _pill(option.rect)
        line = pill.adjusted(ROW_INSET_PX, 0, -ROW_INSET_PX, 0)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_framed = index.row() == self.drop_row or _has_focus_by_key(option)
        self._paint_ground(painter, pill, option.state, is_framed=is_framed)
        if row.colour is not None:
            swatch = QRectF(line.left(), 0, _SWATCH_PX, _SWATCH_PX)
            swatch.moveTop(line.center().y() - _SWATCH_PX / 2 + 0.5)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(row.colour)
            painter.drawRoundedRect(swatch, 3, 3)
        count = count_words(row.count)
        count_px = max(_LEAST_COUNT_PX, QFontMetrics(option.font).horizontalAdvance(count))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(option.font)
        painter.setPen(QColor(palette.muted))
        painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, count)
        right = line.right() - count_px - _GAP_PX
        if row.key:
            self._paint_key(painter, right, line, row.key)
            right -= _KEY_PX + _GAP_PX
        title = QRect(line)
        title.setLeft(_title_left(row, line))
        title.setRight(right)
        words = QFontMetrics(option.font).elidedText(
            row.title, Qt.TextElideMode.ElideRight, title.width()
        )
        painter.setFont(option.font)
        painter.setPen(QColor(palette.text))
        painter.drawText(title, middle | Qt.TextFlag.TextSingleLine, words)
        if row.kind is RowKind.CLASS and row.colour is not None:
            bar = QRectF(line.left(), pill.bottom() + 3, line.width(), _BAR_PX)
            share = row.share if row.count else 0.0
            paint_bar(painter, bar, share, row.colour, QColor(palette.line))
        elif row.kind is RowKind.WITHOUT_CLASS:
            y = pill.bottom() + 1 + _SEPARATOR_PX // 2
            painter.fillRect(QRect(line.left(), y, line.width(), 1), QColor(palette.line))
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A plain field for the title."""
        field = QLineEdit(parent)
        field.setObjectName("images_class_title")
        field.setAccessibleName("Name of the class")
        return field

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """Over the title, the swatch stays visible."""
        row = index.data(ROW_ROLE)
        pill = _pill(option.rect)
        if isinstance(row, ClassRow):
            line = pill.adjusted(ROW_INSET_PX, 0, -ROW_INSET_PX, 0)
            pill.setLeft(_title_left(row, line) - 6)
        editor.setGeometry(pill.adjusted(0, 1, 0, -1))

    def _paint_ground(
        self, painter: QPainter, pill: QRect, state: QStyle.StateFlag, *, is_framed: bool
    ) -> None:
        palette = self._theme.palette
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if is_selected or is_framed:
            painter.setBrush(QColor(palette.accent_soft))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(palette.hover))
        if is_framed:
            painter.setPen(QPen(QColor(palette.accent), 1))
        painter.drawRoundedRect(QRectF(pill).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)

    def _paint_key(self, painter: QPainter, right: int, line: QRect, key: str) -> None:
        palette = self._theme.palette
        box = QRectF(right - _KEY_PX, 0, _KEY_PX, _KEY_PX)
        box.moveTop(line.center().y() - _KEY_PX / 2 + 0.5)
        painter.setPen(QPen(QColor(palette.line), 1))
        painter.setBrush(QColor(palette.ground))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        font = QFont(painter.font())
        font.setPixelSize(FACTS_PX)
        painter.setFont(font)
        painter.setPen(QColor(palette.muted))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, key)


class ClassList(QListView):
    """Chooses what the grid shows; takes drops of samples and of files.

    Signals that carry a `ClassRow` mean the row that was acted on.
    """

    row_chosen = Signal(object)
    number_pressed = Signal(int)
    remove_wanted = Signal(str)
    samples_dropped = Signal(object)
    sources_dropped = Signal(object, object)

    def __init__(self, model: ClassModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes = model
        self._delegate = ClassDelegate(theme, self)
        self._kind = RowKind.ALL
        self._name: str | None = None
        self.setItemDelegate(self._delegate)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
        )
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAcceptDrops(True)
        self.setModel(model)
        model.modelReset.connect(self._restore_choice)
        model.dataChanged.connect(self._note_choice)
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        theme.changed.connect(self.viewport().update)

    def chosen_row(self) -> ClassRow | None:
        """Return the row that is chosen, None before a project is open."""
        row = self.currentIndex().data(ROW_ROLE)
        return row if isinstance(row, ClassRow) else None

    def choose(self, kind: RowKind, name: str | None = None) -> None:
        """Choose a row as if the user had clicked it; all pictures where it is not there."""
        at = self._classes.row_of(kind, name)
        self.setCurrentIndex(self._classes.index(max(at, 0)))

    def edit_title(self, name: str) -> None:
        """Let the user type another title for a class, in its row."""
        at = self._classes.row_of(RowKind.CLASS, name)
        if at >= 0:
            self.edit(self._classes.index(at))

    def rect_of(self, kind: RowKind, name: str | None = None) -> QRect:
        """Return where a row lies in the viewport."""
        return self.visualRect(self._classes.index(self._classes.row_of(kind, name)))

    # What Qt calls

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Number keys label, Delete removes the class; arrows choose."""
        row = self.chosen_row()
        text = event.text()
        is_plain = not event.modifiers() & ~(
            Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier
        )
        if is_plain and len(text) == 1 and text in "0123456789":
            self.number_pressed.emit(int(text))
        elif is_plain and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            if row is not None and row.name is not None:
                self.remove_wanted.emit(row.name)
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take samples of the grid, and pictures from anywhere."""
        self._answer_drag(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Light up the row under the mouse."""
        self._answer_drag(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Put the light out."""
        self._set_drop_row(-1)

    def dropEvent(self, event: QDropEvent) -> None:
        """Say what was dropped on which row."""
        row = self._row_under(event)
        self._set_drop_row(-1)
        if row is None:
            event.ignore()
        elif is_of_samples(event.mimeData()):
            event.setDropAction(Qt.DropAction.MoveAction)
            event.accept()
            self.samples_dropped.emit(row)
        else:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.sources_dropped.emit(event.mimeData(), row)

    # Inside

    def _answer_drag(self, event: QDragMoveEvent) -> None:
        row = self._row_under(event)
        of_samples = is_of_samples(event.mimeData())
        takes = of_samples or has_sources(event.mimeData())
        if row is None or not takes or (of_samples and row.kind is RowKind.ALL):
            self._set_drop_row(-1)
            event.ignore()
            return
        self._set_drop_row(self._classes.row_of(row.kind, row.name))
        move, copy = Qt.DropAction.MoveAction, Qt.DropAction.CopyAction
        event.setDropAction(move if of_samples else copy)
        event.accept()

    def _row_under(self, event: QDropEvent) -> ClassRow | None:
        row = self.indexAt(event.position().toPoint()).data(ROW_ROLE)
        return row if isinstance(row, ClassRow) else None

    def _set_drop_row(self, row: int) -> None:
        if row != self._delegate.drop_row:
            self._delegate.drop_row = row
            self.viewport().update()

    def _on_current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        row = current.data(ROW_ROLE)
        if isinstance(row, ClassRow):
            self._note_choice()
            self.row_chosen.emit(row)

    def _note_choice(self) -> None:
        row = self.chosen_row()
        if row is not None:
            self._kind, self._name = row.kind, row.name

    def _restore_choice(self) -> None:
        if self._classes.rows:
            self.choose(self._kind, self._name)


def _pill(rect: QRect) -> QRect:
    return QRect(rect.left(), rect.top(), rect.width(), _PILL_PX)


def _title_left(row: ClassRow, line: QRect) -> int:
    return line.left() + (_SWATCH_PX + _GAP_PX if row.colour is not None else 0)


def _has_focus_by_key(option: QStyleOptionViewItem) -> bool:
    """Whether the row has the keyboard's focus, and the user moves about by keys."""
    by_key = option.widget.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
    return by_key and bool(option.state & QStyle.StateFlag.State_HasFocus)
