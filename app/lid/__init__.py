"""What each station does with cards while Tapdesk is closed: checked, set right, tried out."""

from app.lid.lid import Lid, StationLid
from app.lid.setting_right import SetRight, SettingsWritten
from app.lid.testing import CardTests, Doorkeeping

__all__ = ["CardTests", "Doorkeeping", "Lid", "SetRight", "SettingsWritten", "StationLid"]
