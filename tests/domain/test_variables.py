"""Names of what is set inside a station, and when two values say the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import AppError
from app.domain.variables import VariableId, is_secret, same_value

PART = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs"]), min_size=1, max_size=12)
PLACE = st.integers(0, 99)


@given(PART, PART, st.none() | PART, st.none() | PLACE, st.none() | PLACE, st.none() | PART)
def test_a_name_is_read_back_as_it_was_written(component, name, instance, evse, connector, of):
    variable = VariableId(component, name, instance, evse, connector if evse is not None else None, of)
    assert VariableId.read(str(variable)) == variable


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        (VariableId("AuthCtrlr", "OfflineTxForUnknownIdEnabled"), "AuthCtrlr.OfflineTxForUnknownIdEnabled"),
        (VariableId("EVSE", "Power", evse=1), "EVSE(1).Power"),
        (VariableId("Connector", "Available", evse=1, connector=2), "Connector(1,2).Available"),
        (
            VariableId("DeviceDataCtrlr", "ItemsPerMessage", of="GetVariables"),
            "DeviceDataCtrlr.ItemsPerMessage[GetVariables]",
        ),
        (VariableId("Vendor.Box", "a(b)"), r"Vendor\.Box.a\(b\)"),
    ],
)
def test_names_are_as_people_write_them(variable, text):
    assert str(variable) == text
    assert VariableId.read(text) == variable


@pytest.mark.parametrize("text", ["", "LocalPreAuthorize", ".", "A.", ".b", "A(x).b", "A.b.c", "A[.b"])
def test_what_is_no_name_of_a_variable_is_said_to_be_none(text):
    with pytest.raises(AppError, match="variable_name_unreadable"):
        VariableId.read(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [("true", "TRUE"), ("A,B", "'A, B'"), ("60", "60.0"), ("060", " 60"), ("", " "), ("-1.50", "-1.5")],
)
def test_what_says_the_same_is_the_same(one, other):
    assert same_value(one, other)


@pytest.mark.parametrize(("one", "other"), [("true", "false"), ("A,B", "A"), ("60", "61"), ("-1", "1"), ("1.50", "15")])
def test_what_says_something_else_is_not(one, other):
    assert not same_value(one, other)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("AuthorizationKey", True),
        ("SecurityCtrlr.BasicAuthPassword", True),
        ("WifiPassphrase", True),
        ("LocalPreAuthorize", False),
        ("ConnectionTimeOut", False),
    ],
)
def test_passwords_and_keys_are_known_by_their_names(name, secret):
    assert is_secret(name) is secret
