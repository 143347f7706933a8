"""A place in the page of stations to go to: `desk.go("stations", ShowTab("ALF-0021", "lid"))`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ShowTab:
    """A station, and the tab of its pane by its key."""

    station_id: str
    tab: str
