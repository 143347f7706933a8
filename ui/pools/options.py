"""All that can be chosen for a pool, as far as its access level has it.

desk.run(ask(PoolOptionsDialog(desk, pool, remove=editor.remove)))
"""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.domain.errors import AppError
from app.domain.model import AccessLevel, Pool, PoolOptions
from ui.access.effect import EffectWords, effect_words
from ui.access.revocation import told_later
from ui.desk import Desk
from ui.organizations.choice import OrganizationDropDown, organization_choices
from ui.pools.features import PoolFeatures
from ui.pools.option_fields import LimitBox, OptionBox, PriceGrid
from ui.pools.pin_list import PinList
from ui.pools.words import level_of
from ui.strings import sentence, tr
from ui.widgets.boxes import Line, row
from ui.widgets.buttons import danger_button
from ui.widgets.form_dialog import FormDialog
from ui.widgets.inputs import FormField
from ui.widgets.labels import paragraph, title
from ui.widgets.pill import Pill

_WIDTH = 920
_DESCRIPTION_HEIGHT = 58
MEMBERS_LINE, OTHERS_LINE = 0, 1
AT_NAME = frozenset({"pool_name_empty", "pool_name_taken", "name_too_long"})
AT_NOTIFY = frozenset({"email_not_an_address", "email_empty", "too_many_addresses"})


