"""Words on the screen.

One line, cut with an ellipsis and then whole in the tooltip:
    heading("Stations")  title("Last cards")  label("Garage 2")  muted("6 of 7 online")  mono("04A2B3C4D5E680")
Sentences that wrap:
    paragraph("Nothing is written until you import.", tone="muted")
    rich("<ok>✓</ok> {name} is in pool <b>{pool}</b>", name=..., pool=...)
    rich("<bad>✗</bad> No pass has <code>{uid}</code> <a href='x'>Use it</a>", uid=...)   # linkActivated("x")
What comes from outside goes into `rich` by name only: it is escaped there. The colours follow the theme.
"""

from html import escape
from math import ceil

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QTextDocumentFragment
from PySide6.QtWidgets import QLabel, QSizePolicy

from ui.theme import BODY, H1, MONO, SMALL, Tone, font, tokens

_LEADING = 1.45


class Label(QLabel):
    """One line of text that shrinks: what does not fit is cut with an ellipsis and shown whole in the tooltip."""

    def __init__(
        self, text: str = "", size: int = BODY, weight: int = 400, tone: Tone = "text", *, mono: bool = False
    ) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font(size, weight, mono=mono))
        self.setProperty("tone", tone)
        self.setMinimumHeight(round(size * _LEADING))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(text)
        self._hint()

    def set_tone(self, tone: Tone) -> None:
        """Change its colour."""
        self.setProperty("tone", tone)
        self.style().unpolish(self)
        self.style().polish(self)

    def is_cut(self) -> bool:
        """Whether some of the text does not fit now."""
        return self.fontMetrics().horizontalAdvance(self.text()) > self.contentsRect().width()

    def sizeHint(self) -> QSize:
        return QSize(self._wanted(), max(super().sizeHint().height(), self.minimumHeight()))

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self._wanted(), 32), self.sizeHint().height())

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._hint()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.is_cut():
            super().paintEvent(event)
            return
        room = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        with QPainter(self) as painter:
            self.style().drawItemText(
                painter, room, self.alignment(), self.palette(), self.isEnabled(), shown, self.foregroundRole()
            )

    def _wanted(self) -> int:
        edges = self.contentsMargins()
        return ceil(self.fontMetrics().horizontalAdvance(self.text())) + 1 + edges.left() + edges.right()

    def _hint(self) -> None:
        self.setToolTip(self.text() if self.is_cut() else "")


class Paragraph(QLabel):
    """Sentences that wrap. `say` takes plain text; in `say_rich` only the named values come from outside."""

    def __init__(self, text: str = "", *, tone: Tone = "text", size: int = BODY, weight: int = 400) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setFont(font(size, weight))
        self.setProperty("tone", tone)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._html = ""
        self.say(text)

    def say(self, text: str) -> None:
        """Show plain text; line ends are kept."""
        self._html = escape(text).replace("\n", "<br>")
        self._show()

    def say_rich(self, template: str, **values: object) -> None:
        """Show a template with the marks named in this module's docstring; the values are escaped."""
        self._html = template.format_map({name: escape(str(value)) for name, value in values.items()})
        self._show()

    def words(self) -> str:
        """What it says, without the marks."""
        return QTextDocumentFragment.fromHtml(self._html).toPlainText()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._show()

    def _show(self) -> None:
        colours, html = tokens(), self._html
        marks = {
            "b": f"font-weight:700; color:{colours.text}",
            "code": f"font-family:'{MONO}'; font-size:12px",
            "ok": f"color:{colours.ok}",
            "bad": f"color:{colours.bad}",
        }
        for mark, style in marks.items():
            html = html.replace(f"<{mark}>", f'<span style="{style}">').replace(f"</{mark}>", "</span>")
        html = html.replace("<a ", '<a style="text-decoration:none; font-weight:500" ')
        self.setText(f'<div style="line-height:120%">{html}</div>' if html else "")
        self.setAccessibleName(self.words())


def heading(text: str) -> Label:
    """The name of a page; never cut."""
    made = Label(text, H1, 700)
    made.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
    return made


def title(text: str, *, whole: bool = False) -> Label:
    """The name of a card or a section; `whole` lets what stands beside it be cut instead."""
    made = Label(text, BODY, 600)
    if whole:
        made.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
    return made


def label(text: str = "", tone: Tone = "text", weight: int = 400) -> Label:
    """Ordinary words."""
    return Label(text, BODY, weight, tone)


def muted(text: str = "") -> Label:
    """Words that may be overlooked."""
    return Label(text, BODY, 400, "muted")


def small(text: str = "") -> Label:
    """Words at the edge: the footer, a column's head."""
    return Label(text, SMALL, 400, "muted")


def mono(text: str = "", size: int = 12, weight: int = 400, tone: Tone = "text") -> Label:
    """An ID, a time or an address, read character by character."""
    return Label(text, size, weight, tone, mono=True)


def paragraph(text: str = "", tone: Tone = "text") -> Paragraph:
    """Plain sentences that wrap."""
    return Paragraph(text, tone=tone)


def rich(template: str, tone: Tone = "text", **values: object) -> Paragraph:
    """Sentences with `<b>`, `<code>`, `<ok>`, `<bad>` or `<a href='…'>` in them; every value is escaped."""
    made = Paragraph(tone=tone)
    made.say_rich(template, **values)
    return made
