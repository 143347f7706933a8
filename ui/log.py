"""The live log: every message between Tapdesk and the stations, as it happens and for as long as it is kept."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import asyncio

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QWidget

from app.application import MessageFilter
from app.domain.errors import AppError
from app.domain.model import Message
from ui.desk import Desk
from ui.inputs import SearchField
from ui.labels import heading, muted
from ui.log_details import MessagePane
from ui.log_filters import LogFilters
from ui.log_model import LogModel
from ui.log_table import LogTable, NothingHere
from ui.log_words import LogWords, log_columns
from ui.pill import Pill
from ui.strings import tr
from ui.widgets import Card, beside, page_layout, row
