"""A real site with a few pools, and the page of pools on it."""

import pytest

from app.domain.drafts import IdentityDraft, PassDraft
from ui.pools.page import PoolsPage


@pytest.fixture
async def site(application):
    """Guests with Garage 1 and 2 and Anna; Staff with nothing; Jan, a visitor's pass and a station in no pool."""
    guests = await application.pools.create("Guests")
    staff = await application.pools.create("Staff")
    anna = await application.identities.add(IdentityDraft("anna@delinde.example", "Anna", "de Vries"))
    jan = await application.identities.add(IdentityDraft("jan@delinde.example", "Jan", "Bakker", external_id="HR-0042"))
    visitor = await application.passes.add(PassDraft("B1204F77", "NL-DEL-000011-8", "Visitor"))
    await application.members.add(guests.id, identity_ids=[anna.id])
    await application.stations.accept("ALF-0020", name="Garage 1", pool_id=guests.id)
    await application.stations.accept("ALF-0021", name="Garage 2", pool_id=guests.id)
    await application.stations.accept("EVB-P1881", name="Entrance left")
    return {"guests": guests, "staff": staff, "anna": anna, "jan": jan, "visitor": visitor}


@pytest.fixture
async def annas_card(application, site):
    """A card of Anna's: she may charge with it as long as she is a member."""
    return await application.passes.add(PassDraft("04A2B3C4D5E680", "", "Anna's card", site["anna"].id))


@pytest.fixture
async def page(desk, site, qtbot, until):
    page = PoolsPage(desk)
    qtbot.addWidget(page)
    page.resize(1160, 780)
    page.show()
    page.activateWindow()
    await until(page.isActiveWindow)
    return page


@pytest.fixture
def editor(page, site):
    """The editor, with Guests."""
    page.select(site["guests"].id)
    return page.editor
