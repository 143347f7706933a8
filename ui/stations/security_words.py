"""What the security of a station's connection is called, and what it means."""

from app.domain.security import SecurityProfile
from ui.strings import tr


def profile_words(profile: SecurityProfile) -> str:
    """A profile in a word or two."""
    return {
        SecurityProfile.NONE: tr("Open"),
        SecurityProfile.PASSWORD: tr("Password"),
        SecurityProfile.PASSWORD_OVER_TLS: tr("Password over TLS"),
        SecurityProfile.CERTIFICATE: tr("Certificate over TLS"),
    }[profile]


def profile_meaning(profile: SecurityProfile) -> str:
    """What somebody else on the network can do with it."""
    return {
        SecurityProfile.NONE: tr("Whoever is on the network and knows its ID can pass for it."),
        SecurityProfile.PASSWORD: tr(
            "It is let in with its password only. Whoever can listen on the network can learn that."
        ),
        SecurityProfile.PASSWORD_OVER_TLS: tr("It is let in with its password, and nobody can listen."),
        SecurityProfile.CERTIFICATE: tr("It is let in with a certificate that only it has, and nobody can listen."),
    }[profile]
