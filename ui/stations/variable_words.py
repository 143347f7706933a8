"""What the settings inside a station that matter for access mean, in words an operator decides by.

meaning("LocalPreAuthorize")        # "" for one that has nothing to do with who may charge
"""

from ui.strings import tr

#: Names of OCPP 2.x that mean what a key of 1.6 means.
_SAME = {
    "authctrlr.offlinetxforunknownidenabled": "allowofflinetxforunknownid",
    "authctrlr.localauthorizeoffline": "localauthorizeoffline",
    "authctrlr.localpreauthorize": "localpreauthorize",
    "authctrlr.authorizeremotestart": "authorizeremotetxrequests",
    "authcachectrlr.enabled": "authorizationcacheenabled",
    "localauthlistctrlr.enabled": "localauthlistenabled",
    "txctrlr.stoptxoninvalidid": "stoptransactiononinvalidid",
    "txctrlr.maxenergyoninvalidid": "maxenergyoninvalidid",
    "txctrlr.evconnectiontimeout": "connectiontimeout",
    "txctrlr.stoptxonevsidedisconnect": "stoptransactiononevsidedisconnect",
}


def _meanings() -> dict[str, str]:
    return {
        "localauthlistenabled": tr("Whether it uses the list of cards that Tapdesk writes into it."),
        "localauthorizeoffline": tr("Whether cards it knows can charge while it cannot reach Tapdesk."),
        "localpreauthorize": tr(
            "Whether a card it knows charges at once, without asking Tapdesk. Quicker, but a pass that was blocked a "
            "moment ago may still begin."
        ),
        "allowofflinetxforunknownid": tr(
            "Whether any card, known or not, can charge while it cannot reach Tapdesk. For a pool with members: false."
        ),
        "authorizationcacheenabled": tr(
            "Whether it remembers cards that charged before, and lets them in by itself when it cannot ask."
        ),
        "authorizeremotetxrequests": tr("Whether it asks about the card when a charge is started from here."),
        "stoptransactiononinvalidid": tr(
            "Whether it ends a charge that it began by itself when Tapdesk then refuses the card."
        ),
        "maxenergyoninvalidid": tr("How much a refused card may still get of a charge that began, in watt-hours."),
        "connectiontimeout": tr("How many seconds it waits for the cable after a card was accepted."),
        "stoptransactiononevsidedisconnect": tr("Whether pulling the cable out of the car ends the charge."),
        "unlockconnectoronevsidedisconnect": tr("Whether it lets go of the cable when it was pulled out of the car."),
        "localauthlistmaxlength": tr("How many cards its list holds at most."),
        "sendlocallistmaxlength": tr("How many cards it takes in one message."),
        "localauthlistctrlr.entries": tr("How many cards are in its list."),
        "localauthlistctrlr.disablepostauthorize": tr(
            "Whether it leaves a card refused that its list refuses, without asking Tapdesk."
        ),
        "authcachectrlr.lifetime": tr("How many seconds it remembers a card."),
        "authcachectrlr.disablepostauthorize": tr(
            "Whether it leaves a card refused that it remembers as refused, without asking Tapdesk."
        ),
        "authctrlr.enabled": tr("Whether a card is needed at all. False: anyone can charge."),
        "authctrlr.masterpassgroupid": tr("Whoever has a card of this group can end any charge."),
        "freevendenabled": tr("Whether anyone can charge without a card."),
        "freevend": tr("Whether anyone can charge without a card."),
    }


def meaning(name: str) -> str:
    """One or two sentences, or nothing."""
    folded = name.casefold()
    return _meanings().get(_SAME.get(folded, folded), "")


def matters(name: str) -> bool:
    """Whether it has to do with who may charge."""
    return bool(meaning(name))
