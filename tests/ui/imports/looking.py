"""What a list that is looked at shows, and the hand that changes it."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu


def cells(review, words):
    """The words of the rows whose first cell says so: row, verdict, columns, remarks."""
    model = review.table.model()
    for at in range(model.rowCount()):
        row = [model.text_at(at, column) for column in range(model.columnCount())]
        if row[0] == words:
            return row
    return None


def column_of(review, wanted):
    model = review.table.model()
    return model.places.index(review.job.columns.by_field[wanted])


def click(review, row, column):
    """A click into a cell, at its right end for the link in it."""
    table = review.table
    at = table.model().index(row, column)
    table.scrollTo(at)
    area = table._cells.link_area(table.visualRect(at), table.model().columns[column], table.model().row(row))
    place = area.center().toPoint() if area else table.visualRect(at).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(place))


async def pick(review, column, words):
    """Choose what a column holds in the menu at its head."""
    table, head = review.table, review.table.horizontalHeader()
    x = head.sectionViewportPosition(column) + 20
    QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, 10))
    menu = next(menu for menu in table.findChildren(QMenu) if menu.isVisible())
    next(action for action in menu.actions() if action.text() == words).trigger()
    menu.close()
