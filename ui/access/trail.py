"""The steps that led to a decision, in words: each rule that was passed, and last the one that settled it.

for step, passed in worth_telling(tap.trail):
    section.addWidget(step_line(TrailNames.of_tap(tap), step, passed=passed))     # ✓ It is in pool Guests
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.application import Verdict
from app.domain.access import Step
from app.domain.model import Tap
from ui.strings import sentence, tr
from ui.widgets.labels import Paragraph, rich


@dataclass(frozen=True)
class TrailNames:
    """Whom and what the steps are about; `uid` is what came from the station, as it came."""

    station: str
    pool: str
    holder: str
    uid: str

    @classmethod
    def of_tap(cls, tap: Tap) -> "TrailNames":
        return cls(tap.station_name, tap.pool_name, tap.holder, tap.raw_id_tag)

    @classmethod
    def of_verdict(cls, verdict: Verdict, raw_id_tag: str) -> "TrailNames":
        return cls(verdict.station_name, verdict.pool_name, verdict.holder, raw_id_tag)


def worth_telling(trail: Iterable[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    """The steps that say something: that no organization has switched a pass off goes without saying."""
    return ((step, passed) for step, passed in trail if not (passed and step == Step.PASS_ON_HERE))


def step_line(names: TrailNames, step: str, *, passed: bool) -> Paragraph:
    """One step: ✓ it holds, or ✕ it does not and that settled it."""
    # The sentence's own gaps become those of the rich text, which is where the names are escaped.
    marks = {"station": "{station}", "pool": "<b>{pool}</b>", "holder": "<b>{holder}</b>", "uid": "<code>{uid}</code>"}
    said = sentence(f"step.{step}" if passed else f"step.{step}.no", **marks)
    mark = "<ok>✓</ok> " if passed else "<bad>✕</bad> "
    holder = names.holder or (names.uid if step == Step.CARD_KNOWN.value else tr("It"))
    return rich(mark + said, station=names.station, pool=names.pool, holder=holder, uid=names.uid)
