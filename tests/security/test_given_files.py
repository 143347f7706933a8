"""Certificates and signatures that came from somebody else, as files."""

import base64

import pytest

from app.domain.errors import AppError
from app.security import given_files

BYTES = bytes(range(120, 248))
TEXT = base64.b64encode(BYTES).decode()


@pytest.mark.parametrize(
    "content",
    [
        BYTES,
        TEXT.encode(),
        f"{TEXT[:64]}\r\n{TEXT[64:]}\r\n".encode(),
        f"-----BEGIN SIGNATURE-----\n{TEXT[:76]}\n{TEXT[76:]}\n-----END SIGNATURE-----\n".encode(),
    ],
    ids=["bytes", "base64", "base64 in lines", "base64 between lines"],
)
def test_a_signature_is_sent_as_base64_however_it_came(tmp_path, content):
    file = tmp_path / "fw.sig"
    file.write_bytes(content)
    assert given_files.signature(file) == TEXT


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"not base64!", b"abc", BYTES * 10, TEXT.encode() * 10, None],
    ids=["empty", "blank", "words", "cut off", "too long", "too long in base64", "not there"],
)
def test_what_is_no_signature_is_said_to_be_none(tmp_path, content):
    file = tmp_path / "fw.sig"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(AppError) as refused:
        given_files.signature(file)
    assert (refused.value.code, refused.value.params["file"]) == ("signature_unreadable", "fw.sig")
