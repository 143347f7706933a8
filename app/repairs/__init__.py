"""What each station does otherwise than OCPP has it, and how often: counted, never held against it."""

from app.repairs.repairs import SCHEMA, Repair, Repairs
from app.repairs.schemas import Deviating, Deviation, deviations

__all__ = ["SCHEMA", "Deviating", "Deviation", "Repair", "Repairs", "deviations"]
