"""Parts of a form on what a pool allows and asks.

free = OptionBox(tr("Members charge free"), tr("..."), checked=True); free.isChecked()
limit = LimitBox(tr("At most"), tr("sessions at the same time"), value=None); limit.value()
prices = PriceGrid([(tr("Members"), Price()), (tr("Others"), Price())], "EUR"); prices.prices()
"""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from app.domain.drafts import HIGHEST_PRICE, PRICE_DIGITS
from app.domain.errors import AppError
from app.domain.model import Price
from ui.pools.words import plain_amount
from ui.strings import tr
from ui.widgets.boxes import row
from ui.widgets.inputs import NumberField
from ui.widgets.labels import label, muted, paragraph

_INDENT = 26
_AMOUNT_WIDTH = 96
_MOST = 9_999


class OptionBox(QWidget):
    """A box to tick, and what it means below it."""

    changed = Signal()

    def __init__(self, name: str, meaning: str, *, checked: bool) -> None:
        super().__init__()
        self.box = QCheckBox(name)
        self.box.setChecked(checked)
        self.box.setAccessibleDescription(meaning)
        self.box.toggled.connect(lambda _on: self.changed.emit())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self.box)
        below = row(paragraph(meaning, tone="muted"))
        below.setContentsMargins(_INDENT, 0, 0, 0)
        column.addLayout(below)
        self.setFocusProxy(self.box)

    def is_on(self) -> bool:
        """Whether it is ticked."""
        return self.box.isChecked()


class LimitBox(QWidget):
    """A box to tick, and a number that counts while it is ticked."""

    changed = Signal()

    def __init__(self, before: str, after: str, value: int | None) -> None:
        super().__init__()
        self.box = QCheckBox(before)
        self.box.setChecked(value is not None)
        self.number = NumberField(f"{before} … {after}", 1, max(_MOST, value or 1), value or 1)
        self.number.setFixedWidth(76)
        self.number.setEnabled(value is not None)
        self.setLayout(row(self.box, self.number, label(after), None))
        self.setFocusProxy(self.box)
        self.box.toggled.connect(self.number.setEnabled)
        self.box.toggled.connect(lambda _on: self.changed.emit())
        self.number.valueChanged.connect(lambda _number: self.changed.emit())

    def value(self) -> int | None:
        """The number, or None while the box is not ticked."""
        return self.number.value() if self.box.isChecked() else None


class PriceGrid(QWidget):
    """A line for each kind of driver: an amount per kWh, and one per session; empty is nothing."""

    changed = Signal()

    def __init__(self, lines: Sequence[tuple[str, Price]], currency: str) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(3, 1)
        heads = (tr("{currency} per kWh"), tr("{currency} per session"))
        for column, head in enumerate(heads, start=1):
            grid.addWidget(muted(head.format(currency=currency)), 0, column)
        self._fields: list[tuple[QLineEdit, QLineEdit]] = []
        for number, (name, price) in enumerate(lines, start=1):
            grid.addWidget(label(name), number, 0)
            pair = (_amount_field(price.per_kwh), _amount_field(price.per_session))
            for column, (field, head) in enumerate(zip(pair, heads, strict=True), start=1):
                field.setAccessibleName(f"{name}: {head.format(currency=currency)}")
                field.textEdited.connect(lambda _text: self.changed.emit())
                grid.addWidget(field, number, column)
            self._fields.append(pair)

    def enable_line(self, number: int, *, enabled: bool) -> None:
        """Whether the amounts of one line can be filled in."""
        for field in self._fields[number]:
            field.setEnabled(enabled)

    def prices(self) -> list[Price]:
        """What was filled in, a price for each line. Raises AppError `price_not_possible`."""
        return [Price(_amount(kwh.text()), _amount(session.text())) for kwh, session in self._fields]

    def field(self, line: int, column: int) -> QLineEdit:
        """Where one amount is filled in."""
        return self._fields[line][column]


def _amount_field(amount: Decimal | None) -> QLineEdit:
    field = QLineEdit("" if amount is None else plain_amount(amount))
    field.setFixedWidth(_AMOUNT_WIDTH)
    return field


def _amount(text: str) -> Decimal | None:
    """An amount with a point or a comma before the cents."""
    digits = text.strip().replace(",", ".")
    if not digits:
        return None
    try:
        amount = Decimal(digits)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise AppError("price_not_possible", highest=str(HIGHEST_PRICE), digits=PRICE_DIGITS)
    return amount