class PoolOptionsDialog(FormDialog):
    """Keeps the options by itself and is accepted then; PINs are kept one by one, as they are made."""

    def __init__(self, desk: Desk, pool: Pool, *, remove: Callable[[], object]) -> None:
        """`remove` takes the pool away, with Undo."""
        super().__init__(desk.window, tr("Options of {pool}").format(pool=pool.name), width=_WIDTH)
        self._desk, self._pool, self._remove = desk, pool, remove
        self._warned: PoolOptions | None = None
        self._make_fields(pool)
        self._make_prices(pool)
        self.pins = PinList(desk, pool, self) if pool.level is AccessLevel.RESTRICTED else None
        self.warning, self.problem = paragraph(tone="warn"), paragraph(tone="bad")
        self._lay_out()
        removing = danger_button(tr("Remove pool"), self._remove_pool)
        self._save_button = self.add_buttons(tr("Save"), self._save, removing)
        self._follow()
        self.name.setFocus()

    # How it looks

    def _make_fields(self, pool: Pool) -> None:
        options = pool.options
        self.name = QLineEdit(pool.name)
        self.name_field = FormField(tr("Name"), self.name)
        self.description = QPlainTextEdit(options.description)
        self.description.setFixedHeight(_DESCRIPTION_HEIGHT)
        self.description.setTabChangesFocus(True)
        self.description_field = FormField(tr("Description"), self.description, optional=tr("optional"))
        self.organization = OrganizationDropDown(tr("Organization"), organization_choices(self._desk))
        self.organization.select(options.organization_id)
        self.free_vend = OptionBox(
            tr("Free vend: anyone charges, free of charge"),
            tr("With any card, also one that nobody knows. Nobody is asked who they are, and no price is taken."),
            checked=options.free_vend,
        )
        self.published = OptionBox(
            tr("Published: open to every known pass while the list is empty"),
            tr("The first entry of the list makes the pool private; without this an empty list lets nobody in."),
            checked=options.published,
        )
        self.takes_requests = OptionBox(
            tr("Access on request"),
            tr("An unknown card, or one of no member, becomes a request when it is held to a station of this pool."),
            checked=options.takes_requests,
        )
        self.notify = QLineEdit(", ".join(options.notify))
        self.notify_field = FormField(
            tr("Who is written to about requests"),
            self.notify,
            optional=tr("optional"),
            helper=tr("E-mail addresses, with commas between them."),
        )
        self.stop_each_other = OptionBox(
            tr("Passes of one identity stop each other's sessions"),
            tr("What one card started, another card of the same person or company ends."),
            checked=options.passes_stop_each_other,
        )
        self.limit = LimitBox(tr("At most"), tr("sessions of one pass at the same time"), options.session_limit)
        self.hidden = OptionBox(
            tr("Hidden from drivers"),
            tr("Left out where drivers look for stations. Who may charge stays the same."),
            checked=options.hidden,
        )

    def _make_prices(self, pool: Pool) -> None:
        currency = self._desk.application.organizations.currency(pool.options.organization_id)
        self.members_free = OptionBox(
            tr("Members charge free"), tr("Whoever is on the list pays nothing."), checked=pool.options.members_free
        )
        lines = [(tr("Members"), pool.options.member_price)]
        if pool.level is not AccessLevel.PRIVATE:
            lines.append((tr("Others"), pool.options.price))
        self.prices = PriceGrid(lines, currency)
        self.price_field = FormField(
            tr("Price"), self.prices, optional=tr("optional"), helper=tr("Nothing filled in: nothing is asked for it.")
        )

    def _lay_out(self) -> None:
        level = self._pool.level
        left: list[QWidget] = [self.name_field, self.description_field]
        if self.organization.count() > 1:
            left.append(FormField(tr("Organization"), self.organization))
        left += [Line(), self.members_free, self.price_field]
        if self.pins is not None:
            left += [Line(), self.pins]
        of_level: dict[AccessLevel, list[QWidget]] = {
            AccessLevel.PUBLIC: [self.free_vend],
            AccessLevel.BY_LIST: [self.published],
            AccessLevel.RESTRICTED: [self.takes_requests, self.notify_field],
            AccessLevel.PRIVATE: [],
        }
        who = QWidget()
        who.setLayout(row(title(tr("Who may charge"), whole=True), Pill(*level_of(self._pool)), None))
        right: list[QWidget] = [who, *of_level[level], self.stop_each_other, self.limit, self.hidden, Line()]
        right += [title(tr("What each level can do"), whole=True), PoolFeatures(level)]
        both = row(spacing=32)
        for parts in (left, right):
            column = QVBoxLayout()
            column.setSpacing(14)
            for part in parts:
                column.addWidget(part)
            column.addStretch(1)
            both.addLayout(column, 1)
        self.body.addLayout(both)
        for words in (self.warning, self.problem):
            words.hide()
            edge = row(words)
            edge.setContentsMargins(20, 0, 20, 0)
            self._column.addLayout(edge)

    def _follow(self) -> None:
        self.name.textEdited.connect(self.name_field.clear_error)
        self.notify.textEdited.connect(self.notify_field.clear_error)
        self.description.textChanged.connect(self.description_field.clear_error)
        self.prices.changed.connect(self.price_field.clear_error)
        self.organization.changed.connect(lambda _organization: self._touched())
        for box in (
            self.free_vend,
            self.published,
            self.takes_requests,
            self.stop_each_other,
            self.hidden,
            self.members_free,
            self.limit,
        ):
            box.changed.connect(self._touched)
        self._touched()

    def _touched(self) -> None:
        """What was said of the options before holds no more; what has no meaning now cannot be filled in."""
        self._warned = None
        self.warning.hide()
        free_for_all = self._pool.level is AccessLevel.PUBLIC and self.free_vend.is_on()
        self.prices.enable_line(MEMBERS_LINE, enabled=not free_for_all and not self.members_free.is_on())
        if self._pool.level is not AccessLevel.PRIVATE:
            self.prices.enable_line(OTHERS_LINE, enabled=not free_for_all)
        self.members_free.setEnabled(not free_for_all)
        self.notify.setEnabled(self.takes_requests.is_on())
        self._save_button.setText(tr("Save"))

    # What is done

    def chosen(self) -> PoolOptions:
        """The options as they are filled in. Raises AppError `price_not_possible`."""
        before, level = self._pool.options, self._pool.level
        prices = self.prices.prices()
        organization_id = self.organization.value()
        return replace(
            before,
            description=self.description.toPlainText(),
            free_vend=level is AccessLevel.PUBLIC and self.free_vend.is_on(),
            published=level is AccessLevel.BY_LIST and self.published.is_on(),
            takes_requests=level is AccessLevel.RESTRICTED and self.takes_requests.is_on(),
            members_free=self.members_free.is_on(),
            hidden=self.hidden.is_on(),
            passes_stop_each_other=self.stop_each_other.is_on(),
            session_limit=self.limit.value(),
            member_price=prices[MEMBERS_LINE],
            price=prices[OTHERS_LINE] if len(prices) > 1 else before.price,
            notify=_addresses(self.notify.text()),
            organization_id=organization_id if isinstance(organization_id, int) else before.organization_id,
        )

    def _save(self) -> None:
        self.problem.hide()
        for field in (self.name_field, self.notify_field, self.description_field, self.price_field):
            field.clear_error()
        self._desk.run(self._keep(), on_error=self._refused)

    async def _keep(self) -> None:
        options = self.chosen()
        explanations = self._desk.application.explanations
        words = effect_words(
            self._desk, self._pool, explanations.effect_of(self._pool.id, options=options), options=options
        )
        if words is not None and self._warned != options:
            self._warn(options, words)
            return
        self._save_button.setEnabled(False)
        pools = self._desk.application.pools
        try:
            undo = await pools.change(self._pool.id, name=self.name.text(), options=options)
        finally:
            # The operator may have closed it meanwhile.
            if isValid(self):
                self._save_button.setEnabled(True)
        said = tr("The options of {pool} are kept.").format(pool=pools.require(self._pool.id).name)
        later = told_later(self._desk, self._pool.id) if words is not None else ""
        self._desk.offer_undo(f"{said} {later}".strip(), undo)
        if isValid(self):
            self.accept()

    def _warn(self, options: PoolOptions, words: EffectWords) -> None:
        """Say whom it hits; the same choice, saved again, is meant."""
        self._warned = options
        self.warning.say(tr("{what}: {who}.").format(what=words.title, who=words.facts))
        self.warning.show()
        self._save_button.setText(tr("Save all the same"))

    def _remove_pool(self) -> None:
        self.reject()
        self._remove()

    def _refused(self, error: AppError) -> None:
        words = sentence(error.code, **error.params)
        if not isValid(self):
            self._desk.notes.problem(words)
            return
        places: dict[str, tuple[FormField, QWidget]] = {
            **dict.fromkeys(AT_NAME, (self.name_field, self.name)),
            **dict.fromkeys(AT_NOTIFY, (self.notify_field, self.notify)),
            "description_too_long": (self.description_field, self.description),
            "price_not_possible": (self.price_field, self.prices.field(MEMBERS_LINE, 0)),
        }
        if error.code in places:
            field, widget = places[error.code]
            field.show_error(words)
            widget.setFocus()
        else:
            self.problem.say(words)
            self.problem.show()


def _addresses(text: str) -> tuple[str, ...]:
    parts = (part.strip() for part in text.replace(";", ",").replace("\n", ",").split(","))
    return tuple(part for part in parts if part)
