"""What the page of pools shows, and what an operator's hands do on it."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel

from ui.widgets.boxes import Banner


def shown(one_list, column=0):
    return [one_list.model.text_at(at, column) for at in range(one_list.model.rowCount())]


def pools_in(page):
    return [page.model.row(at).pool.name for at in range(page.model.rowCount())]


def select(one_list, *names):
    """Select the rows of these names, with the keyboard in their table."""
    table = one_list.table
    table.setFocus()
    table.clearSelection()
    flags = table.selectionModel().SelectionFlag
    for name in names:
        at = one_list.model.index(shown(one_list).index(name), 0)
        table.selectionModel().setCurrentIndex(at, flags.Select | flags.Rows)


def banners_of(widget):
    return [banner.title.text() for banner in widget.findChildren(Banner) if banner.isVisible()]


def facts_of(widget):
    return " ".join(banner.facts.text() for banner in widget.findChildren(Banner) if banner.isVisible())


def buttons_of(widget):
    return [button.text() for button in widget.findChildren(QAbstractButton) if button.isVisible() and button.text()]


def words_of(widget):
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]


def member_names(application, pool):
    return [member.name for member in application.members.of_pool(pool.id)]


def pool_of(application, station_id):
    return application.stations.require(station_id).pool_id


def double_click(one_list, name):
    place = middle_of(one_list, name)
    QTest.mouseClick(one_list.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(one_list.table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def middle_of(one_list, name):
    return one_list.table.visualRect(one_list.model.index(shown(one_list).index(name), 0)).center()


def filter_by(page, text):
    page.editor.filter.setText(text)
    QTest.keyClick(page.editor.filter, Qt.Key.Key_Return)


def link(one_list, name, words):
    """Follow a link of the row of this name."""
    row = one_list.model.row(shown(one_list).index(name))
    assert words in [column.link(row) for column in one_list.model.columns if column.link is not None]
    one_list.table.link_clicked.emit(row, words)
