"""The stations of a site at a glance: a tile each, in as many columns as there is room for.

tiles = StationTiles(desk)
tiles.show_stations(stations_now(desk))         # again whenever something changed, and now and then: times go on

Where there are more than fit, those that have a problem come first, and the last tile leads to the others.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHelpEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QToolTip, QWidget

from ui.desk import Desk
from ui.stations.words import StationNow, doing, state_of, urgency
from ui.strings import tr
from ui.theme import Kind, Tone, font, metrics, tokens
from ui.widgets.pill import paint_pill, pill_width

_NARROWEST, _GAP, _HEIGHT, _SIDE = 300, 10, 67, 14
# Rows of tiles for so many columns; more would push the cards out of sight.
_ROWS = {1: 6, 2: 4}
_USUAL_ROWS = 3


class StationTile(QAbstractButton):
    """A name, a state and a line about it; a press or Enter opens it."""

    def __init__(self) -> None:
        super().__init__()
        self._state: tuple[str, Kind] = ("", "grey")
        self._about, self._tone = "", "muted"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_words(self, name: str, state: tuple[str, Kind], about: str, tone: Tone = "muted") -> None:
        """Say this instead; an empty state shows no pill."""
        if (name, state, about, tone) == (self.text(), self._state, self._about, self._tone):
            return
        self.setText(name.replace("&", "&&"))
        self._state, self._about, self._tone = state, about, tone
        self.setAccessibleName(", ".join(part for part in (name, state[0], about) if part))
        self.update()

    def words(self) -> tuple[str, str, str]:
        """Name, state and line, as they are read."""
        return self.text().replace("&&", "&"), self._state[0], self._about

    def sizeHint(self) -> QSize:
        return QSize(_NARROWEST, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, _HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        colours = tokens()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(QColor(colours.surface))
            focus = self.hasFocus()
            edge = colours.accent if focus else colours.faint if self.underMouse() else colours.line
            painter.setPen(QPen(QColor(edge), 2 if focus else 1))
            inset = 1 if focus else 0.5
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 8, 8)
            upper, lower = self._lines()
            if self._state[0]:
                paint_pill(painter, self._pill_room(upper), *self._state)
            _draw(painter, self._name_room(upper), self.words()[0], font(weight=600), QColor(colours.text))
            _draw(painter, lower, self._about, font(), colours.colour(self._tone))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), "\n".join(self.words()) if self._is_cut() else "", self)
            return True
        return super().event(event)

    def _lines(self) -> tuple[QRectF, QRectF]:
        room = QRectF(self.rect()).adjusted(_SIDE, 0, -_SIDE, 0)
        return QRectF(room.left(), 11, room.width(), 21), QRectF(room.left(), 35, room.width(), 21)

    def _pill_room(self, line: QRectF) -> QRectF:
        # The name is what tells one tile from another: it keeps a third at least.
        width = min(pill_width(self._state[0]), line.width() * 0.66)
        return QRectF(line.right() - width, line.top(), width, line.height())

    def _name_room(self, line: QRectF) -> QRectF:
        taken = self._pill_room(line).width() + _GAP if self._state[0] else 0
        return line.adjusted(0, 0, -taken, 0)

    def _is_cut(self) -> bool:
        upper, lower = self._lines()
        name, _, about = self.words()
        return (
            metrics(weight=600).horizontalAdvance(name) > self._name_room(upper).width()
            or pill_width(self._state[0]) > self._pill_room(upper).width() + 1
            or metrics().horizontalAdvance(about) > lower.width()
        )


class StationTiles(QWidget):
    """The grid of the accepted stations."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._stations: list[StationNow] = []
        self._tiles: list[StationTile] = []
        self._shown: list[str] = []
        self._columns = 3
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(_GAP)
        self.setAccessibleName(tr("Stations"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def tiles(self) -> list[StationTile]:
        """Those that are shown, in their order."""
        return [tile for tile in self._tiles if not tile.isHidden()]

    def show_stations(self, stations: Sequence[StationNow]) -> None:
        """Show the accepted ones of these."""
        self._stations = [station for station in stations if station.accepted]
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        columns = max(1, (self.width() + _GAP) // (_NARROWEST + _GAP))
        if columns != self._columns:
            self._columns = columns
            self._arrange()

    def _arrange(self) -> None:
        most = self._columns * _ROWS.get(self._columns, _USUAL_ROWS)
        fits = len(self._stations) <= most
        shown = self._stations if fits else sorted(self._stations, key=urgency)[: most - 1]
        self._make(len(shown) + (not fits))
        for tile, station in zip(self._tiles, shown, strict=False):
            self._say(tile, station)
        if not fits:
            more = len(self._stations) - len(shown)
            words = tr("and {count} more").format(count=more)
            self._tiles[len(shown)].show_words(words, ("", "grey"), tr("Show all stations"), "accent")
        for column in range(max(self._grid.columnCount(), self._columns)):
            self._grid.setColumnStretch(column, 1 if column < self._columns else 0)
        self._shown = [station.station.station_id for station in shown]

    def _make(self, count: int) -> None:
        while len(self._tiles) < count:
            self._tiles.append(StationTile())
            self._tiles[-1].clicked.connect(self._opening(len(self._tiles) - 1))
        for number, tile in enumerate(self._tiles):
            self._grid.removeWidget(tile)
            if number < count:
                self._grid.addWidget(tile, *divmod(number, self._columns))
            tile.setVisible(number < count)

    def _say(self, tile: StationTile, now: StationNow) -> None:
        nobody_can_charge = now.online and not (now.pool or now.faulted or now.running)
        tone: Tone = "warn" if nobody_can_charge else "muted"
        tile.show_words(now.station.title, state_of(now, self._desk.now()), doing(self._desk, now), tone)

    def _opening(self, at: int) -> Callable[[], None]:
        return lambda: self._desk.go("stations", self._shown[at] if at < len(self._shown) else None)


def _draw(painter: QPainter, room: QRectF, text: str, letters: QFont, colour: QColor) -> None:
    painter.setFont(letters)
    painter.setPen(colour)
    shown = QFontMetricsF(letters).elidedText(text, Qt.TextElideMode.ElideRight, room.width() + 0.5)
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, shown)
