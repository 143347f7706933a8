"""What goes wrong with passwords, certificates and TLS, in sentences. `ui.strings.sentence` knows them all."""

from collections.abc import Mapping

SECURITY: Mapping[str, str] = {
    # Passwords and profiles
    "password_not_given": "There is no password. Pipe it in, or have one made with --generate.",
    "password_length": "A station's password has {shortest} to {longest} characters. Tapdesk can make one for you.",
    "password_characters": "A station's password has letters, digits and signs of a plain keyboard, and no blanks.",
    "password_needed": "{station_id} is let in by its password. Set it to no security first.",
    "profile_needs_password": "{station_id} has no password yet, so nobody could let it in. Set one first.",
    "profile_needs_tls": "The secure port is switched off. Switch it on in Settings first.",
    "profile_not_higher": "{station_id} has this security already, or more. Stations do not go back to less over the air.",
    "password_refused": "{station_id} did not take the new password ({status}). The earlier one goes on working.",
    "profile_refused": "{station_id} did not take the new security ({status}), and stays as it is.",
    # Certificates
    "certificates_unusable": "The site's certificate cannot be read ({path}). Put a copy of it back, or make a new one in Settings.",
    "certificates_not_written": "The certificates could not be written: {why}.",
    "no_site_certificate": "There is no site certificate yet. Switch the secure port on in Settings, which makes one.",
    "csr_unreadable": "The station's request for a certificate cannot be read, so there is nothing to sign.",
    "csr_weak_key": "The station's key is too weak to be trusted ({key}). Update its firmware.",
    "csr_wrong_name": "The station asked for a certificate in another name ({subject}). It must be its own ID or serial number.",
    "certificate_unknown": "This certificate is not on the list any more.",
    "certificate_decided": "This was decided already.",
    "certificate_unreadable": "{file} is no certificate that can be read. It has to be PEM or DER.",
    "certificate_not_one": "{file} holds {count} certificates. Choose a file with one alone.",
    "certificate_too_long": "The certificate in {file} is too long: OCPP carries {limit} characters.",
    "signature_unreadable": "{file} is no signature: that is a small file, in base64 or binary.",
    "root_is_the_sites": "This is the site's own certificate. Without it the station could not come over TLS any more, so it stays.",
    # Why a connection was not let in
    "knock.password_missing": "It sent no password, and {station_id} has one. Enter it at the station, or set a new one here.",
    "knock.password_wrong": "Its password is wrong. Set a new one here and enter it at the station.",
    "knock.user_wrong": "It calls itself “{detail}” as user, which must be its ID, {station_id}.",
    "knock.too_many_tries": "It keeps sending wrong passwords, so most of its tries are turned away unread.",
    "knock.needs_tls": "{station_id} is to come over TLS only. Use wss:// and the secure port in its URL.",
    "knock.needs_certificate": "{station_id} is let in by its certificate only, and it showed none.",
    "knock.certificate_not_its_own": "The certificate it showed was not issued to {station_id}, or was revoked.",
    "knock.certificate_not_trusted": "It showed a certificate that is not of this site, or has run out. {detail}",
    "knock.site_not_trusted": "It does not trust this site. Give it the site's certificate, from Settings.",
    "knock.tls_too_old": "It speaks a version of TLS that is not safe any more. Update its firmware, or allow old TLS in Settings.",
    "knock.tls_failed": "It began a secure connection and did not finish it. It may not trust the site's certificate. {detail}",
    "knock.plain_on_tls_port": "It speaks plain text to the secure port. Use wss:// in its URL, or the other port.",
}
