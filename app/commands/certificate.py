"""`tapdesk certificate`: what stations have to trust before they come over TLS."""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.commands import site
from app.commands.console import Console
from app.commands.declaring import Common, action, group


def show_certificate(args: argparse.Namespace, console: Console) -> int:
    with site.reading(args.data) as application:
        certificate = application.site_certificates.require()
    facts = {
        "fingerprint": certificate.fingerprint,
        "valid_until": certificate.valid_until,
        "names": ", ".join(certificate.names),
    }
    return console.sheet(facts)


def export_certificate(args: argparse.Namespace, console: Console) -> int:
    with site.reading(args.data) as application:
        paths = asyncio.run(application.site_certificates.export(args.folder))
        fingerprint = application.site_certificates.require().fingerprint
    written = ", ".join(map(str, paths))
    told = f"Written to {written}; both are the same. Give one to each station.\nSHA-256: {fingerprint}"
    return console.done(told, {"paths": [str(path) for path in paths], "fingerprint": fingerprint})


def declare(commands: Any, common: Sequence[Common]) -> None:
    """`certificate show|export`."""
    certificate = group(commands, "certificate", "the site's certificate, which stations trust")
    action(certificate, "show", "show its fingerprint, and the names it is good for", show_certificate, common)
    export = action(certificate, "export", "write it as .pem and .crt, for stations", export_certificate, common)
    export.add_argument("folder", metavar="DIR", type=Path)
