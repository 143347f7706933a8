"""Colours, fonts and the look of the whole window.

Usage, once, right after the QApplication is made and before the first widget:

    theme = Theme(app)             # follows the system, live
    theme.choose("dark")           # or "light", or "system" again

A widget that paints itself asks `tokens()` for the colours in force at each paint, and `font(...)` for its font.
Everything else is coloured by the one style sheet in `ui.stylesheet`.
"""

from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QStyleFactory

from ui.stylesheet import stylesheet

Choice = Literal["system", "light", "dark"]
_SCHEMES: dict[Choice, Qt.ColorScheme] = {
    "system": Qt.ColorScheme.Unknown,
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}
Kind = Literal["ok", "bad", "warn", "info", "grey"]
Tone = Literal["text", "muted", "accent", "ok", "bad", "warn", "info"]

RESOURCES = Path(str(files("resources")))
SANS = "Inter"
MONO = "JetBrains Mono"
# Pixels of an unscaled screen. Qt draws whole sizes only.
BODY, SMALL, H1 = 13, 12, 18


@dataclass(frozen=True)
class Tokens:
    """The colours of one scheme, as `#RRGGBB`.

    Every colour for words reads at 4.5:1 or better on every ground it is used on. `line` and `faint` are for lines and
    marks, never for words.
    """

    bg: str
    surface: str
    line: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_soft: str
    on_accent: str
    ok: str
    ok_soft: str
    bad: str
    bad_soft: str
    warn: str
    warn_soft: str
    info: str
    info_soft: str
    sel: str
    rail: str

    def pair(self, kind: Kind) -> tuple[QColor, QColor]:
        """The soft ground of a kind of pill or note, and the colour of the words on it."""
        if kind == "grey":
            return self.colour("bg"), self.colour("muted")
        return self.colour(f"{kind}_soft"), self.colour(kind)

    def colour(self, name: str) -> QColor:
        """The colour of that name, for painting with. It is everybody's: do not change it."""
        return _colour(getattr(self, name))


@lru_cache
def _colour(text: str) -> QColor:
    return QColor(text)


LIGHT = Tokens(
    bg="#F6F7F9",
    surface="#FFFFFF",
    line="#E3E6EB",
    text="#1B2330",
    muted="#616B7F",
    faint="#98A2B3",
    accent="#0B7A75",
    accent_soft="#E2F3F1",
    on_accent="#FFFFFF",
    ok="#147A3A",
    ok_soft="#E3F5E9",
    bad="#B42318",
    bad_soft="#FDE8E6",
    warn="#93590A",
    warn_soft="#FDF1DC",
    info="#2456B8",
    info_soft="#E6EEFC",
    sel="#EAF4F3",
    rail="#FBFCFD",
)
DARK = Tokens(
    bg="#15181D",
    surface="#1C2027",
    line="#2D333D",
    text="#E6E9EE",
    muted="#9AA4B2",
    faint="#6B7482",
    accent="#3FB8AF",
    accent_soft="#16332F",
    on_accent="#06201E",
    ok="#5CC98A",
    ok_soft="#163222",
    bad="#F0837A",
    bad_soft="#3B1D1B",
    warn="#E5B25D",
    warn_soft="#362A14",
    info="#8DB2F5",
    info_soft="#1A2740",
    sel="#1D2F2E",
    rail="#191C22",
)


# Once: every cell of a table asks.
_DARK_GROUND = QColor(DARK.bg).rgb()


def tokens() -> Tokens:
    """The colours in force now. Ask at each paint: the scheme may change while the window is open."""
    window = QGuiApplication.palette().color(QPalette.ColorRole.Window)
    return DARK if window.rgb() == _DARK_GROUND else LIGHT


def font(size: int = BODY, weight: int = 400, *, mono: bool = False, tabular: bool = False) -> QFont:
    """A bundled font: `size` in pixels of an unscaled screen, `weight` 400 to 700, `tabular` for digits that align."""
    return QFont(_font(size, weight, mono, tabular))


