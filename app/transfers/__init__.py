"""Files between stations and this machine, over the site's own network."""

from app.transfers.transfers import SignatureFiles, Transfers

__all__ = ["SignatureFiles", "Transfers"]
