"""Which card was named when a station was asked to start a charge (OCPP 2.x F01, F02).

The station gives the number of that question in the charge that comes of it, and some leave the card out.
"""

#: Questions of one station that are remembered, latest first to stay.
REMEMBERED = 64


class RemoteStarts:
    """What one station was asked, across its connections, for as long as the program runs."""

    def __init__(self) -> None:
        self._cards: dict[int, str] = {}
        self._charges: dict[int, str] = {}

    def asked(self, number: int, raw_id_tag: str) -> None:
        """The station is asked to start a charge for this card, under a number that was never used before."""
        self._cards[number] = raw_id_tag
        if len(self._cards) > REMEMBERED:
            oldest = next(iter(self._cards))
            del self._cards[oldest]
            self._charges.pop(oldest, None)

    def card_of(self, number: int | None, reference: str) -> str | None:
        """The card that was named under a number, in the charge with this transactionId; None when there is none.

        A number is good for one charge: a station that gives it in its next one too starts that for nobody.
        """
        raw_id_tag = self._cards.get(number) if number is not None else None
        if number is None or raw_id_tag is None:
            return None
        return raw_id_tag if self._charges.setdefault(number, reference) == reference else None