def metrics(size: int = BODY, weight: int = 400, *, mono: bool = False, tabular: bool = False) -> QFontMetricsF:
    """The widths of what `font(...)` of the same arguments draws."""
    return _metrics(size, weight, mono, tabular)


@lru_cache
def _font(size: int, weight: int, mono: bool, tabular: bool) -> QFont:
    made = QFont(MONO if mono else SANS)
    made.setPixelSize(size)
    made.setWeight(QFont.Weight(weight))
    made.setStyleHint(QFont.StyleHint.Monospace if mono else QFont.StyleHint.SansSerif)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if tabular:
        made.setFeature(QFont.Tag("tnum"), 1)
    if mono:
        # An ID is read character by character: "->" or "//" must not melt into one shape.
        made.setFeature(QFont.Tag("calt"), 0)
    return made


@lru_cache
def _metrics(size: int, weight: int, mono: bool, tabular: bool) -> QFontMetricsF:
    return QFontMetricsF(_font(size, weight, mono, tabular))


def app_icon() -> QIcon:
    """The program's icon for the window and the tray, drawn sharp at every usual size."""
    renderer = QSvgRenderer(str(RESOURCES / "icon.svg"))
    icon = QIcon()
    for side in (16, 22, 24, 32, 48, 64, 128, 256):
        picture = QPixmap(side, side)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        renderer.render(painter)
        painter.end()
        icon.addPixmap(picture)
    return icon


class Theme(QObject):
    """Gives the application its fonts, palette and style sheet, and changes them when the system's scheme changes.

    Keep a reference for as long as the application lives. `changed` tells which tokens are now in force.
    """

    changed = Signal(object)

    def __init__(self, app: QApplication, choice: Choice = "system") -> None:
        super().__init__(app)
        self._app = app
        self.tokens: Tokens | None = None
        for file in sorted((RESOURCES / "fonts").glob("*.[ot]tf")):
            QFontDatabase.addApplicationFont(str(file))
        app.setStyle(QStyleFactory.create("Fusion"))
        app.setFont(font())
        app.setWindowIcon(app_icon())
        app.styleHints().colorSchemeChanged.connect(self._system_changed)
        self.choose(choice)

    def choose(self, choice: Choice) -> None:
        """Keep to light or dark, or follow the system again."""
        self._choice = choice
        # The system draws the title bar: it has to know as well.
        self._app.styleHints().setColorScheme(_SCHEMES[choice])
        self._apply(self._app.styleHints().colorScheme())

    def _system_changed(self, scheme: Qt.ColorScheme) -> None:
        if self._choice == "system":
            self._apply(scheme)

    def _apply(self, scheme: Qt.ColorScheme) -> None:
        dark = scheme == Qt.ColorScheme.Dark if self._choice == "system" else self._choice == "dark"
        wanted = DARK if dark else LIGHT
        if wanted is self.tokens:
            return
        self.tokens = wanted
        self._app.setPalette(_palette(wanted))
        self._app.setStyleSheet(stylesheet(asdict(wanted), RESOURCES / "icons", "dark" if dark else "light"))
        self.changed.emit(wanted)


def _palette(t: Tokens) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for which, colour in {
        role.Window: t.bg,
        role.WindowText: t.text,
        role.Base: t.surface,
        role.AlternateBase: t.bg,
        role.Text: t.text,
        role.PlaceholderText: t.muted,
        role.Button: t.surface,
        role.ButtonText: t.text,
        role.BrightText: t.bad,
        role.ToolTipBase: t.surface,
        role.ToolTipText: t.text,
        role.Highlight: t.accent,
        role.HighlightedText: t.on_accent,
        role.Accent: t.accent,
        role.Link: t.accent,
        role.LinkVisited: t.accent,
        role.Light: t.surface,
        role.Midlight: t.line,
        role.Mid: t.line,
        role.Dark: t.faint,
        role.Shadow: t.line,
    }.items():
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(t.faint))
    return palette
