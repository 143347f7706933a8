"""The versions of OCPP that are served, each with its table. Which one is spoken is settled per connection."""

from collections.abc import Mapping

from app.csms.versions.dialect import Dialect
from app.csms.versions.ocpp16 import OCPP_16
from app.csms.versions.ocpp201 import OCPP_21, OCPP_201
from app.domain.model import OcppVersion

DIALECTS: Mapping[OcppVersion, Dialect] = {dialect.version: dialect for dialect in (OCPP_16, OCPP_201, OCPP_21)}
